"""The bus that carries commands to the functions that do them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from shared.messages.commands import AnyCommand


class Bus(Protocol):
    """Sends commands to the queue or topic of their kind. At least once; order is not promised."""

    async def send(self, commands: Sequence[AnyCommand], delay: timedelta | None = None) -> None:
        """Send commands, those of one queue in as few operations as may be; with `delay`, not delivered before.

        Raises:
            Transient: the bus could not be reached; nothing is known about which were sent.
        """
        ...

    async def reach(self) -> None:
        """Make one round trip to the bus that changes nothing.

        Raises:
            Transient: the bus does not answer.
        """
        ...
