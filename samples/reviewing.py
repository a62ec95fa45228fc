"""Rosa at her desk: looks through every copy that waits for a reviewer, and lets through what is in it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import httpx

from devhost.errors import StackError
from devhost.stack import Stack
from samples.people import PEOPLE

LOOK_EVERY = 0.25
CALL_WITHIN = 30.0


@asynccontextmanager
async def reviewing(stack: Stack, say: Callable[[str], None] = lambda _: None) -> AsyncIterator[None]:
    """Review for as long as the context lives, also through times in which the service cannot be reached."""
    desk = asyncio.create_task(_desk(stack, say))
    try:
        yield
    finally:
        desk.cancel()
        with suppress(asyncio.CancelledError):
            await desk


async def _desk(stack: Stack, say: Callable[[str], None]) -> None:
    rosa, headers = PEOPLE["rosa"], dict[str, str]()
    async with httpx.AsyncClient(base_url=stack.url, timeout=CALL_WITHIN) as app:
        while True:
            with suppress(httpx.TransportError, StackError):
                if not headers:
                    token = await asyncio.to_thread(stack.token, rosa.tenant, rosa.oid, *rosa.roles)
                    headers = {"Authorization": f"Bearer {token}"}
                if not await _look(app, headers, say):
                    headers = {}
            await asyncio.sleep(LOOK_EVERY)


async def _look(app: httpx.AsyncClient, headers: dict[str, str], say: Callable[[str], None]) -> bool:
    """Look through what waits; return whether the token is still good."""
    listed = await app.get("/api/v1/ops/reviews", headers=headers)
    if listed.status_code == httpx.codes.UNAUTHORIZED:
        return False
    for one in listed.json()["reviews"] if listed.status_code == httpx.codes.OK else []:
        path = f"/api/v1/ops/reviews/{one['id']}"
        shown = await app.get(path, params={"limit": 1}, headers=headers)
        if shown.status_code != httpx.codes.OK:
            continue  # It went on meanwhile, or the service cannot answer now.
        decisions = [{"dataset": dataset["id"], "decision": "include"} for dataset in one["datasets"]]
        decided = await app.post(f"{path}/decisions", json={"decisions": decisions}, headers=headers)
        if decided.status_code == httpx.codes.OK:
            items = sum(dataset["items"] for dataset in one["datasets"])
            say(f"  a reviewer looked through {items} items in which others may stand, and included them")
    return True
