"""Two services that cannot answer in a data map: one whose table is missing, one whose store fails at every call."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devhost import certificates
from devhost.ports import LOOPBACK, free_port
from devhost.serving import serving

LOST, FAULTY = "lost-table", "faulty-store"
SAID = {"en": "Your {} records", "nl": "Uw {}-gegevens"}


@dataclass
class Broken:
    """The settings to start a stack with, with `with_broken` for its map, and how often the faulty store was asked."""

    settings: dict[str, str]
    calls: list[str] = field(default_factory=list)


@asynccontextmanager
async def broken_services(folder: Path) -> AsyncIterator[Broken]:
    """Serve the faulty store with the certificate of the stack that will run in this folder."""
    port = free_port()
    broken = Broken({"STORE_FAULTY_TABLES_URL": f"https://{LOOPBACK}:{port}/faulty"})

    async def fail(request: Request) -> Response:
        broken.calls.append(request.url.path)
        return Response("out of order", status_code=500)

    trust = folder / "certificates"
    trust.mkdir(mode=0o700)
    tls = certificates.ensure(trust, dt.datetime.now(dt.UTC))
    async with serving(Starlette(routes=[Route("/{rest:path}", fail)]), port, tls):
        yield broken


def with_broken(text: str) -> str:
    """Add the two services to a data map."""
    whole = yaml.safe_load(text)
    whole["services"] = [_service(LOST, "spindata"), *whole["services"], _service(FAULTY, "faulty")]
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)


def _service(name: str, store: str) -> dict[str, Any]:
    said = {language: text.format(name) for language, text in SAID.items()}
    by = [
        {"identifier": identifier, "how": "partition_key", "at": {"key": "{value}"}}
        for identifier in ("email", "entra_object_id")
    ]
    dataset = {
        "id": f"{name}-rows",
        "title": said,
        "tenancy": "none",
        "settings": {"table": "nowhere"},
        "fields": [{"name": "text", "category": "user.content"}],
        "found_by": by,
        "purposes": [{"id": "testing", "en": "Testing", "nl": "Testen"}],
        "legal_basis": "A6-1-b",
        "authorisation": "user",
        "source": said,
        "retention": {"period": "P90D", "counted_from": "created", "action": "delete", "source": said},
    }
    return {
        "id": name,
        "title": said,
        "owner": "Platform",
        "role": "controller",
        "lane": "stores",
        "connector": "azure_tables",
        "settings": {"store": store},
        "time_limit": "PT5M",
        "datasets": [dataset],
    }
