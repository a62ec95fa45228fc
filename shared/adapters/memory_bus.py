"""A bus held in memory. It never drops what was sent twice: correctness may not rest on that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.messages.commands import AnyCommand, ProcessingChanged

_NOW = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A command on its way, and how long until it is delivered."""

    command: AnyCommand
    delay: timedelta = _NOW


class MemoryBus:
    """`sent` is everything ever sent, in order; `waiting` what was not delivered yet to a function of ours.

    Word that limits on processing changed is for services: no function takes it.
    """

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.waiting: list[Sent] = []

    async def send(self, commands: Sequence[AnyCommand], delay: timedelta | None = None) -> None:
        """Send commands."""
        sent = [Sent(command=command, delay=delay or _NOW) for command in commands]
        self.sent.extend(sent)
        self.waiting.extend(one for one in sent if not isinstance(one.command, ProcessingChanged))

    async def reach(self) -> None:
        """Answer."""

    def deliver(self) -> list[AnyCommand]:
        """Take, in order, every command whose time has come."""
        due = [sent.command for sent in self.waiting if sent.delay <= _NOW]
        self.waiting = [sent for sent in self.waiting if sent.delay > _NOW]
        return due

    def elapse(self, time: timedelta) -> None:
        """Bring every delayed command nearer."""
        self.waiting = [replace(sent, delay=sent.delay - time) for sent in self.waiting]
