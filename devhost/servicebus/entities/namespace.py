"""All entities of the broker, found by address."""

from heapq import merge
from itertools import islice

from devhost.servicebus.entities.duplicates import DuplicateHistory
from devhost.servicebus.entities.ingress import Ingress, Route
from devhost.servicebus.entities.message import Message, State
from devhost.servicebus.entities.queue import Queue
from devhost.servicebus.entities.settings import Config, QueueSettings
from devhost.servicebus.entities.timers import Timers
from devhost.servicebus.entities.turn import Turn
from devhost.servicebus.store import Store

DEAD_LETTERS = "/$deadletterqueue"


class Namespace:
    """Builds the entities of a configuration and gives them back what the store kept."""

    def __init__(self, config: Config, store: Store, timers: Timers, turn: Turn) -> None:
        self._store = store
        self._timers = timers
        self._turn = turn
        self._queues: dict[str, Queue] = {}
        self._ingresses: dict[str, Ingress] = {}
        self._histories: dict[str, DuplicateHistory] = {}
        for queue in config.queues:
            route = Route(self._add_queue(queue.name.lower(), queue.settings))
            self._add_ingress(queue.name, (route,), None, queue.duplicate_window)
        for topic in config.topics:
            routes = tuple(
                Route(self._add_queue(f"{topic.name}/subscriptions/{sub.name}".lower(), sub.settings), sub.filters)
                for sub in topic.subscriptions
            )
            self._add_ingress(topic.name, routes, topic.default_ttl, topic.duplicate_window)
        self._restore()

    def queue(self, path: str) -> Queue | None:
        """Return where to receive at this lower-case path: a queue, a subscription or one's dead letters."""
        return self._queues.get(path)

    def ingress(self, path: str) -> Ingress | None:
        """Return where to send at this lower-case path: a queue or a topic."""
        return self._ingresses.get(path)

    def peek(self, queue: Queue, sequence: int, count: int) -> list[Message]:
        """Return messages in order of sequence, scheduled ones among them."""
        ingress = self._ingresses.get(queue.name)
        scheduled = ingress.scheduled_from(sequence) if ingress else iter(())
        both = merge(queue.messages_from(sequence), scheduled, key=lambda message: message.sequence)
        return list(islice(both, count))

    def _add_queue(self, name: str, settings: QueueSettings) -> Queue:
        parts = (self._store, self._timers, self._turn)
        dead = Queue(name + DEAD_LETTERS, QueueSettings(lock_duration=settings.lock_duration), None, *parts)
        queue = Queue(name, settings, dead, *parts)
        self._queues[dead.name] = dead
        self._queues[name] = queue
        return queue

    def _add_ingress(self, name: str, routes: tuple[Route, ...], ttl: int | None, window: int | None) -> None:
        name = name.lower()
        parts = (self._store, self._timers, self._turn)
        history = None if window is None else DuplicateHistory(name, window, *parts)
        if history is not None:
            self._histories[name] = history
        self._ingresses[name] = Ingress(name, routes, ttl, history, *parts)

    def _restore(self) -> None:
        for entity, message in self._store.messages():
            places = self._ingresses if message.state is State.SCHEDULED else self._queues
            if entity in places:
                places[entity].restore(message)
        for entity, message_id, until in self._store.duplicates():
            if entity in self._histories:
                self._histories[entity].restore(message_id, until)
