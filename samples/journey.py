"""A person's journey through the service: over HTTP, by mail and link, as anybody would make it."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import httpx

from samples.calling import StepFailed, call
from samples.letters import CODE, LINK, LOOK_EVERY, mailed

ANSWER_WITHIN = 120.0
ENDED = frozenset({"completed", "partially_completed", "refused", "withdrawn", "joined", "unanswered"})
OVER = frozenset({"done", "failed"})
ANSWERED = frozenset({"completed", "partially_completed"})

type Kind = Literal["export", "certificate"]


@dataclass(frozen=True, slots=True)
class Answered:
    """A request whose package, or certificate, lies on this disk; `cases` were split off it for a customer."""

    request: dict[str, Any]
    package: Path
    cases: tuple["Answered", ...] = ()


@dataclass(slots=True, kw_only=True)
class Journey:
    """One person's way. `app` speaks to the service, `storage` to where packages lie; `say` tells of each step.

    `token` is an Entra ID token, or becomes the session that a code brings.
    """

    app: httpx.AsyncClient
    storage: httpx.AsyncClient
    outbox: Path
    folder: Path
    say: Callable[[str], None]
    token: str | None = None

    async def by_mail(self, email: str, language: str) -> Answered:
        """Ask with an address, prove it by the code that is mailed to it, and fetch the package."""
        asked = await self.ask({"rights": ["access"], "email": email, "language": language})
        self.token = await self._prove(asked["id"])
        return await self._answers(asked["id"], "export")

    async def signed_in(self, language: str) -> Answered:
        """Ask with an Entra ID token, and fetch the package."""
        asked = await self.ask({"rights": ["access"], "language": language})
        return await self._answers(asked["id"], "export")

    async def erase(self, language: str, email: str | None = None) -> Answered:
        """Ask for deletion with an Entra ID token, and what an address opens as well; fetch the certificate."""
        address = {} if email is None else {"email": email}
        asked = await self.ask({"rights": ["erasure"], "language": language, **address})
        if email is not None:
            await self._prove(asked["id"])
        return await self._answers(asked["id"], "certificate")

    async def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for something; return the receipt."""
        return self._received(await self._send("POST", "/api/v1/requests", dict(body), status=202))

    async def change_profile(self, corrections: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Change fields of one's own profile; return the receipt."""
        return self._received(await self._send("PATCH", "/api/v1/profile", {"corrections": corrections}, status=202))

    async def show(self, request_id: str) -> dict[str, Any]:
        """Look at one's own request."""
        seen: dict[str, Any] = (await self._send("GET", f"/api/v1/requests/{request_id}")).json()
        return seen

    async def unanswered(self, right: str) -> list[dict[str, Any]]:
        """Return what one asked before, signed in, for this right alone and nobody answered yet."""
        return [one for one in await self._open() if {part["right"] for part in one["parts"]} == {right}]

    async def settle_all_but(self, right: str) -> None:
        """Withdraw what one asked before and nobody answered yet, or wait for its end where it is too late for that."""
        kept = {one["id"] for one in await self.unanswered(right)}
        for one in await self._open():
            if one["id"] not in kept:
                self.say(f"withdrawing request {one['id']} of an earlier run")
                bearer = {"Authorization": f"Bearer {self.token}"}
                await self.app.delete(f"/api/v1/requests/{one['id']}", headers=bearer)
                await self.until(one["id"])

    async def until(self, request_id: str, states: Collection[str] = ENDED) -> dict[str, Any]:
        """Look at the request until it is in one of these states, telling of each service as it is done.

        Raises:
            StepFailed: it was not in time.
        """
        told: set[tuple[str, str]] = set()
        planned = False
        give_up = time.monotonic() + ANSWER_WITHIN
        while time.monotonic() < give_up:
            seen = await self.show(request_id)
            ended = [one for one in seen["services"] if one["status"] in OVER]
            for one in ended:
                if (one["id"], one["work"]) not in told:
                    self.say(f"  {one['id']}: {one['work']} {one['status']}")
            told |= {(one["id"], one["work"]) for one in ended}
            if not planned and seen.get("coolingOffUntil"):
                planned = True
                await self._show_plan(request_id)
            if seen["status"] in states:
                tasks = f": {len(ended)} of {len(seen['services'])} service tasks ended" if seen["services"] else ""
                self.say(f"request {seen['status']}{tasks}")
                return seen
            await asyncio.sleep(LOOK_EVERY)
        raise StepFailed(f"request {request_id} was not {' or '.join(sorted(states))} within {ANSWER_WITHIN:.0f} s")

    async def told(self, request_id: str, words: str) -> None:
        """Wait for the mail about a request that says these words."""
        mail, _ = await mailed(self.outbox, request_id, re.compile(re.escape(words)))
        self.say(f"mail to {mail.to}: {mail.subject}")

    async def fetch(self, request_id: str, kind: Kind) -> Answered:
        """Wait for the answer to one request and download it by the mailed link.

        Raises:
            StepFailed: it ended in another way.
        """
        ended = await self.until(request_id)
        if ended["status"] not in ANSWERED:
            raise StepFailed(f"request {request_id} ended as {ended['status']}: {ended.get('reason')}")
        mail, found = await mailed(self.outbox, ended[kind]["id"], LINK)
        self.say(f"mail with a link: {mail.subject}")
        export_id, secret = found.groups()
        opened = await self._send("POST", f"/api/v1/exports/{export_id}", {"secret": secret}, status=303)
        name = "package" if kind == "export" else "certificate"
        target = self.folder / f"{request_id}-{name}.zip"
        size = await self._download(opened.headers["location"], target)
        self.say(f"{name} downloaded: {size:,} bytes")
        return Answered(ended, target)

    async def _answers(self, request_id: str, kind: Kind) -> Answered:
        answered = await self.fetch(request_id, kind)
        cases = []
        for one in answered.request.get("linked", []):
            self.say(f"-- what Spinpanel holds for the employer is a case of its own, {one} --")
            cases.append(await self.fetch(one, kind))
        return replace(answered, cases=tuple(cases))

    async def _open(self) -> list[dict[str, Any]]:
        listed = (await self._send("GET", "/api/v1/requests")).json()["requests"]
        return [one for one in listed if one["status"] not in ENDED]

    def _received(self, answer: httpx.Response) -> dict[str, Any]:
        asked: dict[str, Any] = answer.json()
        self.say(f"request {asked['id']} received: {asked['status']}, due {asked['dueAt']}")
        return asked

    async def _prove(self, request_id: str) -> str:
        """Prove the address by the code that was mailed to it, and return the session that the code brings."""
        mail, found = await mailed(self.outbox, request_id, CODE)
        self.say(f"mail with a code: {mail.subject}")
        proven = await self._send("POST", f"/api/v1/requests/{request_id}/verification", {"code": found[1]})
        self.say("identity proven by the code")
        session: str = proven.json()["accessToken"]
        return session

    async def _show_plan(self, request_id: str) -> None:
        plan = (await self._send("GET", f"/api/v1/requests/{request_id}/plan")).json()
        actions = Counter(one["action"] for one in plan["decisions"] if one["count"] != 0)
        datasets = ", ".join(f"{number} to {action}" for action, number in actions.items())
        self.say(f"plan: datasets with data: {datasets}; withdrawal until {plan['coolingOffUntil']}")

    async def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, status: int = 200
    ) -> httpx.Response:
        return await call(self.app, self.token, method, path, body, status=status)

    async def _download(self, url: str, target: Path) -> int:
        async with self.storage.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise StepFailed(f"the download answered {answer.status_code}")
            size = 0
            with target.open("wb") as file:
                async for piece in answer.aiter_bytes():
                    size += file.write(piece)
        return size
