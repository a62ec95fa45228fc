"""Erasures: how many a minute, at what cost, how services wait beside each other, and how fast rows go."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from statistics import median
from typing import Any

from benchmarks.clients import Plain, plain
from benchmarks.counted import operations
from benchmarks.figures import Figure
from benchmarks.running import ROOT, SERVICES, Running, answered, app_around, running
from samples.synthetic import Subject, table

PEOPLE, RECORDS, RUNS, WARM = 100, 10, 3, 8
ROWS = 100_000
WAITING, WAITS = 16, 2.0
AT_ONCE = (8, 16)  # transactions of the plain loop, one run each; the fastest counts
IN_TRANSACTION = 100
MOST_OPERATIONS = 30 + 14 * SERVICES
# Approved by policy, at once: what is measured is the work and not the time to think. Nobody asks that often in life.
AT_ONCE_APPROVED = {"COOLING_OFF": "PT0S", "BRAKE_LIMIT": "1000000"}


async def erasures() -> list[Figure]:
    """A hundred erasures at once over eight services, dry run and second look included, and their operations."""
    kinds = await operations("erasure", "certificate", AT_ONCE_APPROVED)
    async with running("erasures", settings=AT_ONCE_APPROVED) as stack, plain(stack.env) as clients:
        await _burst(stack, clients, WARM, seed=30)
        rates = [PEOPLE * 60 / await _burst(stack, clients, PEOPLE, seed=31 + run) for run in range(RUNS)]
    total = sum(kinds.values())
    return [
        Figure(metric="erasure_rate", value=median(rates), unit="requests/min", target=120, at_least=True),
        Figure(
            metric="operations_per_erasure", value=total, unit="operations", target=MOST_OPERATIONS, detail=dict(kinds)
        ),
    ]


async def fanout() -> list[Figure]:
    """One erasure over sixteen services that each take two seconds to look, against one over one such service."""
    many, one = await _waited(WAITING), await _waited(1)
    detail = {"services": WAITING, "many_s": many, "one_s": one}
    return [Figure(metric="fanout_wait_ratio", value=many / one, unit="ratio", target=2, detail=detail)]


async def erase_rows() -> list[Figure]:
    """One person's 100,000 rows, from request to certificate, against deleting them by keys known beforehand."""
    ours, theirs = [], []
    async with running("erase-rows", settings=AT_ONCE_APPROVED) as stack, plain(stack.env) as clients:
        for run, at_once in enumerate(AT_ONCE):
            [person] = await stack.people(1, ROWS, seed=40 + run)
            ours.append(await _erased(stack, clients, person))
            [other] = await stack.people(1, ROWS, seed=50 + run)
            theirs.append(await _deleted(clients, other, at_once))
        peak = stack.peak_mb()
    detail = {"ours_s": median(ours), "deleting_s": min(theirs)}
    return [
        Figure(metric="erase_rows_ratio", value=median(ours) / min(theirs), unit="ratio", target=1.5, detail=detail),
        Figure(metric="erase_rows_memory_mb", value=peak, unit="MB", target=250),
    ]


async def _burst(stack: Running, clients: Plain, count: int, seed: int) -> float:
    people = await stack.people(count, RECORDS, seed)
    bearers = [stack.bearer(person) for person in people]
    started = time.perf_counter()
    ids = await asyncio.gather(*(stack.ask(bearer, "erasure") for bearer in bearers))
    await answered(clients, ids, "certificate")
    return time.perf_counter() - started


async def _waited(services: int) -> float:
    app = app_around(ROOT / "build" / "bench" / "waiting-app", ROOT / "benchmarks" / "waiting" / "function_app.py")
    settings = {**AT_ONCE_APPROVED, "SERVICE_WAITS": str(WAITS)}
    took = []
    async with (
        running("waiting", app=app, services=services, settings=settings) as stack,
        plain(stack.env) as clients,
    ):
        for run in range(RUNS):
            [person] = await stack.people(1, services, seed=60 + run)
            took.append(await _erased(stack, clients, person))
    return median(took)


async def _erased(stack: Running, clients: Plain, person: Subject) -> float:
    started = time.perf_counter()
    request_id = await stack.ask(stack.bearer(person), "erasure")
    await answered(clients, [request_id], "certificate")
    took = time.perf_counter() - started
    for number in range(1, stack.services + 1):
        if [row async for row in _rows(clients, person, number)]:
            raise RuntimeError("rows are still there")
    return took


async def _deleted(clients: Plain, person: Subject, at_once: int) -> float:
    """Delete a person's rows by their keys, as many transactions at a time; return the seconds of that alone."""
    work: list[tuple[int, Sequence[dict[str, str]]]] = []
    for number in range(1, SERVICES + 1):
        keys = [
            {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]}
            async for row in _rows(clients, person, number)
        ]
        work += [(number, keys[start : start + IN_TRANSACTION]) for start in range(0, len(keys), IN_TRANSACTION)]
    if sum(len(keys) for _, keys in work) != ROWS:
        raise RuntimeError("the rows to delete are not there")
    waiting = iter(work)

    async def deleter() -> None:
        for number, keys in waiting:
            await clients.data_tables.get_table_client(table(number)).submit_transaction(
                [("delete", key) for key in keys]
            )

    started = time.perf_counter()
    await asyncio.gather(*(deleter() for _ in range(at_once)))
    return time.perf_counter() - started


async def _rows(clients: Plain, person: Subject, number: int) -> AsyncIterator[Any]:
    found = clients.data_tables.get_table_client(table(number)).query_entities(
        "PartitionKey eq @person", parameters={"person": person.oid}, select=["PartitionKey", "RowKey"]
    )
    async for row in found:
        yield row
