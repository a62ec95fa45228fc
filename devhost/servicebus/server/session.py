"""A session: windows, links by handle, and deliveries not settled yet."""

from collections import deque
from typing import TYPE_CHECKING, Any

from devhost.servicebus.amqp import frames
from devhost.servicebus.amqp.decode import Described, spans
from devhost.servicebus.amqp.encode import NULL, error, map_of, symbol, uint, ulong
from devhost.servicebus.errors import LOCK_LOST, NOT_ALLOWED, AmqpError
from devhost.servicebus.server.attaching import Attach, open_link
from devhost.servicebus.server.consumer import Consumer
from devhost.servicebus.server.fields import MAX_UINT, number, text
from devhost.servicebus.server.inbound import MAX_MESSAGE, Inbound
from devhost.servicebus.server.outbound import Outbound
from devhost.servicebus.server.replies import Replies
from devhost.servicebus.server.settlement import LOST

if TYPE_CHECKING:
    from devhost.servicebus.server.connection import Connection

WINDOW = 5000
HANDLE_MAX = 255
_LARGEST_RANGE = 10_000
_BATCH_LIMIT = map_of([(symbol("com.microsoft:max-message-batch-size"), ulong(MAX_MESSAGE))])
LOST_STATE = frames.rejected(LOCK_LOST, LOST)
type Link = Inbound | Outbound


