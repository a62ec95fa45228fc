"""Mail over SMTP, on one connection that is kept between mails."""

import asyncio
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import formatdate

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from shared.domain.errors import Permanent, Transient
from shared.ports.world import Mail

_WITHIN = 30.0
_ONE_ADDRESS = re.compile(r"""[^\s\x00-\x1f\x7f@<>,;:"()\[\]\\]+@[^\s\x00-\x1f\x7f@<>,;:"()\[\]\\]+""")
_REFUSED_FOR_GOOD = 500


class SmtpMailer:
    """Speaks TLS wherever the server offers it."""

    def __init__(self, host: str, port: int, sender: str) -> None:
        self._sender = sender
        self._host, self._port = host, port
        self._server: SMTP | None = None
        self._turn = asyncio.Lock()

    async def send(self, mail: Mail) -> None:
        """Send one mail."""
        message = self._message(mail)
        async with self._turn:
            try:
                try:
                    await self._hand_over(message)
                except SMTPServerDisconnected:  # it did not wait for us any longer
                    await self._hand_over(message)
            except SMTPRecipientsRefused as error:
                raise _refusal(max(recipient.code for recipient in error.recipients)) from None
            except SMTPNotSupported:
                raise Permanent("mail_address_unsupported") from None
            except SMTPResponseException as error:
                raise _refusal(error.code) from None
            except (SMTPException, OSError):
                raise Transient("mail_unreachable") from None

    async def close(self) -> None:
        """Take leave of the server."""
        async with self._turn:
            if self._server is not None and self._server.is_connected:
                await self._server.quit()

    async def _hand_over(self, message: EmailMessage) -> None:
        if self._server is None:
            self._server = SMTP(hostname=self._host, port=self._port, timeout=_WITHIN)
        if not self._server.is_connected:
            await self._server.connect()
        await self._server.send_message(message)

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP_LINES)
        try:
            message["From"] = _address(self._sender)
            message["To"] = _address(mail.to)
            message["Subject"] = mail.subject
        except ValueError:  # a header would be more than itself
            raise Permanent("mail_unusable") from None
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{mail.key}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message


def _address(text: str) -> Address:
    if not _ONE_ADDRESS.fullmatch(text):
        raise ValueError("not one address")
    local, _, domain = text.rpartition("@")
    return Address(username=local, domain=domain)


def _refusal(code: int) -> Permanent | Transient:
    return Permanent(f"mail_refused_{code}") if code >= _REFUSED_FOR_GOOD else Transient(f"mail_{code}")
