"""Mail through Azure Communication Services."""

from typing import Any

from azure.communication.email.aio import EmailClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline.transport import AsyncHttpTransport

from shared.adapters.azure_failures import meaning
from shared.domain.errors import Permanent, Transient
from shared.ports.world import Mail

_MISSING = 404  # the set-up is wrong, not the mail
_KNOWN = 409  # the same operation was accepted before


class AcsMailer:
    """A mail is sent when the service has accepted it; whether it was delivered is told elsewhere."""

    def __init__(
        self,
        endpoint: str,
        credential: AsyncTokenCredential,
        sender: str,
        *,
        transport: AsyncHttpTransport[Any, Any] | None = None,
    ) -> None:
        own = {"transport": transport} if transport else {}
        self._client = EmailClient(endpoint, credential, retry_total=2, **own)
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Send one mail."""
        message = {
            "senderAddress": self._sender,
            "recipients": {"to": [{"address": mail.to}]},
            "content": {"subject": mail.subject, "plainText": mail.text, "html": mail.html},
            "headers": {"Auto-Submitted": "auto-generated"},
            "userEngagementTrackingDisabled": True,
        }
        try:
            await self._client.begin_send(message, operation_id=str(mail.key), polling=False)
        except HttpResponseError as error:
            if error.status_code == _KNOWN:
                return
            if error.status_code == _MISSING:
                raise Transient(f"mail_{error.status_code}") from None
            raise meaning("mail", error) from None
        except AzureError as error:
            raise meaning("mail", error) from None
        except ValueError:
            raise Permanent("mail_unusable") from None

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()
