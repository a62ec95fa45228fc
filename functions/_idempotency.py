"""The Idempotency-Key of calls that may be repeated."""

import azure.functions as func

from functions._problems import BadRequest

LONGEST_KEY = 255


def idempotency_key(req: func.HttpRequest) -> str | None:
    """Return the key, if there is one.

    Raises:
        BadRequest: it is too long, or not visible ASCII.
    """
    key: str | None = req.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise BadRequest("idempotency_key_invalid")
    return key
