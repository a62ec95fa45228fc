"""Mail of the local stack: an SMTP server whose messages end as files, and the list of them."""

import asyncio
import datetime as dt
import secrets
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from devhost.errors import StackError
from devhost.folder import write_private
from devhost.ports import LOOPBACK

NAME_TIME = "%Y%m%dT%H%M%S.%fZ"
SIZE_LIMIT = 10_000_000


@dataclass(frozen=True, slots=True)
class Outbox:
    """Takes mail for everybody and delivers it to a folder."""

    folder: Path

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message under a name that sorts by time."""
        moment = dt.datetime.now(dt.UTC).strftime(NAME_TIME)
        write_private(self.folder / f"{moment}-{secrets.token_hex(4)}.eml", envelope.original_content or b"")
        return "250 OK"

    async def serve(self, port: int) -> asyncio.Server:
        """Listen for SMTP on the loopback address."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: SMTP(self, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, hostname="localhost", loop=loop),
            LOOPBACK,
            port,
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """One message that was sent."""

    at: dt.datetime
    message: EmailMessage

    @property
    def to(self) -> str:
        """Whom it is for."""
        return str(self.message["to"] or "")

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.message["subject"] or "")

    @property
    def text(self) -> str:
        """What it says, in plain text if it has that."""
        body = self.message.get_body(("plain", "html"))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


def sent(outbox: Path, to: str = "") -> list[Mail]:
    """The messages, oldest first; with an address, those whose recipient holds it."""
    mails = [_read(path) for path in sorted(outbox.glob("*.eml"))]
    return [mail for mail in mails if to.lower() in mail.to.lower()]


def numbered(mails: list[Mail], number: int) -> Mail:
    """The message with this number in the list, counted from 1."""
    if not 1 <= number <= len(mails):
        raise StackError(f"there is no message {number}: the list has {len(mails)}")
    return mails[number - 1]


def _read(path: Path) -> Mail:
    moment = dt.datetime.strptime(path.name.partition("-")[0], NAME_TIME).replace(tzinfo=dt.UTC)
    return Mail(moment, message_from_bytes(path.read_bytes(), policy=default))
