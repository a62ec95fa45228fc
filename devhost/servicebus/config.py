"""Read entities from a file in the shape of the official emulator's Config.json."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devhost.servicebus.config_values import duration, known, refuse_twins
from devhost.servicebus.entities.filters import PROPERTY_FIELDS, CorrelationFilter
from devhost.servicebus.entities.settings import (
    MINUTE,
    Config,
    QueueConfig,
    QueueSettings,
    SubscriptionConfig,
    TopicConfig,
)
from devhost.servicebus.errors import ConfigError

_TTL = "DefaultMessageTimeToLive"
_WINDOW = "DuplicateDetectionHistoryTimeWindow"
_TOPIC_KEYS = {_TTL: str, "RequiresDuplicateDetection": bool, _WINDOW: str}
_SUBSCRIPTION_KEYS = {
    _TTL: str,
    "DeadLetteringOnMessageExpiration": bool,
    "LockDuration": str,
    "MaxDeliveryCount": int,
    "RequiresSession": bool,
    "ForwardTo": str,
    "ForwardDeadLetteredMessagesTo": str,
}
_QUEUE_KEYS = {**_TOPIC_KEYS, **_SUBSCRIPTION_KEYS}
_RULE_KEYS = {"FilterType": str, "CorrelationFilter": dict, "SqlFilter": dict, "Action": dict}
_CORRELATION_KEYS = {
    **dict.fromkeys(PROPERTY_FIELDS, str),
    "Properties": dict,
    "ApplicationProperties": dict,
}


def load_config(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: It cannot be read, or asks for something that this broker does not do.
    """
    try:
        return _config(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _config(document: object) -> Config:
    top = known(document, "the file", {"UserConfig": dict})
    user = known(top.get("UserConfig"), "UserConfig", {"Namespaces": list, "Logging": dict})
    spaces = user.get("Namespaces", [])
    if len(spaces) != 1:
        raise ConfigError("UserConfig.Namespaces must hold exactly one namespace")
    space = known(spaces[0], "the namespace", {"Name": str, "Queues": list, "Topics": list})
    queues = tuple(_queue(name, entity) for name, entity in _named(space, "Queues", "queue", {}))
    parts = {"Subscriptions": list}
    topics = tuple(_topic(name, entity) for name, entity in _named(space, "Topics", "topic", parts))
    refuse_twins("the namespace", [queue.name for queue in queues] + [topic.name for topic in topics])
    return Config(queues=queues, topics=topics)


def _queue(name: str, entity: dict[str, Any]) -> QueueConfig:
    where = f"queue {name}"
    properties = known(entity.get("Properties", {}), where, _QUEUE_KEYS)
    return QueueConfig(name=name, settings=_settings(where, properties), duplicate_window=_window(where, properties))


def _topic(name: str, entity: dict[str, Any]) -> TopicConfig:
    where = f"topic {name}"
    properties = known(entity.get("Properties", {}), where, _TOPIC_KEYS)
    subscriptions = tuple(
        _subscription(f"{where}, subscription {sub}", sub, part)
        for sub, part in _named(entity, "Subscriptions", f"{where}, subscription", {"Rules": list})
    )
    refuse_twins(where, [subscription.name for subscription in subscriptions])
    return TopicConfig(
        name=name,
        default_ttl=duration(where, _TTL, properties.get(_TTL)),
        duplicate_window=_window(where, properties),
        subscriptions=subscriptions,
    )


def _subscription(where: str, name: str, entity: dict[str, Any]) -> SubscriptionConfig:
    properties = known(entity.get("Properties", {}), where, _SUBSCRIPTION_KEYS)
    rules = [_rule(f"{where}, rule {rule}", part) for rule, part in _named(entity, "Rules", f"{where}, rule", {})]
    filters = tuple(rule for rule in rules if rule is not None)
    takes_all = len(filters) < len(rules)
    return SubscriptionConfig(name=name, settings=_settings(where, properties), filters=() if takes_all else filters)


def _settings(where: str, properties: dict[str, Any]) -> QueueSettings:
    if properties.get("RequiresSession"):
        raise ConfigError(f"{where}: sessions are not supported")
    if properties.get("ForwardTo") or properties.get("ForwardDeadLetteredMessagesTo"):
        raise ConfigError(f"{where}: forwarding is not supported")
    deliveries = properties.get("MaxDeliveryCount", 10)
    if not 1 <= deliveries <= 2000:
        raise ConfigError(f"{where}: MaxDeliveryCount must be 1 to 2000")
    return QueueSettings(
        lock_duration=duration(where, "LockDuration", properties.get("LockDuration")) or MINUTE,
        max_delivery_count=deliveries,
        default_ttl=duration(where, _TTL, properties.get(_TTL)),
        dead_letter_on_expiry=properties.get("DeadLetteringOnMessageExpiration", False),
    )


def _rule(where: str, entity: dict[str, Any]) -> CorrelationFilter | None:
    """Return the rule's filter, or None for the filter that is always true."""
    properties = known(entity.get("Properties", {}), where, _RULE_KEYS)
    if properties.get("Action"):
        raise ConfigError(f"{where}: rule actions are not supported")
    kind = properties.get("FilterType", "Sql" if "SqlFilter" in properties else "Correlation")
    if kind == "Sql":
        sql = known(properties.get("SqlFilter", {}), where, {"SqlExpression": str})
        if sql.get("SqlExpression", "").replace(" ", "") != "1=1":
            raise ConfigError(f"{where}: SQL filters are not supported, except 1=1")
        return None
    if kind != "Correlation":
        raise ConfigError(f"{where}: unknown FilterType {kind!r}")
    stated = known(properties.get("CorrelationFilter", {}), where, _CORRELATION_KEYS)
    own = {**stated.get("Properties", {}), **stated.get("ApplicationProperties", {})}
    fields = tuple((PROPERTY_FIELDS[key], stated[key]) for key in stated if key in PROPERTY_FIELDS)
    if not fields and not own:
        raise ConfigError(f"{where}: the correlation filter states nothing")
    return CorrelationFilter(fields=fields, application_properties=tuple(own.items()))


def _window(where: str, properties: dict[str, Any]) -> int | None:
    if not properties.get("RequiresDuplicateDetection"):
        return None
    return duration(where, _WINDOW, properties.get(_WINDOW, "PT10M"))


def _named(
    parent: dict[str, Any], key: str, where: str, parts: Mapping[str, type]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in parent.get(key, []):
        entity = known(item, where, {"Name": str, "Properties": dict, **parts})
        name = entity.get("Name", "").strip("/")
        if not name or ("$" in name and key != "Rules"):
            raise ConfigError(f"{where}: a name is missing or unusable")
        yield name, entity
