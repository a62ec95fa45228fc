"""A person's journey through the service: over HTTP, by mail and link, as anybody would make it."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devhost.mail import Mail, sent

MAIL_WITHIN, ANSWER_WITHIN = 30.0, 120.0
LOOK_EVERY = 0.1
ENDED = frozenset({"completed", "partially_completed", "refused", "withdrawn"})

_CODE = re.compile(r"^ {4}(\S[\S ]*)\r?$", re.MULTILINE)
_LINK = re.compile(r"https?://\S+/api/v1/exports/([0-9a-f-]{36})(?:\?[^#\s]*)?#(\S+)")


class StepFailed(Exception):
    """A step of the journey did not go as it should; the message says which, in one line."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A request whose package lies on this disk."""

    request: dict[str, Any]
    package: Path


@dataclass(slots=True, kw_only=True)
class Journey:
    """One access request. `app` speaks to the service, `storage` to where packages lie; `say` tells of each step."""

    app: httpx.AsyncClient
    storage: httpx.AsyncClient
    outbox: Path
    folder: Path
    say: Callable[[str], None]
    token: str | None = None

    async def by_mail(self, email: str, language: str) -> Answered:
        """Ask with an address, prove it by the code that is mailed to it, and fetch the package."""
        asked = await self._ask({"rights": ["access"], "email": email, "language": language})
        mail = await self._mail(asked["id"], _CODE)
        self.say(f"mail with a code: {mail.subject}")
        code = _first(_CODE, mail)[1]
        proven = await self._send("POST", f"/api/v1/requests/{asked['id']}/verification", {"code": code})
        self.token = proven.json()["accessToken"]
        self.say("identity proven by the code")
        return await self._fetch(asked["id"])

    async def signed_in(self, token: str, language: str) -> Answered:
        """Ask with an Entra ID token, and fetch the package."""
        self.token = token
        asked = await self._ask({"rights": ["access"], "language": language})
        return await self._fetch(asked["id"])

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._send("POST", "/api/v1/requests", body, status=202)
        asked: dict[str, Any] = answer.json()
        self.say(f"request {asked['id']} received: {asked['status']}, due {asked['dueAt']}")
        return asked

    async def _fetch(self, request_id: str) -> Answered:
        ended = await self._follow(request_id)
        if ended["status"] not in {"completed", "partially_completed"}:
            raise StepFailed(f"request {request_id} ended as {ended['status']}: {ended.get('reason')}")
        mail = await self._mail(request_id, _LINK)
        self.say(f"mail with a link: {mail.subject}")
        export_id, secret = _first(_LINK, mail).groups()
        opened = await self._send("POST", f"/api/v1/exports/{export_id}", {"secret": secret}, status=303)
        target = self.folder / f"{request_id}.zip"
        size = await self._download(opened.headers["location"], target)
        self.say(f"package downloaded: {size:,} bytes")
        return Answered(ended, target)

    async def _follow(self, request_id: str) -> dict[str, Any]:
        """Look at the request until it has ended, telling of each service as it is done."""
        told: set[str] = set()
        give_up = time.monotonic() + ANSWER_WITHIN
        while time.monotonic() < give_up:
            seen: dict[str, Any] = (await self._send("GET", f"/api/v1/requests/{request_id}")).json()
            ended = [one for one in seen["services"] if one["status"] != "pending"]
            for one in ended:
                if one["id"] not in told:
                    self.say(f"  {one['id']}: {one['status']}")
            told |= {one["id"] for one in ended}
            if seen["status"] in ENDED:
                self.say(f"request {seen['status']}: {len(ended)} of {len(seen['services'])} service tasks ended")
                return seen
            await asyncio.sleep(LOOK_EVERY)
        raise StepFailed(f"request {request_id} was not answered within {ANSWER_WITHIN:.0f} s")

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

    async def _mail(self, request_id: str, holding: re.Pattern[str]) -> Mail:
        """Wait for the mail about this request that holds what we look for."""
        give_up = time.monotonic() + MAIL_WITHIN
        while time.monotonic() < give_up:
            for mail in sent(self.outbox):
                if request_id in mail.text and holding.search(mail.text):
                    return mail
            await asyncio.sleep(LOOK_EVERY)
        raise StepFailed(f"no mail about request {request_id} within {MAIL_WITHIN:.0f} s")


def _first(pattern: re.Pattern[str], mail: Mail) -> re.Match[str]:
    found = pattern.search(mail.text)
    if found is None:
        raise StepFailed(f"the mail {mail.subject!r} does not hold what it should")
    return found
