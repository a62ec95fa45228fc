"""How many table, blob and bus operations one request takes, counted on the app's own wires."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.clients import Plain, plain
from benchmarks.running import ROOT, Running, answered, app_around, running

COUNTED, WARM, RECORDS = 40, 8, 10


async def operations(right: str, answer: str, settings: Mapping[str, str] | None = None) -> dict[str, float]:
    """Run the app with a counter on its wires, and return the operations of each kind for one request.

    Nothing else asks the app anything meanwhile. The sweep is silent: it costs the same however many requests there
    are.
    """
    bench = ROOT / "build" / "bench"
    app = app_around(bench / "counting-app", ROOT / "benchmarks" / "counting" / "function_app.py")
    counts = bench / "counts.json"
    silent = {"OPERATION_COUNTS": str(counts), "AzureWebJobs.waits_sweep.Disabled": "true"}
    chosen = {**silent, **(settings or {})}
    async with running("counting", app=app, settings=chosen) as stack, plain(stack.env) as clients:
        before = await _count_of(stack, clients, counts, (right, answer), WARM, seed=20)
        after = await _count_of(stack, clients, counts, (right, answer), COUNTED, seed=21)
    return {kind: (after[kind] - before.get(kind, 0)) / COUNTED for kind in sorted(after)}


async def _count_of(
    stack: Running, clients: Plain, counts: Path, asked: tuple[str, str], people: int, seed: int
) -> dict[str, float]:
    """Submit, wait for storage to hold the answers and for the last notice to be on record, and read the counter."""
    right, answer = asked
    ids = [await stack.ask(stack.bearer(person), right) for person in await stack.people(people, RECORDS, seed)]
    await answered(clients, ids, answer)
    requests = clients.state.get_table_client("Requests")
    while [row async for row in requests.query_entities("RowKey ge 'outbox:' and RowKey lt 'outbox;'")]:
        await asyncio.sleep(0.3)
    return await asyncio.to_thread(_written, counts)


def _written(counts: Path) -> dict[str, float]:
    """Wait until the counter was written anew, from its start, and read it."""
    seen = counts.stat().st_mtime_ns
    while counts.stat().st_mtime_ns == seen or not counts.read_text().endswith("}"):
        time.sleep(0.05)
    counted: dict[str, float] = json.loads(counts.read_text())
    return counted
