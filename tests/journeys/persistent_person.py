"""A person who tries again when the line breaks, and asks for another code when the answer to the last one was lost."""

import asyncio
import time
from typing import Any

import httpx
from person import Letter, Package, Person

PATIENCE = 240.0


class PersistentPerson(Person):
    """Somebody who gets through although the other side keeps falling over; repeats are safe by their key."""

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One call, again and again until it is answered."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await super().call(method, path, **options)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            assert time.monotonic() < until, f"{method} is not answered: {answer}"
            await asyncio.sleep(0.1)

    async def prove(self, address: str, request_id: str) -> None:
        """Give the newest code from the mail until one brings a session."""
        until, tried = time.monotonic() + PATIENCE, set()
        while not self.bearer:
            assert time.monotonic() < until, "no code brought a session"
            fresh = [one.code for one in self.codes(address, request_id) if one.code not in tried]
            if not fresh:
                await asyncio.sleep(0.1)
                continue
            tried.add(fresh[-1])
            answer = await self.call("POST", f"/api/v1/requests/{request_id}/verification", json={"code": fresh[-1]})
            if answer.status_code == 200:
                self.bearer = answer.json()["accessToken"]
            elif answer.json()["code"] == "code_used":  # it was taken, and the answer never came
                again = await self.call("POST", f"/api/v1/requests/{request_id}/verification/resend")
                assert again.status_code == 202, again.text

    def codes(self, address: str, request_id: str) -> list[Letter]:
        """The mails with a code for one request."""
        return [letter for letter in self.outbox.letters(address) if f"{request_id}/verify?" in letter.text]

    async def ended(self, request_id: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait until a request has ended, however often everything falls over meanwhile."""
        return await super().ended(request_id, patience)

    async def fetch(self, export_id: str, secret: str) -> Package:
        """Download, again if the store went away meanwhile."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.download(export_id, secret)
            except httpx.TransportError:
                assert time.monotonic() < until, "the store is not there"
                await asyncio.sleep(0.1)
