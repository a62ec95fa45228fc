"""Many small subjects: how many a minute, at what cost, and how fast the door is."""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median

from azure.core.exceptions import ResourceExistsError

from benchmarks.bare import PER_BATCH
from benchmarks.clients import Plain, plain
from benchmarks.figures import Figure
from benchmarks.running import ROOT, SERVICES, Running, running

PEOPLE, RECORDS, RUNS = 100, 10, 3
COUNTED, WARM = 40, 8
CALLS, AT_ONCE = 480, 16
QUEUE_FUNCTIONS = ("code_send", "notice_send", "request_plan", "export_assemble", "task_run_stores", "waits_sweep")


async def journeys() -> list[Figure]:
    """A hundred requests at once, their cost in operations, and their CPU against bare calls of the same kinds."""
    kinds = await _counted()
    rates, ours, bare = [], [], []
    async with running("journeys") as stack, plain(stack.env) as clients:
        await _burst(stack, clients, WARM, seed=10)
        for run in range(RUNS):
            seconds, cpu = await _burst(stack, clients, PEOPLE, seed=11 + run)
            rates.append(PEOPLE * 60 / seconds)
            ours.append(cpu / PEOPLE)
            bare.append(await _bare(stack, kinds))
    operations = sum(kinds.values())
    limit = 20 + 7 * SERVICES
    detail = {"ours_ms": median(ours) * 1000, "bare_ms": median(bare) * 1000}
    return [
        Figure(metric="journey_rate", value=median(rates), unit="requests/min", target=200, at_least=True),
        Figure(metric="operations_per_journey", value=operations, unit="operations", target=limit, detail=dict(kinds)),
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
    await _packaged(clients, {f"{request_id}/package.zip" for request_id in ids})
    return time.perf_counter() - started, stack.cpu("host", "bus") - cpu


async def _packaged(clients: Plain, names: set[str]) -> None:
    """Wait until every one of these packages is there."""
    container = clients.exports.get_container_client("packages")
    with suppress(ResourceExistsError):
        await clients.exports.create_container("packages")
    while not names <= {name async for name in container.list_blob_names()}:
        await asyncio.sleep(0.2)


async def _counted() -> Mapping[str, float]:
    """Run the app with a counter on its wires; nothing else asks it anything meanwhile."""
    app, counts = ROOT / "build" / "bench" / "counting-app", ROOT / "build" / "bench" / "counts.json"
    _counting_app(app)
    # The sweep is silent here: it costs the same however many requests there are.
    settings = {"OPERATION_COUNTS": str(counts), "AzureWebJobs.waits_sweep.Disabled": "true"}
    async with running("counting", app=app, settings=settings) as stack, plain(stack.env) as clients:
        before = await _count_of(stack, clients, counts, WARM, seed=20)
        after = await _count_of(stack, clients, counts, COUNTED, seed=21)
    return {kind: (after[kind] - before.get(kind, 0)) / COUNTED for kind in sorted(after)}


def _counting_app(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, target in (
        ("function_app.py", ROOT / "benchmarks" / "counting" / "function_app.py"),
        ("host.json", ROOT / "host.json"),
        ("infra", ROOT / "infra"),
    ):
        (folder / name).symlink_to(target)


async def _count_of(stack: Running, clients: Plain, counts: Path, people: int, seed: int) -> dict[str, float]:
    """Submit, wait for storage to hold the packages and for the last notice to be on record, and read the counter."""
    ids = [await stack.ask(stack.bearer(person)) for person in await stack.people(people, RECORDS, seed)]
    await _packaged(clients, {f"{request_id}/package.zip" for request_id in ids})
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
