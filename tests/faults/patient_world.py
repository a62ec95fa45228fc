"""Lives in which people come back: they try again when no answer comes, and wait for days."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from builders import MIRA, MemoryServices
from faulty_world import RESTS, Fault, World

from shared.domain.errors import Conflict, StaleState, Transient
from shared.domain.request import Request, RequestId
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest


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
