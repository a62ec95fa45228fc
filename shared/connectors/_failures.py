"""What a failed call to Azure means for us."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.domain.errors import Permanent, PrivacyError, Transient

MISSING_STORES = frozenset({"TableNotFound", "ContainerNotFound", "ResourceNotFound"})
DENIED = frozenset({401, 403})
CHANGED = frozenset({412, 416})  # another version; shorter than it was listed
TIMED_OUT, THROTTLED = 408, 429


@contextmanager
def azure_failures() -> Iterator[None]:
    """Raise the SDK's failures as Transient or Permanent, without the vendor's words: they may repeat keys."""
    try:
        yield
    except AzureError as error:
        raise meaning(error) from None


def meaning(error: AzureError) -> PrivacyError:
    """Tell what a failure means: a status that may pass, or a refusal for good."""
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return Transient("unreachable")
    if not isinstance(error, HttpResponseError):
        return Transient("interrupted")
    status = error.status_code
    if status is None:
        return Transient("no_credential" if isinstance(error, ClientAuthenticationError) else "interrupted")
    code = getattr(error, "error_code", None)
    code = str(getattr(code, "value", code))
    return by_status(status, code, _retry_after(error))


def by_status(status: int, code: str = "", retry_after: float | None = None) -> PrivacyError:
    """Tell what an answer of this status, and with this code of the service, means."""
    if status in {TIMED_OUT, THROTTLED} or status >= 500:
        return Transient("throttled" if status in {THROTTLED, 503} else f"status_{status}", retry_after)
    if status in DENIED:
        return Permanent("access_denied")
    if status == 404:
        return Permanent("store_missing") if code in MISSING_STORES else Transient("gone_meanwhile")
    if status in CHANGED:
        return Transient("changed_meanwhile")
    return Permanent(f"refused_{status}")


def _retry_after(error: HttpResponseError) -> float | None:
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    for name, unit in (("retry-after-ms", 1000.0), ("x-ms-retry-after-ms", 1000.0), ("retry-after", 1.0)):
        told = headers.get(name)
        if told and told.isdigit():
            return int(told) / unit
    return None