class Session:
    """Carries the links of one channel."""

    def __init__(self, connection: "Connection", channel: int, next_incoming_id: int, window: int) -> None:
        self.connection = connection
        self.channel = channel
        self._next_incoming_id = next_incoming_id
        self._window = WINDOW
        self._next_outgoing_id = 0
        self._remote_window = window
        self._next_delivery_id = 0
        self._links: dict[int, Link] = {}
        self._unsettled: dict[int, tuple[Consumer, bytes]] = {}
        self._held: deque[tuple[int, bytes]] = deque()
        connection.write(frames.begin(channel, 0, WINDOW, HANDLE_MAX))

    def perform(self, code: int, fields: list[Any], body: bytes, pos: int) -> None:
        """Act on a performative of this channel; the payload begins at `pos` of `body`."""
        if code == frames.TRANSFER:
            self._transfer(fields, body[pos:])
        elif code == frames.DISPOSITION:
            self._disposition(fields)
        elif code == frames.FLOW:
            self._flow(fields)
        elif code == frames.ATTACH:
            self._attach(fields, body)
        elif code == frames.DETACH:
            self._detach(number(fields[0]), closed=fields[1] is True)
        else:
            raise AmqpError(NOT_ALLOWED, "performative does not belong in a session")

    def end(self) -> None:
        """Close every link; locks run on until they expire."""
        for link in self._links.values():
            link.closed()
        self._links.clear()
        self._unsettled.clear()
        self._held.clear()

    # Sending

    def can_send(self) -> bool:
        """Tell whether a delivery would leave at once."""
        return self._remote_window > 0 and not self._held and not self.connection.paused

    def send(self, handle: int, tag: bytes, payload: bytes, unsettled: "Consumer | None") -> None:
        """Send a delivery; frames beyond the peer's window are held until it opens."""
        delivery_id = self._next_delivery_id
        self._next_delivery_id = delivery_id + 1 & MAX_UINT
        if unsettled is not None:
            self._unsettled[delivery_id] = (unsettled, tag)
        parts = frames.transfer(
            self.channel,
            handle=handle,
            delivery_id=delivery_id,
            tag=tag,
            settled=unsettled is None,
            payload=payload,
            max_frame=self.connection.max_frame,
        )
        self._held.extend((handle, part) for part in parts)
        self._send_held()

    def settled(self, delivery_id: int, state: bytes, *, as_receiver: bool) -> None:
        """Tell the peer the outcome of a delivery."""
        frame = frames.disposition(self.channel, as_receiver=as_receiver, delivery_id=delivery_id, state=state)
        self.connection.write(frame)

    def send_flow(self, link: tuple[int, int, int, bool] | None = None) -> None:
        """Tell the peer our windows, and handle, delivery count, credit and drain of one link."""
        frame = frames.flow(
            self.channel,
            next_incoming_id=self._next_incoming_id,
            incoming_window=self._window,
            next_outgoing_id=self._next_outgoing_id,
            outgoing_window=WINDOW,
            link=link,
        )
        self.connection.write(frame)

    def reply_link(self, path: str, reply_to: str | None) -> Replies | None:
        """Return the link on which answers from the node at `path` go out."""
        pairs = [link for link in self._links.values() if isinstance(link, Replies) and link.path == path]
        named = (link for link in pairs if link.target == reply_to)
        return next(named, pairs[0] if pairs else None)

    def resume(self) -> None:
        """Ask for what could not be sent before."""
        for link in self._links.values():
            link.resume()

    def _send_held(self) -> None:
        while self._held and self._remote_window > 0:
            self._remote_window -= 1
            self._next_outgoing_id = self._next_outgoing_id + 1 & MAX_UINT
            self.connection.write(self._held.popleft()[1])

    # Performatives

    def _transfer(self, fields: list[Any], payload: bytes) -> None:
        link = self._links.get(number(fields[0]))
        if not isinstance(link, Inbound):
            raise AmqpError("amqp:session:unattached-handle", "transfer on a handle that cannot take it")
        self._next_incoming_id = self._next_incoming_id + 1 & MAX_UINT
        self._window -= 1
        if self._window <= WINDOW // 2:
            self._window = WINDOW
            self.send_flow()
        link.transfer(fields, payload)

    def _disposition(self, fields: list[Any]) -> None:
        role, first, last, settled, state, _ = fields
        if role is not True:
            return
        first = number(first)
        last = number(last, first)
        if last - first < _LARGEST_RANGE:
            ids = list(range(first, last + 1))
        else:
            ids = [known for known in self._unsettled if first <= known <= last]
        for delivery_id in ids:
            outcome = self._settle(delivery_id, state, settled=settled is True)
            if outcome is not None and settled is not True:
                self.settled(delivery_id, outcome, as_receiver=False)

    def _settle(self, delivery_id: int, state: object, *, settled: bool) -> bytes | None:
        """Settle one delivery and return the state to answer, or None if nothing is decided yet."""
        if state is not None and not isinstance(state, Described):
            raise AmqpError("amqp:invalid-field", "delivery state is not described")
        if state is not None and state.descriptor == frames.RECEIVED:
            return None
        if state is None and not settled:
            return None
        known = self._unsettled.pop(delivery_id, None)
        if known is None:
            return LOST_STATE
        consumer, token = known
        try:
            return consumer.settle(token, state)
        except AmqpError as refusal:
            return frames.rejected(refusal.condition, refusal.description)

    def _flow(self, fields: list[Any]) -> None:
        confirmed = number(fields[0], 0)
        room = confirmed + number(fields[1]) - self._next_outgoing_id & MAX_UINT
        self._remote_window = 0 if room > MAX_UINT // 2 else room
        was_stuck = bool(self._held)
        self._send_held()
        if was_stuck and not self._held:
            self.resume()
        if fields[4] is None:
            if fields[9] is True:
                self.send_flow()
            return
        link = self._links.get(number(fields[4]))
        if link is not None:
            link.flow(fields)

    def _attach(self, fields: list[Any], body: bytes) -> None:
        raw = [body[start:end] for start, end in spans(body, body.index(0x12) + 1)]
        raw += [NULL] * (len(fields) - len(raw))
        handle = number(fields[1])
        if handle in self._links or handle > HANDLE_MAX:
            raise AmqpError("amqp:session:handle-in-use", "handle is taken or too high")
        attach = Attach(
            name=text(fields[0]),
            handle=handle,
            peer_receives=fields[2] is True,
            pre_settled=fields[3] == 1,
            source=fields[5],
            target=fields[6],
        )
        modes = (number(fields[3], 2), number(fields[4], 0))
        try:
            link = open_link(self, attach)
        except AmqpError as refusal:
            self._reply_attach(attach, modes, NULL, NULL)
            cause = error(refusal.condition, refusal.description)
            self.connection.write(frames.detach(self.channel, handle, closed=True, cause=cause))
            return
        self._reply_attach(attach, modes, raw[5], raw[6])
        self._links[handle] = link
        link.opened()

    def _reply_attach(self, attach: Attach, modes: tuple[int, int], source: bytes, target: bytes) -> None:
        frame = frames.attach(
            self.channel,
            name=attach.name,
            handle=attach.handle,
            as_receiver=not attach.peer_receives,
            settle_modes=(modes[0] & 0xFF, modes[1] & 0xFF),
            source=source,
            target=target,
            max_message_size=uint(MAX_MESSAGE),
            properties=_BATCH_LIMIT,
        )
        self.connection.write(frame)

    def _detach(self, handle: int, *, closed: bool) -> None:
        link = self._links.pop(handle, None)
        if link is None:
            return
        link.closed()
        self._unsettled = {key: value for key, value in self._unsettled.items() if value[0] is not link}
        self._held = deque(entry for entry in self._held if entry[0] != handle)
        self.connection.write(frames.detach(self.channel, handle, closed=closed))
