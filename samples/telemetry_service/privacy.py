"""The privacy service's two calls, made as this program's managed identity."""

from collections.abc import Mapping
from typing import Any

import httpx
from azure.core.credentials_async import AsyncTokenCredential

ENDED = 410
MAY_PASS = frozenset({408, 409, 429})


class TryAgain(Exception):
    """The call failed in a way that may pass."""


class Refused(Exception):
    """The call is wrong, or not allowed: somebody has to look. Its message dead-letters after the last delivery."""


class Privacy:
    """Claims tasks and answers them. Nothing else is open to us: no table, no key, no queue but our own lane's."""

    def __init__(self, http: httpx.AsyncClient, credential: AsyncTokenCredential, url: str, audience: str) -> None:
        self._http = http
        self._credential = credential
        self._url = url
        self._scope = f"{audience}/.default"

    async def claim(self, task_id: str) -> Mapping[str, Any] | None:
        """Claim a task, again and again if need be; None once it has ended."""
        answer = await self._post(f"{task_id}/claim", None)
        claimed: Mapping[str, Any] | None = None if answer is None else answer.json()
        return claimed

    async def upload(self, url: str, data: bytes) -> None:
        """Write the task's one blob, whole."""
        headers = {"x-ms-blob-type": "BlockBlob", "content-type": "application/x-ndjson"}
        await self._send("PUT", url, content=data, headers=headers)

    async def answer(self, task_id: str, outcome: Mapping[str, Any]) -> None:
        """Say what was done. A repeat after the task's end is no error."""
        await self._post(f"{task_id}/outcome", outcome)

    async def _post(self, path: str, body: Mapping[str, Any] | None) -> httpx.Response | None:
        token = await self._credential.get_token(self._scope)
        headers = {"authorization": f"Bearer {token.token}"}
        return await self._send("POST", f"{self._url}/api/v1/tasks/{path}", json=body, headers=headers)

    async def _send(self, method: str, url: str, **how: Any) -> httpx.Response | None:
        try:
            answer = await self._http.request(method, url, **how)
        except httpx.HTTPError as error:
            raise TryAgain(type(error).__name__) from None
        if answer.status_code == ENDED:
            return None
        if answer.status_code >= 500 or answer.status_code in MAY_PASS:
            raise TryAgain(f"status {answer.status_code}")
        if not answer.is_success:
            raise Refused(f"status {answer.status_code}")
        return answer
