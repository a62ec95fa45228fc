"""What a failed call to Azure means for us; the vendor's words, which may repeat keys, are never passed on."""

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from shared.domain.errors import Permanent, PrivacyError, Transient


@contextmanager
def azure_failures(what: str) -> Iterator[None]:
    """Raise the SDK's failures as Transient or Permanent with a code that begins with `what`."""
    try:
        yield
    except AzureError as error:
        raise meaning(what, error) from None


def meaning(what: str, error: AzureError) -> PrivacyError:
    """Tell whether a failure may pass."""
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if status is None:
        return Transient(f"{what}_{'no_credential' if isinstance(error, ClientAuthenticationError) else 'unreachable'}")
    return by_status(what, status, _retry_after(error))


def by_status(what: str, status: int, retry_after: float | None = None) -> PrivacyError:
    """Tell whether what an answer's status says may pass.

    A right that our identity lacks is ours to mend: it says nothing about the request whose work it stopped.
    """
    if status in {401, 403, 408, 429} or status >= 500:
        return Transient(f"{what}_{status}", retry_after)
    return Permanent(f"{what}_{status}")


def _retry_after(error: AzureError) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    told = headers.get("Retry-After", "")
    return float(told) if told.isdigit() else None
