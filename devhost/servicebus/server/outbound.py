"""A link on which the broker sends."""

from typing import TYPE_CHECKING, Any

from devhost.servicebus.server.fields import MAX_UINT, number

if TYPE_CHECKING:
    from devhost.servicebus.server.session import Session


class Outbound:
    """Keeps the credit that the peer has granted."""

    def __init__(self, session: "Session", handle: int) -> None:
        self._session = session
        self._handle = handle
        self._delivery_count = 0
        self._credit = 0

    def opened(self) -> None:
        """The peer has been told that the link stands."""

    def closed(self) -> None:
        """The link is gone."""

    def resume(self) -> None:
        """Credit or room has come: send what waits."""

    def flow(self, fields: list[Any]) -> None:
        """Take new credit; on drain, send what there is and give the rest back."""
        credit = number(fields[5], 0) + number(fields[6], 0) - self._delivery_count & MAX_UINT
        self._credit = 0 if credit > MAX_UINT // 2 else credit
        drain = fields[8] is True
        if self._credit:
            self.resume()
        if drain:
            self._use_up()
        if drain or fields[9] is True:
            self._session.send_flow((self._handle, self._delivery_count, self._credit, drain))

    def _use_up(self) -> None:
        self._delivery_count = self._delivery_count + self._credit & MAX_UINT
        self._credit = 0

    def _spend(self) -> None:
        self._delivery_count = self._delivery_count + 1 & MAX_UINT
        self._credit -= 1
