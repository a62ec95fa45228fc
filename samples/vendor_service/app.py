"""The vendor's API: export, count, correct and erase what it holds of a person."""

import hmac
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from samples.vendor_service.faults import Faults, Faulty
from samples.vendor_service.shelf import Shelf
from samples.vendor_service.work import Works

PAGE = 500


def vendor(shelf: Shelf, works: Works, faults: Faults, *, token: str = "", counts: bool = True) -> Starlette:
    """Build the API. With `token` it asks for that bearer token; without `counts` it cannot count."""

    async def asked(request: Request) -> Any:
        if token and not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}"):
            raise HTTPException(401)
        body = await request.json() if request.method == "POST" else {}
        if body and not shelf.holds(body["dataset"]):
            raise HTTPException(404)
        return body

    async def export(request: Request) -> Response:
        body = await asked(request)
        start = int(body.get("cursor") or 0)
        found = shelf.find(body["dataset"], body["identifiers"])
        cursor = str(start + PAGE) if start + PAGE < len(found) else None
        return JSONResponse({"records": found[start : start + PAGE], "cursor": cursor})

    async def count(request: Request) -> Response:
        body = await asked(request)
        if not counts:
            raise HTTPException(501)
        return JSONResponse({"count": len(shelf.find(body["dataset"], body["identifiers"]))})

    async def work(request: Request) -> Response:
        body, key = await asked(request), request.headers["Idempotency-Key"].replace(":", "_")
        outcome = works.ask(key, body)
        return JSONResponse({"job": key}, status_code=202) if outcome is None else JSONResponse(outcome)

    async def look(request: Request) -> Response:
        await asked(request)
        try:
            outcome = works.look(request.path_params["job"])
        except KeyError:
            raise HTTPException(404) from None
        return JSONResponse({"status": "pending"}, status_code=202) if outcome is None else JSONResponse(outcome)

    return Starlette(
        middleware=[Middleware(Faulty, faults=faults)],
        routes=[
            Route("/export", export, methods=["POST"]),
            Route("/count", count, methods=["POST"]),
            Route("/erasure", work, methods=["POST"]),
            Route("/erasure/{job}", look, methods=["GET"]),
            Route("/rectification", work, methods=["POST"]),
            Route("/rectification/{job}", look, methods=["GET"]),
        ],
    )
