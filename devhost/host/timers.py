"""Timer triggers: one run at a time, missed occurrences made up for once."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devhost.host.catalogue import Function, TimerTrigger
from devhost.host.errors import InvocationError
from devhost.host.invoker import Invoker
from devhost.host.ncrontab import Schedule
from devhost.host.settings import DRAINS_WITHIN

_LONGEST_SLEEP = 30.0
"""Seconds after which the clock is read again, in case it was set."""


@dataclass(frozen=True, slots=True)
class Status:
    """When a timer last ran and is due next; `last` is None before the first run."""

    last: datetime | None
    next: datetime
    updated: datetime

    def as_json(self) -> dict[str, str]:
        """The shape in which the real host stores it."""
        moments = {
            "Last": self.last or datetime.min.replace(tzinfo=UTC),
            "Next": self.next,
            "LastUpdated": self.updated,
        }
        return {name: moment.isoformat() for name, moment in moments.items()}


def opening_status(kept: Status | None, schedule: Schedule, now: datetime) -> Status:
    """The status to start from: the kept one, unless the schedule has changed since it was written.

    Its `next` lies in the past when an occurrence was missed.
    """
    if kept is None:
        return Status(None, schedule.next_after(now), now)
    expected = schedule.next_after(kept.updated)
    if kept.next == expected:
        return kept
    return Status(None, schedule.next_after(now) if now > expected else expected, now)


@dataclass(kw_only=True)
class Timer:
    """Runs one function by the clock."""

    function: Function
    trigger: TimerTrigger
    invoker: Invoker
    file: Path
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _clock: asyncio.Task[None] | None = field(default=None, init=False)
    _current: asyncio.Task[Status] | None = field(default=None, init=False)

    def start(self) -> None:
        """Run the function whenever it is due, from now on."""
        self._clock = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Start no further run, and wait within bounds for the one that is on."""
        if self._clock is not None:
            self._clock.cancel()
        if self._current is not None and not self._current.done():
            await asyncio.wait({self._current}, timeout=DRAINS_WITHIN)

    async def _keep(self) -> None:
        status = opening_status(self._read(), self.trigger.schedule, self.now())
        past_due = self.trigger.use_monitor and self.now() > status.next
        self._write(status)
        if past_due or self.trigger.run_on_startup:
            status = await self._run_shielded(status, past_due=past_due)
        while True:
            await self._sleep_until(self.trigger.schedule.next_after(self.now()))
            status = await self._run_shielded(status, past_due=False)

    async def _sleep_until(self, due: datetime) -> None:
        left = (due - self.now()).total_seconds()
        while left > 0:
            await asyncio.sleep(min(left, _LONGEST_SLEEP))
            left = (due - self.now()).total_seconds()

    async def run_by_hand(self) -> None:
        """Run the function now, apart from its schedule."""
        await self._invoke(self._read(), past_due=False)

    async def _run_shielded(self, status: Status, *, past_due: bool) -> Status:
        """A run that the end of the clock does not cut short."""
        self._current = asyncio.create_task(self._run(status, past_due=past_due))
        return await asyncio.shield(self._current)

    async def _run(self, status: Status, *, past_due: bool) -> Status:
        began = self.now()
        await self._invoke(status, past_due=past_due)
        status = Status(began, self.trigger.schedule.next_after(began), began)
        self._write(status)
        return status

    async def _invoke(self, status: Status | None, *, past_due: bool) -> None:
        monitored = status is not None and self.trigger.use_monitor
        info = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status.as_json() if status is not None and monitored else None,
            "IsPastDue": past_due,
        }
        try:
            await self.invoker.run(self.function, {"kind": "timer"}, json.dumps(info).encode())
        except InvocationError:
            return  # recorded; the schedule goes on

    def _read(self) -> Status | None:
        try:
            document: Any = json.loads(self.file.read_text(encoding="utf-8"))
            last, coming, updated = (datetime.fromisoformat(document[name]) for name in ("Last", "Next", "LastUpdated"))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return Status(None if last.year == 1 else last, coming, updated)

    def _write(self, status: Status) -> None:
        if not self.trigger.use_monitor:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(status.as_json()), encoding="utf-8")
        fresh.replace(self.file)
