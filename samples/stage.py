"""Where the demo's scenes are played: the running company, the way to it, and who tells what happens."""

import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devhost.stack import Stack
from samples.journey import Journey
from samples.offices import Desk
from samples.people import Person

CALL_WITHIN = 30.0


class Clock:
    """Tells each step with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Print one step."""
        print(f"{time.monotonic() - self._started:6.1f}s  {text}", flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What scenes have in common. `folder` is where packages and certificates are put."""

    stack: Stack
    app: httpx.AsyncClient
    storage: httpx.AsyncClient
    folder: Path
    say: Callable[[str], None]

    @property
    def told(self) -> Mapping[str, Any]:
        """What the running stack tells of itself."""
        return self.stack.told

    def journey(self, person: Person | None = None) -> Journey:
        """Let somebody go their way: signed in, or with nothing."""
        token = None if person is None else self.stack.token(person.tenant, person.oid)
        return Journey(
            app=self.app, storage=self.storage, outbox=self.stack.outbox, folder=self.folder, say=self.say, token=token
        )

    def desk(self, person: Person) -> Desk:
        """Let somebody work on others' requests, in the roles they have."""
        token = self.stack.token(person.tenant, person.oid, *person.roles)
        return Desk(app=self.app, who=person, token=token, say=self.say)


@asynccontextmanager
async def set_stage(stack: Stack, folder: Path, say: Callable[[str], None]) -> AsyncIterator[Stage]:
    """Open the ways to a running stack for as long as the context lives."""
    trust = ssl.create_default_context(cafile=stack.told["ca_file"])
    async with (
        httpx.AsyncClient(base_url=stack.url, timeout=CALL_WITHIN) as app,
        httpx.AsyncClient(verify=trust, timeout=CALL_WITHIN) as storage,
    ):
        yield Stage(stack=stack, app=app, storage=storage, folder=folder, say=say)
