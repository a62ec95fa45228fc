"""How every use case moves a request: commit first, send then, try again when somebody else was first."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import StaleState, Transient
from shared.domain.request import Request, RequestId
from shared.messages.commands import AnyCommand
from shared.ports.bus import Bus
from shared.ports.requests import Move, RequestStore, Versioned

log = logging.getLogger(__name__)
RETRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Commits moves and sends what they open."""

    requests: RequestStore
    bus: Bus

    async def commit(self, move: Move, also_send: Sequence[AnyCommand] = ()) -> None:
        """Commit a move, then send the commands it opens.

        When the bus cannot be reached the move stands: its commands are open, and the sweep sends them again.

        Raises:
            StaleState: nothing was written and nothing sent.
        """
        await self.requests.commit(move)
        await self.send([*move.opens, *also_send])

    async def send(self, commands: Sequence[AnyCommand], delay: timedelta | None = None) -> None:
        """Send commands whose being open is on record already, or that may be lost."""
        if not commands:
            return
        try:
            await self.bus.send(commands, delay)
        except Transient as error:
            log.warning("bus unreachable, left to the sweep request_id=%s code=%s", commands[0].request_id, error.code)

    async def from_read[T](self, read: Versioned[Request], decide: Callable[[Versioned[Request]], Awaitable[T]]) -> T:
        """Decide on a row as it was read; when somebody else moved it meanwhile, on the newest."""
        try:
            return await decide(read)
        except StaleState:
            return await self.on_newest(read.row.id, decide)

    async def on_newest[T](self, request_id: RequestId, decide: Callable[[Versioned[Request]], Awaitable[T]]) -> T:
        """Read the request and decide; decide again on the newest row when somebody else moved it first.

        Raises:
            StaleState: still so after several tries.
        """
        for _ in range(RETRIES - 1):
            try:
                return await decide(await self.requests.read(request_id))
            except StaleState:
                continue
        return await decide(await self.requests.read(request_id))
