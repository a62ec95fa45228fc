"""How large a page a caller asks for."""

import azure.functions as func

from functions._problems import BadRequest

MOST = 100


def page_size(req: func.HttpRequest) -> int:
    """Return the size that `limit` asks for, 50 where it does not.

    Raises:
        BadRequest: it is no number between 1 and 100.
    """
    limit = req.params.get("limit", "50")
    if not (limit.isdecimal() and len(limit) <= len(str(MOST)) and 1 <= int(limit) <= MOST):
        raise BadRequest("invalid_input", fields=[{"field": "limit", "reason": "not_between_1_and_100"}])
    return int(limit)
