"""Limits on processing, broken once at every seam of being set and of being ended: none is lost, and services hear."""

from contextlib import suppress

import pytest
from builders import MIRA, data_map
from faulty_world import Fault, Seam, World
from matrices import all_mended
from measuring_world import services

from shared import wiring
from shared.domain.errors import StaleState, Transient
from shared.domain.states import Happening, State
from shared.messages.commands import ProcessingChanged
from shared.messages.inputs import SubmitRequest
from shared.use_cases.known_handles import known_as

ASKED = SubmitRequest.model_validate(
    {
        "rights": ["restriction", "objection", "withdraw_consent"],
        "details": {"restriction": {"ground": "18-1-b"}, "objection": {"purposes": ["news"]}},
        "email": MIRA.email,
    }
)
KINDS = ("crash before", "crash after", "throttled", "answer lost")
AROUND = {"measures", "consents", "bus", "keys"}


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


class LimitingWorld(World):
    """A life in which somebody sets limits, and ends those that they may end."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(fault)
        self.raw.maps.map = data_map(services(tells=True))

    async def asked(self) -> str:
        for _ in range(4):
            with suppress(Transient, StaleState):
                done, request = await self.tried(
                    "http", lambda it: it.submit(ASKED, MIRA.caller(), "en", "api", b"{}", "key-1")
                )
                if done:
                    return str(request.id)
        raise AssertionError("nobody could ask")

    async def lifted(self, request_id: str) -> None:
        """End one's own as a person does who tries once, and lets the sweep do the rest."""
        with suppress(Transient, StaleState):
            await self.tried("lift", lambda it: it.lifting_measures.lift_own(MIRA.caller(), request_id))
        if (await self.raw.requests.read(request_id)).row.lifting is None:
            await self.services.lifting_measures.lift_own(MIRA.caller(), request_id)
        for _ in range(3):
            with suppress(Transient, StaleState):
                await self.tried("sweep", lambda it: it.sweep_waits())
            await self.deliver()
            self.raw.clock.advance(minutes=4)


async def set_under(world: World, request_id: str) -> dict[str, list[str]]:
    """What is in force under every handle of the person, by handle, and whether its version was told."""
    raw = world.raw
    request = (await raw.requests.read(request_id)).row
    dossier = await raw.dossiers.of(request)
    told = {(one.command.handle, one.command.version) for one in raw.bus.sent if _is_word(one.command)}
    found = {}
    for one in known_as(request.parts[0], dossier, raw.maps.current()):
        handle = one.handles(raw.references)[0]
        measures, version = await raw.measures.of(handle)
        kinds = [each.kind for each in measures if each.in_force(raw.clock())]
        found[handle] = [*kinds, "told" if (handle, version) in told else "untold"]
    assert len(found) > 3
    return found


def _is_word(command) -> bool:
    return isinstance(command, ProcessingChanged)


async def lived(fault: Fault | None) -> tuple[World, list[str]]:
    """Live to the end; return what is not as it has to be."""
    world = LimitingWorld(fault)
    request_id = await world.asked()
    await world.heals(request_id)
    raw = world.raw
    request = (await raw.requests.read(request_id)).row
    before = await set_under(world, request_id)
    lines = await raw.own_consents(MIRA.caller())
    await world.lifted(request_id)
    after = await set_under(world, request_id)
    history = [line.happening for line in await raw.requests.history(request_id)]
    checks = {
        "it was answered": request.state is State.COMPLETED,
        "all are in force everywhere": all(
            sorted(one) == ["objection", "restriction", "told", "withdrawal"] for one in before.values()
        ),
        "it is on record once": len(lines) == 1,
        "what may end has ended everywhere": all(one == ["withdrawal", "told"] for one in after.values()),
        "its end is on record once": history.count(Happening.LIFTED) == 1,
        "nothing is dead": not world.life.dead,
    }
    return world, [name for name, well in checks.items() if not well]


async def test_an_undisturbed_life_meets_every_seam_of_limits():
    world, wrong = await lived(None)
    assert wrong == []
    met = {(seam.during, seam.port) for seam in world.life.calls}
    assert {("plan_request", "measures"), ("plan_request", "consents"), ("plan_request", "bus")} <= met
    assert {("lift", "measures"), ("lift", "bus")} <= met


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_breaks_all_limits_are_set_told_and_ended(kind, told):
    calm, _ = await lived(None)
    chosen: list[tuple[Seam, int]] = []
    for seam, calls in calm.life.calls.items():
        if seam.port in AROUND and seam.during in {"plan_request", "lift"}:
            chosen += [(seam, at) for at in sorted({1, (calls + 1) // 2, calls})]
    await all_mended("limits", kind, chosen, lived, told)
    assert len(chosen) > 10
