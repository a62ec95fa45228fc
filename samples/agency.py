"""The employment agency that applications are shared with: it takes notices of erasures, and keeps what it was told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from devhost.ports import LOOPBACK, free_port
from devhost.serving import serving


@asynccontextmanager
async def running_agency(notices: Path) -> AsyncIterator[str]:
    """Answer for as long as the context lives; give the address for notices, which are kept one a line."""
    letterbox = _Letterbox(notices)

    async def told(request: Request) -> Response:
        letterbox.keep(await request.json())
        return JSONResponse({"status": "erased"})

    port = free_port()
    async with serving(Starlette(routes=[Route("/erasures", told, methods=["POST"])]), port):
        yield f"http://{LOOPBACK}:{port}/erasures"


class _Letterbox:
    """A repeated notice is kept once."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self._file = file

    def keep(self, notice: Any) -> None:
        line = json.dumps(notice, ensure_ascii=False)
        if line not in self._file.read_text(encoding="utf-8").splitlines():
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
