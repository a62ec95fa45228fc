"""The identity endpoint that App Service gives a program, so that it needs no secret of its own."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from devhost.identity.issuer import Issuer

PATH = "/msi/token"
VERSION = "2019-08-01"


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """Gives tokens to whoever sends a header that the stack's own processes know, as the identity it belongs to.

    `identities` is client ids by header: each program has one, and can be no other.
    """

    issuer: Issuer
    identities: Mapping[str, str]

    def application(self) -> Starlette:
        """The endpoint as an ASGI application."""
        return Starlette(routes=[Route(PATH, self.token)])

    async def token(self, request: Request) -> Response:
        """Answer a token for the resource asked for."""
        given = request.headers.get("x-identity-header", "").encode()
        client = next(
            (one for header, one in self.identities.items() if hmac.compare_digest(given, header.encode())), None
        )
        if client is None:
            return _refused(401, "X-IDENTITY-HEADER is wrong")
        resource = request.query_params.get("resource")
        if not resource or request.query_params.get("api-version") != VERSION:
            return _refused(400, f"resource and api-version={VERSION} are needed")
        if request.query_params.get("client_id", client) != client:
            return _refused(400, "this program has no such identity")
        claims = self.issuer.managed_token(resource, client)
        return JSONResponse(
            {
                "access_token": self.issuer.sign(claims),
                "expires_on": str(claims["exp"]),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": client,
            }
        )


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status)
