"""Calls to the service as anybody makes them, each with the answer that it should have."""

from typing import Any

import httpx


class StepFailed(Exception):
    """Something did not go as it should; the message says what, in one line."""


async def call(
    app: httpx.AsyncClient,
    token: str | None,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    status: int = httpx.codes.OK,
) -> httpx.Response:
    """Make one call, with a bearer token where there is one.

    Raises:
        StepFailed: it was answered otherwise.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await app.request(method, path, json=body, headers=headers)
    if answer.status_code != status:
        raise StepFailed(f"{method} {path} answered {answer.status_code} instead of {status}: {answer.text[:300]}")
    return answer
