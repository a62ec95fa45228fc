"""A request that people ask about, take longer for and refuse in part, broken once at every seam of theirs."""

from collections import Counter
from datetime import date, timedelta

import pytest
from builders import MIRA, data_map, put
from deciding_world import FIRST, SECOND, WORDS
from faulty_world import Fault, Seam
from matrices import all_mended, sampled
from measuring_world import services
from patient_world import PatientWorld
from test_fault_matrix import broken_at
from test_measure_faults import set_under

from shared import wiring
from shared.domain.request import Request
from shared.domain.states import Happening, State
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict
from shared.messages.inputs import SubmitRequest

KINDS = ("crash before", "crash after", "throttled", "answer lost")
ELSEWHERE = {"run_service_task", "assemble_export"}  # how copies are made is broken in a matrix of its own
ASKED = SubmitRequest.model_validate(
    {"rights": ["objection", "access"], "details": {"objection": {"purposes": ["statistics"]}}, "email": MIRA.email}
)
QUESTION, ANSWER = "Which of your mailboxes do you mean?", "The one in Utrecht."
AGAINST = ProposeVerdict(part=0, outcome="refused", ground="compelling_grounds", text=WORDS)
DUE = date(2027, 2, 4)  # three months from 2 November, and the two days that did not count
MAILS = {
    (MIRA.email, "Your code for Spinpanel"): 1,
    (MIRA.email, "Your personal data is ready"): 1,
    (MIRA.email, "We have a question about your request"): 1,
    (MIRA.email, "We need more time for your request"): 1,
    (MIRA.email, "Our answer to your request"): 1,
}
ONCE = (
    Happening.CLARIFICATION_ASKED,
    Happening.CLARIFIED,
    Happening.EXTENDED,
    Happening.VERDICT_PROPOSED,
    Happening.VERDICT_GIVEN,
    Happening.DECIDED,
    Happening.SETTLED_PARTIAL,
)


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


class DecidingWorld(PatientWorld):
    """A life in which an objection is weighed, and three people say something about it."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(fault)
        self.raw.maps.map = data_map(services())
        for drawer in ("readers", "visits"):
            put(self.store, drawer, {"email": MIRA.email})

    async def clarified(self, request_id: str) -> None:
        """Let an operator ask, and Mira answer two days later."""
        await self.until_done("ask", lambda it: it.clarifying.ask(FIRST, request_id, QUESTION))
        await self.reaches(request_id, State.CLARIFYING)
        await self.passes(days=2)
        await self.until_done("answer", lambda it: it.clarifying.answer(MIRA.caller(), request_id, ANSWER))
        await self.reaches(request_id, State.DECIDING)

    async def refused(self, request_id: str) -> None:
        """Let one person propose to refuse the objection, and another one confirm it."""
        proposed = await self.until_done("propose", lambda it: it.deciding_parts.propose(FIRST, request_id, AGAINST))
        assert not proposed.verdict(0)
        agreed = ConfirmVerdict(part=0, verdictHash=proposed.verdicts[0].hash)
        await self.until_done("confirm", lambda it: it.deciding_parts.confirm(SECOND, request_id, agreed))
        await self.reaches(request_id, State.PARTIALLY_COMPLETED)


async def lived(fault: Fault | None) -> tuple[DecidingWorld, list[str]]:
    """Live to the end; return what is not as it has to be."""
    world = DecidingWorld(fault)
    request_id = await world.asks(ASKED)
    await world.reaches(request_id, State.DECIDING)
    limited = await set_under(world, request_id)
    await world.clarified(request_id)
    await world.until_done("extend", lambda it: it.extending(FIRST, request_id, "complexity"))
    await world.refused(request_id)
    for _ in range(3):
        await world.passes(days=1.1)
    await world.passes(minutes=5)
    ended = await set_under(world, request_id)
    checks = {
        "the objection held while it was weighed": all("objection" in one for one in limited.values()),
        "it ended after it was refused": all(one == ["told"] for one in ended.values()),
        "nothing is dead": not world.life.dead,
    }
    return world, [*(name for name, well in checks.items() if not well), *await _not_decided_once(world, request_id)]


async def _not_decided_once(world: DecidingWorld, request_id: str) -> list[str]:
    """Return what is wrong with how the request ended, and with what it says of that."""
    request, history = await world.now(request_id), await world.raw.requests.history(request_id)
    happened = Counter(line.happening for line in history)
    told = Counter(one.notice for one in request.told)
    dossier = await world.raw.dossiers.of(request)
    due, _ = await world.raw.deadlines.between(request.due_at, request.due_at, 10)
    checks = {
        "its parts ended as decided": {part.right: part.state for part in request.parts}
        == {"objection": State.REFUSED, "access": State.COMPLETED},
        "two people refused it": _who_decided(request) == [(FIRST.principal.object_id, SECOND.principal.object_id)],
        "each step is on record once": all(happened[one] == 1 for one in ONCE),
        "its history holds": broken_at(history) is None,
        "the question has its answer": [(one.text, one.answer) for one in dossier.questions] == [(QUESTION, ANSWER)],
        "its clock stood still once": [one.answered_at - one.asked_at >= timedelta(days=2) for one in request.pauses]
        == [True],
        "it was extended by two months": request.due_at.date() == DUE,
        "it is listed under its day": list(due) == [request_id],
        "each mail was sent once": world.mails() == MAILS,
        "each notice is on record once": set(told.values()) == {1},
        "nothing is asked of anybody": not request.attention,
    }
    return [name for name, well in checks.items() if not well]


def _who_decided(request: Request) -> list[tuple[str, str | None]]:
    return [(one.proposed_by, one.confirmed_by) for one in request.verdicts]


def of_people(seam: Seam) -> bool:
    return seam.during not in ELSEWHERE


async def test_an_undisturbed_life_meets_every_seam_of_a_decision():
    world, wrong = await lived(None)
    assert wrong == []
    met = {(seam.during, seam.port, seam.method) for seam in world.life.writes}
    for during in ("ask", "answer", "extend", "propose", "confirm"):
        assert (during, "requests", "commit") in met


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_breaks_a_request_is_decided_once(kind, told):
    calm, _ = await lived(None)
    chosen = sampled(calm, of_people)
    await all_mended("decisions", kind, chosen, lived, told)
    assert len(chosen) > 60
