"""The sample company at work: the stack, and around it every system of its data map, each where it runs here."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from devhost.stack import PROJECT, Stack
from samples.agency import running_agency
from samples.company import load
from samples.company_map import local_map
from samples.outside import NEWSLETTER, Outside
from samples.telemetry_service.running import RunningTelemetry, running_telemetry
from samples.vendor_service.running import RunningVendor, running_vendor

AGENCY = "talent-agency"


def unchanged(text: str) -> str:
    """Return the data map as it is."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A running stack with its systems. `outside` says where those keep their files."""

    stack: Stack
    vendor: RunningVendor
    telemetry: RunningTelemetry
    outside: Outside


@asynccontextmanager
async def running_company(
    data: Path,
    *,
    port: int | None = None,
    app: Path = PROJECT,
    settings: Mapping[str, str] | None = None,
    seeded: bool = True,
    change: Callable[[str], str] = unchanged,
    say: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Company]:
    """Run everything for as long as the context lives; what is in `data` is kept from run to run.

    `change` may add to the data map's text.

    Raises:
        StackError: the stack did not start.
        RuntimeError: a system around it did not.
    """
    outside = Outside.beside(data)
    async with systems(outside, change) as (vendor, found):
        stack = Stack(outside.data, port=port, app=app, settings=found | dict(settings or {}))
        async with stack:
            say(f"ready at {stack.url}")
            if seeded:
                people = await load(stack.told)
                say(f"sample company loaded: {len(people)} people")
            async with running_telemetry(stack.told, outside.telemetry) as telemetry:
                yield Company(stack=stack, vendor=vendor, telemetry=telemetry, outside=outside)


@asynccontextmanager
async def systems(
    outside: Outside, change: Callable[[str], str] = unchanged
) -> AsyncIterator[tuple[RunningVendor, dict[str, str]]]:
    """Run what the app calls, and give the app settings by which it finds them."""
    outside.prepare()
    token = secrets.token_urlsafe(16)
    async with (
        running_vendor(outside.vendor, "callback", token=token) as vendor,
        running_agency(outside.notices) as agency,
    ):
        text = change(local_map({NEWSLETTER: vendor.url, AGENCY: agency}))
        file = outside.data / "data_map.yaml"
        await asyncio.to_thread(file.write_text, text, encoding="utf-8")
        yield (
            vendor,
            {
                "DATA_MAP_FILE": str(file),
                "EGRESS_LOCAL_ORIGINS": f"{vendor.url},{agency.rpartition('/')[0]}",
                "EGRESS_NEWSLETTER_ORIGIN": vendor.url,
                "EGRESS_NEWSLETTER_TOKEN": token,
            },
        )
