"""What those who decide get to see: decisions and proposals, what was asked, and what became of many at once."""

from typing import TYPE_CHECKING, Literal, Self

from pydantic import AwareDatetime

from functions._views import Output, PublicState
from shared.domain.ask import Ask
from shared.domain.request import Request
from shared.domain.verdict import Ground, Outcome, Verdict

if TYPE_CHECKING:
    from shared.use_cases.reading_asks import Shown


class VerdictView(Output):
    """A decision, or what somebody proposed. `verdict_hash` is what a second person confirms; `text` is for deciders.

    Without `part` it is on all of the request.
    """

    part: int | None = None
    outcome: Outcome
    ground: Ground | None = None
    corrections: list[int]
    verdict_hash: str
    text: str | None = None
    proposed_by: str
    proposed_at: AwareDatetime
    confirmed_by: str | None = None
    given_at: AwareDatetime | None = None

    @classmethod
    def of(cls, verdict: Verdict, text: str | None = None) -> Self:
        """Tell of a verdict."""
        told = verdict.model_dump(include=set(cls.model_fields) - {"text", "verdict_hash"})
        return cls.model_validate(told | {"verdict_hash": verdict.hash, "text": text})


class Undecided(Output):
    """A request that waits for people: its parts by number, and what was decided or proposed so far."""

    id: str
    status: PublicState
    due_at: AwareDatetime
    rights: list[str]
    awaits: list[int]
    attention: list[str]
    verdicts: list[VerdictView]

    @classmethod
    def of(cls, request: Request) -> Self:
        """Tell of a request."""
        return cls.model_validate(_undecided(request) | {"verdicts": [VerdictView.of(one) for one in request.verdicts]})


class UndecidedList(Output):
    """A page of requests that wait for decisions, the first due first."""

    requests: list[Undecided]
    cursor: str | None = None


class QuestionView(Output):
    """What a person was asked, and what they answered."""

    text: str
    asked_at: AwareDatetime
    answer: str | None = None


class AskView(Undecided):
    """What a request asks, by right, in the person's own words; never who it is about."""

    asks: dict[str, Ask]
    questions: list[QuestionView]
    channel: str
    evidence: str | None = None

    @classmethod
    def of_shown(cls, shown: "Shown") -> Self:
        """Tell what lies sealed about a request, but for who it is about."""
        request = shown.request
        return cls.model_validate(
            _undecided(request)
            | {
                "verdicts": [VerdictView.of(one, text) for one, text in shown.verdicts],
                "asks": shown.asks,
                "questions": [one.model_dump() for one in shown.questions],
                "channel": request.channel,
                "evidence": shown.recorded.evidence if shown.recorded else None,
            }
        )


class Ended(Output):
    """What became of each request that was to be ended for lack of a proof."""

    outcomes: dict[
        str, Literal["proposed", "ended", "not_found", "not_lapsed", "not_proposed", "own_proposal", "not_allowed"]
    ]


class Reopened(Output):
    """How many mails of a batch are to be told again."""

    reopened: int


def _undecided(request: Request) -> dict[str, object]:
    return {
        "id": request.id,
        "status": request.public,
        "due_at": request.due_at,
        "rights": [part.right for part in request.parts],
        "awaits": request.undecided,
        "attention": list(request.attention),
    }
