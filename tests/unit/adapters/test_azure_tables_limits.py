"""Flood counters when more keys come than are remembered."""

import asyncio
from datetime import UTC, datetime, timedelta

from shared.adapters.azure_tables_limits import AzureTablesLimits

NOW = datetime(2026, 11, 23, 9, 45, tzinfo=UTC)
HOUR = timedelta(hours=1)
MORE_THAN_REMEMBERED = 20_100


class SlowTable:
    """A table whose writes wait until they are let go."""

    def __init__(self):
        self.open = asyncio.Event()
        self.begun = asyncio.Event()
        self.shared = asyncio.Event()

    async def insert(self, entity):
        self.begun.set()
        await self.open.wait()
        if entity["RowKey"].startswith("flood-"):
            self.shared.set()


async def test_counters_forgotten_in_a_flood_do_not_stop_the_others_from_being_shared():
    table = SlowTable()
    limits = AzureTablesLimits(table, lambda: NOW, share_every=timedelta(milliseconds=1))
    for number in range(20):
        limits.admit("s", f"early-{number}", 5, HOUR)
    await asyncio.wait_for(table.begun.wait(), 10)
    for number in range(MORE_THAN_REMEMBERED):
        limits.admit("s", f"flood-{number}", 5, HOUR)
    table.open.set()
    try:
        await asyncio.wait_for(table.shared.wait(), 10)
    finally:
        merging = limits._merging
        await limits.close()
    assert merging.cancelled() or merging.exception() is None
