"""The vendor's work: done at once, or taken over, done later, and asked for or called back about."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp

from samples.vendor_service.shelf import Shelf

type Mode = Literal["at_once", "polling", "callback"]
TRIES, FIRST_WAIT = 8, 0.1  # seconds, doubled each time
_WITHIN = aiohttp.ClientTimeout(total=10)


@dataclass(slots=True, kw_only=True)
class Works:
    """Every work by its key. A repeat joins what is under way, or does what is to be done again.

    How many rows were erased is told as the sum over all repeats.

    Identifiers are forgotten with the work.
    """

    shelf: Shelf
    mode: Mode
    takes: float = 0.0
    fault: Callable[[], str | None] = lambda: None
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def ask(self, key: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the outcome, or None: it is under way under this key."""
        if key in self.running:
            return None
        if key not in self.outcomes or self._left(asked):
            if self.mode != "at_once":
                self.running[key] = asyncio.create_task(self._later(key, asked))
                return None
            self._do(key, asked)
        return self.outcomes[key]

    def look(self, key: str) -> dict[str, Any] | None:
        """Return the outcome, or None: it is under way.

        Raises:
            KeyError: there is no such work.
        """
        return None if key in self.running else self.outcomes[key]

    async def stop(self) -> None:
        """Drop what is under way: whoever asked will ask again."""
        tasks = list(self.running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _do(self, key: str, asked: Mapping[str, Any]) -> None:
        dataset, identifiers = asked["dataset"], asked["identifiers"]
        if "values" in asked:
            try:
                count = self.shelf.correct(dataset, identifiers, asked["values"])
            except ValueError:
                self.outcomes[key] = {"status": "failed"}
                return
        else:
            count = self.shelf.erase(dataset, identifiers, asked["action"])
            count += self.outcomes.get(key, {"count": 0})["count"]
        self.outcomes[key] = {"status": "done", "count": count, "remaining": self._left(asked)}

    def _left(self, asked: Mapping[str, Any]) -> int:
        """Return how many rows are still to be erased, or do not yet say what they should."""
        dataset, identifiers = asked["dataset"], asked["identifiers"]
        if "values" not in asked:
            return len(self.shelf.find(dataset, identifiers))
        try:
            return self.shelf.wrong(dataset, identifiers, asked["values"])
        except ValueError:
            return len(self.shelf.find(dataset, identifiers))

    async def _later(self, key: str, asked: Mapping[str, Any]) -> None:
        try:
            await asyncio.sleep(self.takes)
            self._do(key, asked)
            if "callback" in asked:
                deletes = asked.get("action") == "delete"
                await self._call_back(asked["dataset"], self.outcomes[key], asked["callback"], deletes=deletes)
        finally:
            del self.running[key]

    async def _call_back(
        self, dataset: str, outcome: Mapping[str, Any], to: Mapping[str, str], *, deletes: bool
    ) -> None:
        body: dict[str, Any] = {"status": "failed", "code": "value_does_not_fit"}
        if outcome["status"] == "done":
            method = {"method": "row deleted"} if deletes else {}
            done = {"id": dataset, "count": outcome["count"], "remaining": outcome["remaining"], **method}
            body = {"status": "done", "datasets": [done]}
        token, fault = to["token"], self.fault()
        if fault == "never":
            return
        if fault == "empty":
            body = {"status": "done"}
        if fault == "wrong_token":
            token = f"{token[:-1]}{'0' if token[-1] != '0' else '1'}"
        await _patiently(lambda: _post(to["url"], token, body))
        if fault == "twice":
            await _patiently(lambda: _post(to["url"], token, body))


async def _patiently(send: Callable[[], Awaitable[int]]) -> None:
    """Send until it was taken or refused: again after 409, 429, 5xx and no answer at all."""
    for attempt in range(TRIES):
        status = await send()
        if status < 500 and status not in {0, 409, 429}:
            return
        await asyncio.sleep(FIRST_WAIT * 2**attempt)


async def _post(url: str, token: str, body: Mapping[str, Any]) -> int:
    try:
        async with (
            aiohttp.ClientSession(timeout=_WITHIN) as session,
            session.post(url, json=body, headers={"X-Privacy-Callback": token}, allow_redirects=False) as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0
