"""A correction broken once at every seam it crosses: every record says so in the end, and each recipient heard once."""

from contextlib import suppress

import pytest
from builders import MIRA, data_map
from faulty_world import Fault, Seam, World, services
from matrices import all_mended

from shared import wiring
from shared.domain.errors import StaleState, Transient
from shared.domain.service_task import TaskState, Work
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest

RIGHT = "what it was"
ASKED = SubmitRequest.model_validate(
    {
        "rights": ["rectification"],
        "details": {"rectification": {"corrections": [{"dataset": "deals", "field": "deal", "value": RIGHT}]}},
    }
)
KINDS = ("crash before", "crash after", "throttled", "answer lost")
WORK = {"plan_request", "advance_request", "run_service_task", "send_notice"}


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


class CorrectingWorld(World):
    """A life in which somebody who is signed in corrects what seven records say, three at a time."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(fault)
        correctable = services()
        correctable[-1]["datasets"][0]["fields"][2] = {"name": "deal", "category": "user", "rectify": "self"}
        self.raw.maps.map = data_map(correctable)
        self.before = [dict(row) for row in self.deals()]

    def deals(self) -> list[dict]:
        return self.store.drawers["memory", "deals"].rows

    async def asked(self) -> str:
        for _ in range(4):
            with suppress(Transient, StaleState):
                done, request = await self.tried(
                    "http", lambda it: it.submit(ASKED, MIRA.caller(), "en", "api", b"{}", "key-1")
                )
                if done:
                    return str(request.id)
        raise AssertionError("nobody could ask")


async def lived(fault: Fault | None) -> tuple[CorrectingWorld, list[str]]:
    """Live to the end; return what is not as it has to be."""
    world = CorrectingWorld(fault)
    request_id = await world.asked()
    await world.heals(request_id)
    case = await world.raw.requests.load(request_id)
    request, tasks = case.request.row, case.of(Work.RECTIFY)
    hers = {place for place, row in enumerate(world.before) if row["oid"] == MIRA.object_id}
    wanted = [row | {"deal": RIGHT} if place in hers else row for place, row in enumerate(world.before)]
    told = {one.headers["Idempotency-Key"] for one in world.raw.egress.sent}
    boxes = {mail.key for mail in world.raw.mailer.sent if mail.to == "desk@partner.example"}
    checks = {
        "it was answered": request.state is State.COMPLETED,
        "every record says so and no other changed": world.deals() == wanted and len(hers) == 7,
        "its count is right": [(one.state, one.counts) for one in tasks] == [(TaskState.DONE, {"deals": 7})],
        "the partner was told one thing": len(told) == 1,
        "the mailbox was told one thing": len(boxes) == 1,
        "nothing is open": not case.open and not world.raw.bus.waiting,
        "nothing is dead": not world.life.dead,
    }
    return world, [name for name, well in checks.items() if not well]


async def chosen() -> list[tuple[Seam, int]]:
    """Return the calls to break: of every seam that the work crosses the first, one in between, and the last."""
    world, wrong = await lived(None)
    assert wrong == []
    assert {"connector", "requests", "bus", "egress", "mailer"} <= {
        seam.port for seam in world.life.calls if seam.during in WORK
    }
    return [
        (seam, at)
        for seam, calls in world.life.calls.items()
        if seam.during in WORK
        for at in sorted({1, (calls + 1) // 2, calls})
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_breaks_every_record_says_so_in_the_end(kind, told):
    calls = await chosen()
    await all_mended("corrections", kind, calls, lived, told)
    assert len(calls) > 40
