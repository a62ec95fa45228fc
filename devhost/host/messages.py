"""A Service Bus message as the real extension hands it to a function: body, and metadata of a fixed list of names."""

import json
from datetime import datetime, timedelta
from typing import Any

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.amqp import AmqpMessageBodyType

from devhost.host.frames import Header

_END_OF_TIME = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - the host sends times without a zone


def message_payload(message: ServiceBusReceivedMessage, *, binary: bool) -> tuple[Header, bytes]:
    """Header and body for the worker."""
    body = b"".join(message.body) if message.body_type is AmqpMessageBodyType.DATA else str(message).encode()
    return {"kind": "binary" if binary else "text", "metadata": _metadata(message)}, body


def _metadata(message: ServiceBusReceivedMessage) -> dict[str, list[str]]:
    properties = json.dumps(
        {_plain(name): _plain(value) for name, value in (message.application_properties or {}).items()}
    )
    enqueued = message.enqueued_time_utc
    expires = _expiry(enqueued, message.time_to_live)
    texts = {
        "MessageId": message.message_id,
        "ContentType": message.content_type,
        "CorrelationId": message.correlation_id,
        "Label": message.subject,
        "Subject": message.subject,
        "To": message.to,
        "ReplyTo": message.reply_to,
        "ReplyToSessionId": message.reply_to_session_id,
        "SessionId": message.session_id,
        "PartitionKey": message.partition_key,
        "DeadLetterSource": message.dead_letter_source,
        "LockToken": message.lock_token,
    }
    metadata = {name: ["string", str(text)] for name, text in texts.items() if text is not None}
    values: dict[str, Any] = {
        "DeliveryCount": (message.delivery_count or 0) + 1,
        "SequenceNumber": message.sequence_number,
        "ExpiresAt": f"{expires.isoformat()}+00:00",
        "ExpiresAtUtc": expires.isoformat(),
    }
    if enqueued is not None:
        naive = enqueued.replace(tzinfo=None).isoformat()
        values |= {"EnqueuedTime": f"{naive}+00:00", "EnqueuedTimeUtc": naive}
    metadata |= {name: ["json", json.dumps(value)] for name, value in values.items()}
    return metadata | {"ApplicationProperties": ["json", properties], "UserProperties": ["json", properties]}


def _expiry(enqueued: datetime | None, lives: timedelta | None) -> datetime:
    if enqueued is None or lives is None:
        return _END_OF_TIME
    try:
        return enqueued.replace(tzinfo=None) + lives
    except OverflowError:
        return _END_OF_TIME


def _plain(value: Any) -> Any:
    """A property's value in JSON; the SDK leaves texts as bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
