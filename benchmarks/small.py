"""Many small subjects: how many a minute, at what cost, and how fast the door is."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from statistics import median

from benchmarks.bare import PER_BATCH
from benchmarks.clients import Plain, plain
from benchmarks.counted import operations
from benchmarks.figures import Figure
from benchmarks.running import ROOT, SERVICES, Running, answered, running

PEOPLE, RECORDS, RUNS = 100, 10, 3
WARM = 8
CALLS, AT_ONCE = 480, 16
QUEUE_FUNCTIONS = ("code_send", "notice_send", "request_plan", "export_assemble", "task_run_stores", "waits_sweep")


async def journeys() -> list[Figure]:
    """A hundred requests at once, their cost in operations, and their CPU against bare calls of the same kinds."""
    kinds = await operations("access", "package")
    rates, ours, bare = [], [], []
    async with running("journeys") as stack, plain(stack.env) as clients:
        await _burst(stack, clients, WARM, seed=10)
        for run in range(RUNS):
            seconds, cpu = await _burst(stack, clients, PEOPLE, seed=11 + run)
            rates.append(PEOPLE * 60 / seconds)
            ours.append(cpu / PEOPLE)
            bare.append(await _bare(stack, kinds))
    total = sum(kinds.values())
    limit = 20 + 7 * SERVICES
    detail = {"ours_ms": median(ours) * 1000, "bare_ms": median(bare) * 1000}
    return [
        Figure(metric="journey_rate", value=median(rates), unit="requests/min", target=200, at_least=True),
        Figure(metric="operations_per_journey", value=total, unit="operations", target=limit, detail=dict(kinds)),
        Figure(metric="journey_cpu_ratio", value=median(ours) / median(bare), unit="ratio", target=1.6, detail=detail),
    ]


async def intake() -> list[Figure]:
    """The intake call at concurrency 16, limits and all, against two plain table writes at the same concurrency.

    What intake sets off is left waiting on the bus, so that the call is measured and not the work behind it.
    """
    waiting = {f"AzureWebJobs.{name}.Disabled": "true" for name in QUEUE_FUNCTIONS}
    async with running("intake", settings=waiting) as stack, plain(stack.env) as clients:
        await _calls(stack, 32, run=0)
        pairs = [(await _calls(stack, CALLS, run), await _writes(clients, CALLS, run)) for run in range(1, RUNS + 1)]
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    detail = {"ours_p95_ms": ours * 1000, "writes_p95_ms": theirs * 1000}
    return [Figure(metric="intake_p95_ratio", value=ours / theirs, unit="ratio", target=5, detail=detail)]


async def _burst(stack: Running, clients: Plain, count: int, seed: int) -> tuple[float, float]:
    """Submit requests at once; return the seconds to the last package and the CPU of what runs our code.

    Storage is asked whether the packages are there, and not the app, which has enough to do.
    """
    people = await stack.people(count, RECORDS, seed)
    bearers = [stack.bearer(person) for person in people]
    cpu, started = stack.cpu("host", "bus"), time.perf_counter()
    ids = await asyncio.gather(*(stack.ask(bearer) for bearer in bearers))
    await answered(clients, ids, "package")
    return time.perf_counter() - started, stack.cpu("host", "bus") - cpu


async def _bare(stack: Running, kinds: Mapping[str, float]) -> float:
    """Return the CPU seconds that the same operations take a plain process, bus included, for each journey."""
    told = {"env": dict(stack.env), "kinds": dict(kinds), "messages": SERVICES + 3}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.bare",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate(json.dumps(told).encode())
    if process.returncode:
        raise RuntimeError("the bare calls failed")
    return float(json.loads(out)["cpu_per_journey"])


async def _calls(stack: Running, count: int, run: int) -> float:
    async def call(number: int) -> None:
        body = {"rights": ["access"], "email": f"run{run}.{number}@intake.example", "language": "en"}
        (await stack.client.post("/api/v1/requests", json=body)).raise_for_status()

    return await _p95(call, count)


async def _writes(clients: Plain, count: int, run: int) -> float:
    rows = clients.state.get_table_client("BenchWrites")
    await clients.state.create_table_if_not_exists("BenchWrites")

    async def call(number: int) -> None:
        for half in ("a", "b"):
            await rows.create_entity({"PartitionKey": f"{run}-{number}", "RowKey": half, "text": "x" * PER_BATCH})

    return await _p95(call, count)


async def _p95(call: Callable[[int], Awaitable[None]], count: int) -> float:
    """Make calls, sixteen at a time, and return the 95th percentile of their seconds."""
    numbers, took = iter(range(count)), []

    async def caller() -> None:
        for number in numbers:
            started = time.perf_counter()
            await call(number)
            took.append(time.perf_counter() - started)

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    return sorted(took)[int(len(took) * 0.95)]
