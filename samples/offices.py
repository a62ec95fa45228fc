"""People at work on others' requests: operators who decide what was asked of Spinpanel, administrators what of them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from samples.calling import StepFailed, call
from samples.letters import LOOK_EVERY
from samples.people import Person

WAITS_WITHIN = 60.0
MOST_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Somebody's place of work: they call the service signed in, with their roles."""

    app: httpx.AsyncClient
    who: Person
    token: str
    say: Callable[[str], None]

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        """Make one call and return what it answers."""
        return (await call(self.app, self.token, method, path, body, status=status)).json()

    def tell(self, what: str) -> None:
        """Tell what this person does."""
        self.say(f"  {self.who.given}: {what}")


@dataclass(frozen=True, slots=True)
class Operator:
    """Decides what waits for people at Spinpanel."""

    desk: Desk

    async def read(self, request_id: str) -> dict[str, Any]:
        """Find a request among those that wait for a decision, and read what it asks.

        Raises:
            StepFailed: it never waited for one.
        """
        give_up = time.monotonic() + WAITS_WITHIN
        while time.monotonic() < give_up:
            listed = await self.desk.send("GET", f"/api/v1/ops/decisions?limit={MOST_LISTED}")
            if request_id in {one["id"] for one in listed["requests"]}:
                asked: dict[str, Any] = await self.desk.send("GET", f"/api/v1/ops/requests/{request_id}/ask")
                self.desk.tell(f"reads what is asked, due {asked['dueAt']}; the look is on record")
                return asked
            await asyncio.sleep(LOOK_EVERY)
        raise StepFailed(f"request {request_id} did not wait for a decision within {WAITS_WITHIN:.0f} s")

    async def grant(self, request_id: str) -> None:
        """Decide for the person, which takes nobody else."""
        await self._decide(request_id, "verdicts", {"part": 0, "outcome": "granted"})
        self.desk.tell("grants it, which counts at once")

    async def propose_refusal(self, request_id: str, ground: str, text: str) -> str:
        """Propose to decide against the person; return the hash by which somebody else can agree."""
        told = await self._decide(
            request_id, "verdicts", {"part": 0, "outcome": "refused", "ground": ground, "text": text}
        )
        self.desk.tell(f"proposes to refuse it: {ground}; alone that counts for nothing")
        proposed: str = told["verdicts"][0]["verdictHash"]
        return proposed

    async def confirm(self, request_id: str, verdict_hash: str) -> None:
        """Agree to what somebody else proposed."""
        await self._decide(request_id, "verdicts/confirm", {"part": 0, "verdictHash": verdict_hash})
        self.desk.tell("agrees, as the second of two")

    async def _decide(self, request_id: str, what: str, body: dict[str, Any]) -> Any:
        return await self.desk.send("POST", f"/api/v1/ops/requests/{request_id}/{what}", body, status=202)


@dataclass(frozen=True, slots=True)
class Administrator:
    """Decides the cases of one customer, about its own users."""

    desk: Desk

    async def grant(self, case_id: str) -> None:
        """Look at a case, as far as a customer may, and let Spinpanel do what is asked."""
        cases = f"/api/v1/tenants/{self.desk.who.tenant}/requests"
        listed = (await self.desk.send("GET", f"{cases}?limit={MOST_LISTED}"))["cases"]
        if case_id not in {one["id"] for one in listed if one["decidable"]}:
            raise StepFailed(f"case {case_id} does not wait for {self.desk.who.home.name}")
        seen = await self.desk.send("GET", f"{cases}/{case_id}")
        rights = ", ".join(one["right"] for one in seen["parts"])
        self.desk.tell(
            f"sees {rights} in {len(seen['datasets'])} datasets, asked of {self.desk.who.home.name} "
            f"on {seen['receivedAt']}"
        )
        await self.desk.send("POST", f"{cases}/{case_id}/decision", {"outcome": "granted"}, status=202)
        self.desk.tell("grants it")
