"""Shared access signatures: who may use a connection."""

import hashlib
import hmac
import time
from base64 import b64encode
from urllib.parse import unquote_plus

KEY_NAME = "local"
_PREFIX = "SharedAccessSignature "


def is_valid(token: object, key: str) -> bool:
    """Tell whether this is an unexpired signature made with the key."""
    if not isinstance(token, str) or not token.startswith(_PREFIX):
        return False
    parts = dict(part.partition("=")[::2] for part in token.removeprefix(_PREFIX).split("&"))
    if not {"sr", "sig", "se", "skn"} <= parts.keys() or unquote_plus(parts["skn"]) != KEY_NAME:
        return False
    expiry = parts["se"]
    if not expiry.isascii() or not expiry.isdigit() or len(expiry) > 15 or int(expiry) <= time.time():
        return False
    signed = hmac.new(key.encode(), f"{parts['sr']}\n{expiry}".encode(), hashlib.sha256).digest()
    return hmac.compare_digest(b64encode(signed), unquote_plus(parts["sig"]).encode())
