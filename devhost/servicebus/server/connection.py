"""One client connection: headers, SASL, frames in, one buffer of frames out."""

import asyncio
import struct
from typing import Protocol, cast

from devhost.servicebus.amqp import frames
from devhost.servicebus.amqp.decode import decode
from devhost.servicebus.amqp.encode import NULL
from devhost.servicebus.amqp.encode import error as encode_error
from devhost.servicebus.entities.namespace import Namespace
from devhost.servicebus.entities.timers import Timers, now_ms
from devhost.servicebus.entities.turn import Turn
from devhost.servicebus.errors import FRAMING, NOT_ALLOWED, AmqpError
from devhost.servicebus.server.fields import fields_of, number
from devhost.servicebus.server.session import Session

MAX_FRAME = 65536
CHANNEL_MAX = 255
_HEAD = struct.Struct(">IBBH")
_SMALLEST_FRAME = 512


class Services(Protocol):
    """What a connection needs from the broker."""

    namespace: Namespace
    turn: Turn
    timers: Timers
    key: str
    connections: "set[Connection]"


class Connection(asyncio.Protocol):
    """Speaks AMQP 1.0 with one peer; any violation closes this connection alone."""

    def __init__(self, broker: Services) -> None:
        self.broker = broker
        self.authorised = False
        self.paused = False
        self.max_frame = _SMALLEST_FRAME
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._out: list[bytes] = []
        self._sessions: dict[int, Session] = {}
        self._stage = self._sasl_header
        self._opened = False
        self._closing = False
        self._beat_every = 0

    # From the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self.broker.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Let everything go; locks run on until they expire."""
        self._closing = True
        self._transport = None
        self.broker.connections.discard(self)
        self._end_sessions()

    def pause_writing(self) -> None:
        """Hold deliveries while the peer does not read."""
        self.paused = True

    def resume_writing(self) -> None:
        """Deliver again."""
        self.paused = False
        for session in self._sessions.values():
            session.resume()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the peer."""
        if self._closing:
            return
        buf = self._rest + data if self._rest else data
        pos = 0
        try:
            while not self._closing and (after := self._stage(buf, pos)) != pos:
                pos = after
        except AmqpError as error:
            self.fail(error)
        self._rest = b"" if self._closing else buf[pos:]

    # To the peer

    def write(self, data: bytes) -> None:
        """Put bytes into the buffer that leaves when the turn ends."""
        self._out.append(data)
        self.broker.turn.flush(self)

    def flush(self) -> None:
        """Let the buffer out, and close if that was asked for."""
        out, self._out = self._out, []
        if self._transport is None:
            return
        if out:
            self._transport.write(b"".join(out))
        if self._closing:
            self._transport.close()

    def fail(self, error: AmqpError) -> None:
        """Tell the peer why and close."""
        if self._opened:
            self.write(frames.close(encode_error(error.condition, error.description)))
        self._close()

    def _close(self) -> None:
        self._closing = True
        self._end_sessions()
        self.broker.turn.flush(self)

    # Stages: each takes what it can from `pos` and returns where it stopped

    def _sasl_header(self, buf: bytes, pos: int) -> int:
        if len(buf) - pos < 8:
            return pos
        self.write(frames.SASL_HEADER)
        if buf[pos : pos + 8] != frames.SASL_HEADER:
            self._close()
            return pos
        self.write(frames.sasl_mechanisms())
        self._stage = self._sasl_init
        return pos + 8

    def _sasl_init(self, buf: bytes, pos: int) -> int:
        end, kind, _, body = self._frame(buf, pos)
        if end == pos:
            return pos
        code, fields = fields_of(decode(body)[0])
        if kind != 1 or code != frames.SASL_INIT:
            raise AmqpError(FRAMING, "expected sasl-init")
        accepted = fields[0] == "ANONYMOUS"
        self.write(frames.sasl_outcome(0 if accepted else 1))
        if not accepted:
            self._close()
        self._stage = self._amqp_header
        return end

    def _amqp_header(self, buf: bytes, pos: int) -> int:
        if len(buf) - pos < 8:
            return pos
        self.write(frames.AMQP_HEADER)
        if buf[pos : pos + 8] != frames.AMQP_HEADER:
            self._close()
            return pos
        self._stage = self._amqp
        return pos + 8

    def _amqp(self, buf: bytes, pos: int) -> int:
        end, kind, channel, body = self._frame(buf, pos)
        if end != pos and body:
            if kind != 0:
                raise AmqpError(FRAMING, "expected an AMQP frame")
            self._perform(channel, body)
        return end

    def _frame(self, buf: bytes, pos: int) -> tuple[int, int, int, bytes]:
        if len(buf) - pos < 8:
            return pos, 0, 0, b""
        size, offset, kind, channel = _HEAD.unpack_from(buf, pos)
        if not 8 <= offset * 4 <= size <= MAX_FRAME:
            raise AmqpError(FRAMING, "impossible frame size")
        if len(buf) - pos < size:
            return pos, 0, 0, b""
        return pos + size, kind, channel, buf[pos + offset * 4 : pos + size]

    def _perform(self, channel: int, body: bytes) -> None:
        performative, pos = decode(body)
        code, fields = fields_of(performative)
        if code == frames.OPEN:
            self._open(fields[2], fields[4])
        elif not self._opened:
            raise AmqpError(NOT_ALLOWED, "expected open")
        elif code == frames.BEGIN:
            self._begin(channel, number(fields[1], 0), number(fields[2], 0))
        elif code == frames.CLOSE:
            self.write(frames.close(NULL))
            self._close()
        elif channel not in self._sessions:
            raise AmqpError(NOT_ALLOWED, "no session on this channel")
        elif code == frames.END:
            self._sessions.pop(channel).end()
            self.write(frames.end(channel))
        else:
            self._sessions[channel].perform(code, fields, body, pos)

    def _open(self, max_frame: object, idle_timeout: object) -> None:
        if self._opened:
            raise AmqpError(NOT_ALLOWED, "already open")
        self._opened = True
        self.max_frame = max(_SMALLEST_FRAME, min(number(max_frame, MAX_FRAME), MAX_FRAME))
        self.write(frames.open_("servicebus", MAX_FRAME, CHANNEL_MAX))
        self._beat_every = number(idle_timeout, 0) // 2
        self._beat()

    def _beat(self) -> None:
        """Keep a peer content that announced an idle timeout."""
        if self._beat_every and not self._closing:
            self.write(frames.EMPTY_FRAME)
            self.broker.timers.at(now_ms() + self._beat_every, self._beat)

    def _begin(self, channel: int, next_outgoing_id: int, window: int) -> None:
        if channel in self._sessions or channel > CHANNEL_MAX:
            raise AmqpError(NOT_ALLOWED, "channel is taken or too high")
        self._sessions[channel] = Session(self, channel, next_outgoing_id, window)

    def _end_sessions(self) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            session.end()
