"""The end of an event loop turn: deliver what can be delivered, commit, and only then let bytes out."""

from asyncio import AbstractEventLoop, Handle
from collections.abc import Callable
from typing import Protocol

from devhost.servicebus.errors import StoreError
from devhost.servicebus.store import Store


class Dispatching(Protocol):
    """Something that delivers at the end of a turn."""

    def dispatch(self) -> None:
        """Deliver what can be delivered."""


class Flushing(Protocol):
    """Something that writes at the end of a turn."""

    def flush(self) -> None:
        """Write what has gathered."""


class Turn:
    """Gathers the queues and connections touched in a turn and closes it once."""

    def __init__(self, loop: AbstractEventLoop, store: Store, fail: Callable[[StoreError], None]) -> None:
        self._loop = loop
        self._store = store
        self._fail = fail
        self._queues: dict[Dispatching, None] = {}
        self._outputs: dict[Flushing, None] = {}
        self._ending: Handle | None = None

    def dispatch(self, queue: Dispatching) -> None:
        """Let `queue` deliver before the turn ends."""
        self._queues[queue] = None
        self.mark()

    def flush(self, output: Flushing) -> None:
        """Let `output` write after the commit."""
        self._outputs[output] = None
        self.mark()

    def mark(self) -> None:
        """Make sure that the turn is closed, because something was changed."""
        if self._ending is None:
            self._ending = self._loop.call_soon(self.end)

    def end(self) -> None:
        """Close the turn now."""
        while self._queues:
            queues, self._queues = self._queues, {}
            for queue in queues:
                queue.dispatch()
        try:
            self._store.commit()
        except StoreError as error:
            self._fail(error)
            return
        self._ending = None
        outputs, self._outputs = self._outputs, {}
        for output in outputs:
            output.flush()
