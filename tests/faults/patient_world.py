"""Lives in which people come back: they try again when no answer comes, and wait for days."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any

from builders import MIRA, MemoryServices
from faulty_world import RESTS, Fault, Seam, World

from shared.domain.errors import Conflict, StaleState, Transient
from shared.domain.request import Request, RequestId
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest

type Chosen = list[tuple[Seam, int]]


class PatientWorld(World):
    """A world whose people do one thing after another. Without a fault it notes which calls write."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(fault)
        if fault is None:
            self.life.writes = {}

    async def until_done(self, during: str, work: Callable[[MemoryServices], Awaitable[Any]]) -> Any:
        """Do something as somebody does who tries again when no answer comes, and may hear that it was done."""
        for tries in range(4):
            try:
                done, answer = await self.tried(during, work)
            except (Transient, StaleState):
                continue
            except Conflict:
                assert tries, f"refused at once: {during}"
                return None
            if done:
                return answer
        raise AssertionError(f"never done: {during}")

    async def asks(self, submitted: SubmitRequest) -> str:
        """Ask as Mira, signed in."""
        body = submitted.model_dump_json().encode()
        request = await self.until_done(
            "http", lambda it: it.submit(submitted, MIRA.caller(), "en", "api", body, "key-1")
        )
        return str(request.id)

    async def passes(self, **time: float) -> None:
        """Let time pass and the timer fire, and deliver what follows."""
        self.raw.clock.advance(**time)
        self.raw.bus.elapse(RESTS)
        with suppress(Transient, StaleState):
            await self.tried("sweep", lambda it: it.sweep_waits())
        await self.deliver()

    async def reaches(self, request_id: str, *states: State) -> Request:
        """Prove what is asked, and let time pass, until a request is in one of some states with nothing open."""
        await self.deliver()
        for _ in range(20):
            request = await self.now(request_id)
            if request.state is State.IDENTITY_PENDING and request.verification.mailed:
                await self._proven(request)
                await self.deliver()
            elif request.state in states and not (await self.raw.requests.load(request_id)).open:
                return request
            else:
                await self.passes(seconds=RESTS.total_seconds())
        raise AssertionError(f"never {states}: {request.state}")

    def mails(self) -> Counter[tuple[str, str]]:
        """Count mails by address and subject; the same one sent again is known by its key."""
        return Counter((to, subject) for _, to, subject in {(m.key, m.to, m.subject) for m in self.raw.mailer.sent})

    async def now(self, request_id: str) -> Request:
        return (await self.raw.requests.read(RequestId(request_id))).row


def sampled(world: World, kept: Callable[[Seam], bool] = lambda _: True) -> Chosen:
    """Return the calls to break: of every seam its first write, one in between and its last, or else its first call.

    A life of days crosses some seams dozens of times in the same way; breaking each would say little more.
    """
    assert world.life.writes
    found: Chosen = []
    for seam in filter(kept, world.life.calls):
        wrote = world.life.writes.get(seam, [1])
        found += [(seam, at) for at in sorted({wrote[0], wrote[len(wrote) // 2], wrote[-1]})]
    return found


async def all_mended(
    what: str,
    kind: str,
    chosen: Collection[tuple[Seam, int]],
    lived: Callable[[Fault], Awaitable[tuple[World, list[str]]]],
    told: Callable[[tuple[str, int, int, int, int]], None],
) -> None:
    """Live once for every call that is to break; every such life has to come to the same end."""
    wrong, crashes = {}, 0
    for seam, at in chosen:
        fault = Fault(seam, kind, at)
        try:
            world, found = await lived(fault)
            crashes += world.life.crashes
        except AssertionError as error:
            found = [str(error)]
        if found or not fault.struck:
            wrong[f"{'/'.join(seam)} #{at}"] = found or ["it never broke"]
    told((f"{what}, {kind}", len({seam for seam, _ in chosen}), len(chosen), crashes, len(chosen) - len(wrong)))
    assert not wrong, wrong
