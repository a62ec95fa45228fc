"""A person's journey through the service: over HTTP, by mail and link, as anybody would make it."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from devhost.mail import Mail, sent

MAIL_WITHIN, ANSWER_WITHIN = 30.0, 120.0
LOOK_EVERY = 0.1
ENDED = frozenset({"completed", "partially_completed", "refused", "withdrawn", "joined", "unanswered"})
OVER = frozenset({"done", "failed"})

_CODE = re.compile(r"^ {4}(\S[\S ]*)\r?$", re.MULTILINE)
_LINK = re.compile(r"https?://\S+/api/v1/exports/([0-9a-f-]{36})(?:\?[^#\s]*)?#(\S+)")


class StepFailed(Exception):
    """A step of the journey did not go as it should; the message says which, in one line."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A request whose package, or certificate, lies on this disk; `cases` were split off it for a customer."""

    request: dict[str, Any]
    package: Path
    cases: tuple["Answered", ...] = ()


@dataclass(slots=True, kw_only=True)
class Journey:
    """One request. `app` speaks to the service, `storage` to where packages lie; `say` tells of each step."""

    app: httpx.AsyncClient
    storage: httpx.AsyncClient
    outbox: Path
    folder: Path
    say: Callable[[str], None]
    token: str | None = None

    async def by_mail(self, email: str, language: str) -> Answered:
        """Ask with an address, prove it by the code that is mailed to it, and fetch the package."""
        asked = await self._ask({"rights": ["access"], "email": email, "language": language})
        self.token = await self._prove(asked["id"])
        return await self._answer(asked["id"], "export")

    async def signed_in(self, token: str, language: str) -> Answered:
        """Ask with an Entra ID token, and fetch the package."""
        self.token = token
        asked = await self._ask({"rights": ["access"], "language": language})
        return await self._answer(asked["id"], "export")

    async def erase(self, token: str, language: str, email: str | None = None) -> Answered:
        """Ask for deletion with an Entra ID token, and what an address opens as well; fetch the certificate."""
        self.token = token
        address = {} if email is None else {"email": email}
        asked = await self._ask({"rights": ["erasure"], "language": language, **address})
        if email is not None:
            await self._prove(asked["id"])
        return await self._answer(asked["id"], "certificate")

    async def _prove(self, request_id: str) -> str:
        """Prove the address by the code that was mailed to it, and return the session that the code brings."""
        mail = await self._mail(request_id, _CODE)
        self.say(f"mail with a code: {mail.subject}")
        code = _first(_CODE, mail)[1]
        proven = await self._send("POST", f"/api/v1/requests/{request_id}/verification", {"code": code})
        self.say("identity proven by the code")
        session: str = proven.json()["accessToken"]
        return session

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._send("POST", "/api/v1/requests", body, status=202)
        asked: dict[str, Any] = answer.json()
        self.say(f"request {asked['id']} received: {asked['status']}, due {asked['dueAt']}")
        return asked

    async def _answer(self, request_id: str, kind: Literal["export", "certificate"]) -> Answered:
        ended = await self._follow(request_id)
        if ended["status"] not in {"completed", "partially_completed"}:
            raise StepFailed(f"request {request_id} ended as {ended['status']}: {ended.get('reason')}")
        mail = await self._mail(ended[kind]["id"], _LINK)
        self.say(f"mail with a link: {mail.subject}")
        export_id, secret = _first(_LINK, mail).groups()
        opened = await self._send("POST", f"/api/v1/exports/{export_id}", {"secret": secret}, status=303)
        name = "package" if kind == "export" else "certificate"
        target = self.folder / f"{request_id}-{name}.zip"
        size = await self._download(opened.headers["location"], target)
        self.say(f"{name} downloaded: {size:,} bytes")
        cases = []
        for one in ended.get("linked", []):
            self.say(f"-- what Spinpanel holds for the employer is a case of its own, {one} --")
            cases.append(await self._answer(one, kind))
        return Answered(ended, target, tuple(cases))

    async def _follow(self, request_id: str) -> dict[str, Any]:
        """Look at the request until it has ended, telling of each service as it is done."""
        told: set[tuple[str, str]] = set()
        planned = False
        give_up = time.monotonic() + ANSWER_WITHIN
        while time.monotonic() < give_up:
            seen: dict[str, Any] = (await self._send("GET", f"/api/v1/requests/{request_id}")).json()
            ended = [one for one in seen["services"] if one["status"] in OVER]
            for one in ended:
                if (one["id"], one["work"]) not in told:
                    self.say(f"  {one['id']}: {one['work']} {one['status']}")
            told |= {(one["id"], one["work"]) for one in ended}
            if not planned and seen.get("coolingOffUntil"):
                planned = True
                await self._show_plan(request_id)
            if seen["status"] in ENDED:
                self.say(f"request {seen['status']}: {len(ended)} of {len(seen['services'])} service tasks ended")
                return seen
            await asyncio.sleep(LOOK_EVERY)
        raise StepFailed(f"request {request_id} was not answered within {ANSWER_WITHIN:.0f} s")

    async def _show_plan(self, request_id: str) -> None:
        plan = (await self._send("GET", f"/api/v1/requests/{request_id}/plan")).json()
        actions = Counter(one["action"] for one in plan["decisions"] if one["count"] != 0)
        datasets = ", ".join(f"{number} to {action}" for action, number in actions.items())
        self.say(f"plan: datasets with data: {datasets}; withdrawal until {plan['coolingOffUntil']}")

    async def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, status: int = 200
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = await self.app.request(method, path, json=body, headers=headers)
        if answer.status_code != status:
            raise StepFailed(f"{method} {path} answered {answer.status_code} instead of {status}: {answer.text[:300]}")
        return answer

    async def _download(self, url: str, target: Path) -> int:
        async with self.storage.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise StepFailed(f"the download answered {answer.status_code}")
            size = 0
            with target.open("wb") as file:
                async for piece in answer.aiter_bytes():
                    size += file.write(piece)
        return size

    async def _mail(self, about: str, holding: re.Pattern[str]) -> Mail:
        """Wait for the mail about this request, package or certificate that holds what we look for."""
        give_up = time.monotonic() + MAIL_WITHIN
        while time.monotonic() < give_up:
            for mail in sent(self.outbox):
                if about in mail.text and holding.search(mail.text):
                    return mail
            await asyncio.sleep(LOOK_EVERY)
        raise StepFailed(f"no mail about {about} within {MAIL_WITHIN:.0f} s")


def _first(pattern: re.Pattern[str], mail: Mail) -> re.Match[str]:
    found = pattern.search(mail.text)
    if found is None:
        raise StepFailed(f"the mail {mail.subject!r} does not hold what it should")
    return found
