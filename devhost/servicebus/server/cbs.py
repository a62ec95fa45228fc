"""The $cbs node: a token opens the connection."""

from typing import TYPE_CHECKING

from devhost.servicebus.amqp.encode import NULL, integer, string
from devhost.servicebus.server.replies import Request, write_reply
from devhost.servicebus.server.tokens import is_valid

if TYPE_CHECKING:
    from devhost.servicebus.server.connection import Connection


def put_token(connection: "Connection", request: Request) -> bytes:
    """Answer a put-token request; a bad token does not take away what an earlier one gave."""
    if (request.stated or {}).get("operation") != "put-token":
        code, description = 400, "Only put-token is known here."
    elif is_valid(request.body, connection.broker.key):
        connection.authorised = True
        code, description = 202, "Accepted"
    else:
        code, description = 401, "InvalidSignature: the token is malformed, expired or signed with another key."
    stated = [("status-code", integer(code)), ("status-description", string(description))]
    return write_reply(request, stated, NULL)
