"""Show what is sealed about a request to whoever decides it; that they looked stays on record."""

from dataclasses import dataclass

from shared.domain.ask import Ask
from shared.domain.dossier import Question, Recorded
from shared.domain.request import Request, RequestId
from shared.domain.states import Happening
from shared.domain.verdict import Verdict
from shared.ports.requests import Move, RequestStore, Versioned
from shared.ports.world import Clock
from shared.use_cases.caller import Caller, require_decider
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.uninvolved import Uninvolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was asked in the person's own words, what was said since, and each verdict with its text in clear."""

    request: Request
    asks: dict[str, Ask]
    questions: tuple[Question, ...]
    recorded: Recorded | None
    verdicts: tuple[tuple[Verdict, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingAsks:
    """Never shows who it is about, nor anything to an account of the subject's own."""

    requests: RequestStore
    dossiers: Dossiers
    uninvolved: Uninvolved
    mover: Mover
    clock: Clock
    home_tenant: str

    async def __call__(self, caller: Caller, request_id: RequestId) -> Shown:
        """Return what to decide by, once the look is on record.

        Raises:
            NotSignedIn, NotAllowed: the caller may not decide, is the subject, or had a part in what is complained of.
            NotFound: there is no such request.
            Gone: its key was shredded.
        """
        decider = require_decider(caller, self.home_tenant)

        async def look(read: Versioned[Request]) -> Shown:
            dossier, seal = await self.dossiers.opened(read.row)
            await self.uninvolved.must_be(decider, read.row, dossier)
            after, entry = read.row.happened(Happening.ASK_READ, self.clock(), actor=decider.object_id)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))
            texts = [None if one.text is None else seal.unlock(one.text).decode() for one in after.verdicts]
            return Shown(
                request=after,
                asks={part.right: dossier.ask(part.right) for part in after.parts},
                questions=dossier.questions,
                recorded=dossier.recorded,
                verdicts=tuple(zip(after.verdicts, texts, strict=True)),
            )

        return await self.mover.on_newest(request_id, look)
