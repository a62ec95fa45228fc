"""Flood counters in Azure Tables, in fixed windows counted from 1970."""

import asyncio
import logging
import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched, groupby

from shared.adapters.azure_table import MOST_ROWS, AzureTable, Refused, etag_of
from shared.adapters.azure_tables_transactions import Operation
from shared.domain.errors import AlreadyThere, PrivacyError, StaleState, Transient
from shared.ports.world import Clock

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRIES = 20
_PAUSE = 0.005  # seconds, times the try, at random
_SHARED_EVERY = timedelta(seconds=3)
_MERGED_AT_ONCE = 8
_MERGED_A_ROUND = 200  # the busiest; the others wait for the next round
_REMEMBERED = 20_000

type Window = tuple[str, str, datetime]  # scope, key, end


@dataclass(slots=True)
class _Count:
    """`own` was counted here since the last merge, `shared` is what the table held then."""

    shared: int = 0
    own: int = 0


class AzureTablesLimits:
    """PartitionKey is `<end of the window>|<scope>`, so that what has ended is found by range and swept."""

    def __init__(self, table: AzureTable, clock: Clock, *, share_every: timedelta = _SHARED_EVERY) -> None:
        self._table = table
        self._clock = clock
        self._share_every = share_every.total_seconds()
        self._counts: dict[Window, _Count] = {}
        self._merging: asyncio.Task[None] | None = None

    async def take(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Count one against the limit, exactly."""
        now = self._clock()
        end = _end(now, window)
        count = self._counts.get((scope, key, end))
        if count is not None and count.shared >= limit:  # it never falls inside a window
            return end - now
        for number in range(_TRIES):
            try:
                counted = await self._add((scope, key, end), 1, limit)
            except (AlreadyThere, StaleState):
                await asyncio.sleep(_PAUSE * number * random.random())
                continue
            self._remember((scope, key, end)).shared = counted or limit
            return None if counted is not None else end - now
        raise Transient("limit_contended")

    def admit(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Count one against the limit, here, and merge with the others in the background."""
        now = self._clock()
        end = _end(now, window)
        count = self._remember((scope, key, end))
        if count.shared + count.own >= limit:
            return end - now
        count.own += 1
        if self._merging is None or self._merging.done():
            self._merging = asyncio.get_running_loop().create_task(self._merge_soon())
        return None

    async def sweep(self, now: datetime) -> int:
        """Delete the counters of windows that have ended; return how many."""
        rows = self._table.query(
            "PartitionKey lt @now", {"now": _stamp(now)}, limit=1000, select=["PartitionKey", "RowKey"]
        )
        ended = [(row["PartitionKey"], row["RowKey"]) async for row in rows]
        for partition, keys in groupby(ended, key=lambda row: row[0]):
            for some in batched([row for _, row in keys], MOST_ROWS, strict=False):
                with suppress(Refused):  # another sweep was here; what it left is for the next
                    await self._table.transact(
                        [Operation("delete", {"PartitionKey": partition, "RowKey": row}) for row in some]
                    )
        return len(ended)

    async def close(self) -> None:
        """Stop merging; what was counted here since the last merge is forgotten."""
        if self._merging is not None:
            self._merging.cancel()
            await asyncio.gather(self._merging, return_exceptions=True)
            self._merging = None

    async def _add(self, window: Window, more: int, limit: int | None) -> int | None:
        """Add to a row; return the new count, or None when the limit is reached already.

        Raises:
            AlreadyThere, StaleState: somebody else counted just now.
        """
        scope, key, end = window
        partition = f"{_stamp(end)}|{scope}"
        entity = {"PartitionKey": partition, "RowKey": key, "counted": more}
        if not self._remember(window).shared:  # most keys are counted once: one call instead of two
            try:
                await self._table.insert(entity)
            except AlreadyThere:
                pass
            else:
                return more
        row = await self._table.get(partition, key)
        if row is None:
            await self._table.insert(entity)
            return more
        counted: int = row["counted"]
        if limit is not None and counted >= limit:
            return None
        await self._table.replace(entity | {"counted": counted + more}, etag_of(row))
        return counted + more

    async def _merge_soon(self) -> None:
        """Wait a little, then share what was counted; end when nothing was counted meanwhile."""
        while self._forget_ended():
            await asyncio.sleep(self._share_every)
            dirty = [window for window, count in self._counts.items() if count.own]
            dirty.sort(key=lambda window: self._counts[window].own, reverse=True)
            for some in batched(dirty[:_MERGED_A_ROUND], _MERGED_AT_ONCE, strict=False):
                await asyncio.gather(*(self._merge(window) for window in some))

    async def _merge(self, window: Window) -> None:
        count = self._counts.get(window)
        if count is None:  # forgotten meanwhile, for too many others came
            return
        own = count.own
        try:
            shared = await self._add(window, own, None)
        except (AlreadyThere, StaleState):
            return  # the next round tries again
        except PrivacyError as error:
            log.warning("limits not shared error=%s", error)
            return
        count.shared, count.own = shared or 0, count.own - own

    def _forget_ended(self) -> bool:
        """Drop the windows that have ended; tell whether anything is left to share."""
        now = self._clock()
        self._counts = {window: count for window, count in self._counts.items() if window[2] > now}
        return any(count.own for count in self._counts.values())

    def _remember(self, window: Window) -> _Count:
        count = self._counts.get(window)
        if count is None:
            if len(self._counts) >= _REMEMBERED:
                del self._counts[next(iter(self._counts))]
            count = self._counts[window] = _Count()
        return count


def _end(now: datetime, window: timedelta) -> datetime:
    return now - (now - _EPOCH) % window + window


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
