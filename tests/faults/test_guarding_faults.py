"""A takeover feared, broken once at every seam: told of, proven twice, announced, stopped, cleared, and carried out."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from builders import MIRA, MemoryServices
from faulty_world import RESTS, Fault, Seam, World
from matrices import all_mended
from takeovers import APP, OLD, OLGA, OTTO, announced_to, app, codes_to, operator

from shared import wiring
from shared.domain.errors import Conflict, StaleState, Transient
from shared.domain.states import Happening, State
from shared.messages.inputs import ClearDoubt, NoteAccountEvent, SubmitRequest
from shared.use_cases.caller import Caller

KINDS = ("crash before", "crash after", "throttled", "answer lost")
DURING = {"tell", "stop", "clear"}
REASON = ClearDoubt(reason="Called back at the number on record.")
ASKED = SubmitRequest(rights=("erasure",))


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


class GuardedWorld(World):
    """A life in which the app tells of an account, and its owner stops what somebody asked."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(fault)
        self.raw.settings = self.raw.settings.model_copy(update={"app_clients": APP})
        self.services = self._started(self.raw)

    async def until_done(self, during: str, work: Callable[[MemoryServices], Awaitable[Any]]) -> Any:
        """Do something as somebody does who tries again when no answer comes."""
        for _ in range(4):
            with suppress(Transient, StaleState):
                done, answer = await self.tried(during, work)
                if done:
                    return answer
        raise AssertionError(f"never done: {during}")

    async def reaches(self, request_id: str, state: State) -> None:
        """Prove what is asked, and let time pass, until the request is in a state."""
        for _ in range(20):
            await self.deliver()
            request = (await self.raw.requests.read(request_id)).row
            if request.state is state:
                return
            if request.state is State.IDENTITY_PENDING and request.verification.mailed:
                await self._proven(request)
                continue
            self.raw.clock.now += RESTS
            self.raw.bus.elapse(RESTS)
            with suppress(Transient, StaleState):
                await self.tried("sweep", lambda it: it.sweep_waits())
        raise AssertionError(f"never {state}")

    async def asked(self) -> str:
        request = await self.until_done("http", lambda it: it.submit(ASKED, MIRA.caller(), "en", "api", b"{}", "key-1"))
        return str(request.id)


async def lived(fault: Fault | None) -> tuple[GuardedWorld, list[str]]:
    """Live to the end; return what is not as it has to be."""
    world = GuardedWorld(fault)
    raw = world.raw
    event = {"tenant": MIRA.tenant, "objectId": MIRA.object_id, "happening": "address_changed", "at": raw.clock()}
    event |= {"previousAddress": OLD, "address": MIRA.email}
    await world.until_done("tell", lambda it: it.noting_account_events(app(), NoteAccountEvent.model_validate(event)))
    request_id = await world.asked()
    await world.reaches(request_id, State.COOLING_OFF)
    secret = raw.references.stop_secret(request_id)
    await world.until_done("stop", lambda it: it.stopping_requests(Caller(network="n-9"), request_id, secret))
    await world.deliver()
    stopped = (await raw.requests.read(request_id)).row
    untouched = len(raw.store.drawers["memory", "users"].rows)
    for person in (OLGA, OTTO):
        # Whoever got no answer to what was done all the same hears that there is nothing to clear any more.
        with suppress(Conflict):
            await world.until_done(
                "clear", lambda it, who=person: it.clearing_doubts(operator(who), request_id, REASON)
            )
    await world.heals(request_id)
    request = (await raw.requests.read(request_id)).row
    history = [line.happening for line in await raw.requests.history(request_id)]
    checks = {
        "a code went to the previous address": len(set(codes_to(raw, OLD))) == 1,
        "it was announced there": bool(announced_to(raw, OLD)),
        "it was stopped": stopped.state is State.DOUBTED and untouched == 3,
        "each is on record once": all(
            history.count(one) == 1
            for one in (Happening.SECOND_PROOF_ASKED, Happening.DOUBT_RAISED, Happening.DOUBT_CLEARED)
        ),
        "it was carried out": request.state is State.COMPLETED,
        "what was told is forgotten": await _is_forgotten(world),
        "nothing is dead": not world.life.dead,
    }
    return world, [name for name, well in checks.items() if not well]


async def _is_forgotten(world: GuardedWorld) -> bool:
    before = len(world.raw.account_events.events)
    world.raw.clock.advance(days=61)
    await world.until_done("forget", lambda it: it.noting_account_events.sweep())
    return before == 1 and not world.raw.account_events.events


async def test_an_undisturbed_life_meets_every_seam_of_a_takeover():
    world, wrong = await lived(None)
    assert wrong == []
    met = {(seam.during, seam.port) for seam in world.life.calls}
    assert {("tell", "account_events"), ("tell", "keys"), ("plan_request", "account_events")} <= met
    assert {("stop", "requests"), ("clear", "requests"), ("forget", "account_events"), ("forget", "keys")} <= met


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_breaks_a_takeover_is_met_and_a_request_goes_on(kind, told):
    calm, _ = await lived(None)
    chosen: list[tuple[Seam, int]] = []
    for seam, calls in calm.life.calls.items():
        if seam.during in DURING or seam.port == "account_events":
            chosen += [(seam, at) for at in sorted({1, calls})]
    await all_mended("takeovers", kind, chosen, lived, told)
    assert len(chosen) > 10
