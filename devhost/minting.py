"""Asks a running stack's identity provider for an access token."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from devhost.errors import StackError


def mint(
    stack: dict[str, Any],
    *,
    tenant: str,
    user: str = "",
    app: str = "",
    roles: Sequence[str] = (),
    claims: dict[str, Any] | None = None,
) -> str:
    """Return a token of a person, or of a program when `app` is given; `claims` replaces single claims."""
    wanted = {"tenant": tenant, "user": user, "app": app, "roles": list(roles), "claims": claims or {}}
    request = urllib.request.Request(  # noqa: S310  the address is the stack's own
        stack["mint"]["url"],
        data=json.dumps(wanted).encode(),
        headers={"authorization": f"Bearer {stack['mint']['secret']}", "content-type": "application/json"},
    )
    trust = ssl.create_default_context(cafile=stack["ca_file"])
    try:
        with urllib.request.urlopen(request, context=trust, timeout=10) as answer:  # noqa: S310
            return str(json.load(answer)["access_token"])
    except urllib.error.HTTPError as error:
        raise StackError(error.read().decode()) from None
    except OSError as error:
        raise StackError(f"the stack does not answer: {error}") from None
