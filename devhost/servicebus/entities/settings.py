"""What a configuration says about one entity; durations are milliseconds."""

from dataclasses import dataclass, field

from devhost.servicebus.entities.filters import CorrelationFilter

SECOND = 1000
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """How a queue, or a subscription's queue, treats its messages; no TTL means for ever."""

    lock_duration: int = MINUTE
    max_delivery_count: int = 10
    default_ttl: int | None = None
    dead_letter_on_expiry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueConfig:
    """A queue; without a window it does not look for duplicates."""

    name: str
    settings: QueueSettings = QueueSettings()
    duplicate_window: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionConfig:
    """A subscription; it takes what any of its filters matches, and everything when it has none."""

    name: str
    settings: QueueSettings = QueueSettings()
    filters: tuple[CorrelationFilter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfig:
    """A topic; without a window it does not look for duplicates."""

    name: str
    default_ttl: int | None = None
    duplicate_window: int | None = None
    subscriptions: tuple[SubscriptionConfig, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All entities of the broker."""

    queues: tuple[QueueConfig, ...] = field(default=())
    topics: tuple[TopicConfig, ...] = field(default=())
