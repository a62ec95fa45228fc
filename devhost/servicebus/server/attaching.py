"""Decide what a link asks for: which node, which direction, and whether it may."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from devhost.servicebus.amqp.decode import Described
from devhost.servicebus.amqp.message import BATCH_FORMAT, batched, parse
from devhost.servicebus.entities.ingress import Ingress
from devhost.servicebus.errors import NOT_ALLOWED, NOT_FOUND, NOT_IMPLEMENTED, UNAUTHORIZED, AmqpError
from devhost.servicebus.server.cbs import put_token
from devhost.servicebus.server.consumer import Consumer
from devhost.servicebus.server.fields import path_of
from devhost.servicebus.server.inbound import Inbound
from devhost.servicebus.server.management import Management
from devhost.servicebus.server.outbound import Outbound
from devhost.servicebus.server.replies import Replies, read_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from devhost.servicebus.server.replies import Request
    from devhost.servicebus.server.session import Session

CBS = "$cbs"
MANAGEMENT = "/$management"
_SESSION_FILTER = "com.microsoft:session-filter"
_FILTER_FIELD = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """What the peer asked for."""

    name: str
    handle: int
    peer_receives: bool
    pre_settled: bool
    source: object
    target: object


def open_link(session: "Session", attach: Attach) -> Inbound | Outbound:
    """Return the link asked for.

    Raises:
        AmqpError: There is no such node, or it does not do this.
    """
    path = path_of(attach.source if attach.peer_receives else attach.target)
    if path is None:
        raise AmqpError(NOT_IMPLEMENTED, "This broker links to named nodes only, and has no transactions.")
    if path != CBS and not session.connection.authorised:
        raise AmqpError(UNAUTHORIZED, "Unauthorized access. A valid token is needed first.")
    answer = _node(session, path)
    if answer is not None:
        if attach.peer_receives:
            return Replies(session, attach.handle, path, path_of(attach.target))
        return Inbound(session, attach.handle, partial(_ask, session, path, answer))
    if attach.peer_receives:
        return _consumer(session, attach, path)
    return Inbound(session, attach.handle, partial(_accept, _ingress(session, path)))


def _node(session: "Session", path: str) -> "Callable[[Request], bytes] | None":
    """Return what answers requests at this path, if requests are what it takes."""
    if path == CBS:
        return partial(put_token, session.connection)
    if not path.endswith(MANAGEMENT):
        return None
    entity = path.removesuffix(MANAGEMENT)
    namespace = session.connection.broker.namespace
    queue, ingress = namespace.queue(entity), namespace.ingress(entity)
    if queue is None and ingress is None:
        raise _missing(entity)
    return Management(namespace, queue, ingress).answer


def _consumer(session: "Session", attach: Attach, path: str) -> Consumer:
    broker = session.connection.broker
    queue = broker.namespace.queue(path)
    if queue is None:
        if broker.namespace.ingress(path) is not None:
            raise AmqpError(NOT_ALLOWED, "Messages are received from a subscription, not from its topic.")
        raise _missing(path)
    _refuse_filters(attach.source)
    return Consumer(session, attach.handle, queue, broker.turn, keeps_lock=not attach.pre_settled)


def _ingress(session: "Session", path: str) -> Ingress:
    namespace = session.connection.broker.namespace
    ingress = namespace.ingress(path)
    if ingress is None:
        if namespace.queue(path) is not None:
            raise AmqpError(NOT_ALLOWED, "Messages cannot be sent to a subscription or a dead-letter queue.")
        raise _missing(path)
    return ingress


def _refuse_filters(source: object) -> None:
    fields = source.value if isinstance(source, Described) else []
    wanted = fields[_FILTER_FIELD] if len(fields) > _FILTER_FIELD else None
    if not wanted:
        return
    if isinstance(wanted, dict) and _SESSION_FILTER in wanted:
        raise AmqpError(
            NOT_ALLOWED,
            "A sessionful message receiver cannot be created on an entity that does not require sessions.",
        )
    raise AmqpError(NOT_IMPLEMENTED, "This broker has no filters on links.")


def _missing(path: str) -> AmqpError:
    return AmqpError(NOT_FOUND, f"The messaging entity '{path}' could not be found.")


def _accept(ingress: Ingress, payload: bytes, message_format: int) -> None:
    """Take one message, or all of a batch or none."""
    payloads = batched(payload) if message_format == BATCH_FORMAT else [payload]
    for content, scheduled_at in [parse(encoded) for encoded in payloads]:
        ingress.accept(content, scheduled_at)


def _ask(session: "Session", path: str, answer: "Callable[[Request], bytes]", payload: bytes, _: int) -> None:
    """Answer a request; the answer goes before the outcome of the request, which clients wait for less."""
    request = read_request(payload)
    link = session.reply_link(path, None if request.reply_to is None else request.reply_to.lower())
    if link is None:
        raise AmqpError(NOT_ALLOWED, "There is no link for the answer.")
    link.answer(answer(request))
