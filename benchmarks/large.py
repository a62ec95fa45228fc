"""Large subjects: 100,000 rows, and 512 MB of files that no compression makes smaller."""

import time
from collections.abc import AsyncIterator
from datetime import datetime
from statistics import median

from azure.storage.blob.aio import StorageStreamDownloader

from benchmarks.clients import Plain, plain
from benchmarks.figures import Figure
from benchmarks.running import SERVICES, Running, running
from samples.people import PEOPLE
from samples.synthetic import CONTAINER, Subject, table

ROWS = 100_000
RUNS = 3
SMALL_MB, LARGE_MB = 8, 512


async def access_100k() -> list[Figure]:
    """One person's 100,000 rows over eight services, against listing the same rows one table after another."""
    async with running("rows") as stack, plain(stack.env) as clients:
        [person] = await stack.people(1, ROWS, seed=3)
        pairs = [(await _access(stack, person), await _listing(clients, person)) for _ in range(RUNS)]
        peak = stack.peak_mb()
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    detail = {"ours_s": ours, "listing_s": theirs}
    return [
        Figure(metric="access_100k_ratio", value=ours / theirs, unit="ratio", target=1.6, detail=detail),
        Figure(metric="access_100k_memory_mb", value=peak, unit="MB", target=250),
    ]


async def assembly() -> list[Figure]:
    """From the last fragment to the package, against copying the same files; and what it takes in memory."""
    async with running("files", files=True) as stack, plain(stack.env) as clients:
        [small] = await stack.people(1, SERVICES, seed=4, file_mb=SMALL_MB)
        [large] = await stack.people(1, SERVICES, seed=5, file_mb=LARGE_MB)
        for _ in range(RUNS):
            await _access(stack, small)
        before = stack.peak_mb()
        pairs = [(await _assembled(stack, large), await _copied(clients, large)) for _ in range(RUNS)]
        after = stack.peak_mb()
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    detail = {"ours_s": ours, "copying_s": theirs}
    return [
        Figure(metric="export_assembly_ratio", value=ours / theirs, unit="ratio", target=1.3, detail=detail),
        Figure(metric="export_memory_mb", value=after - before, unit="MB", target=64, detail={"peak_mb": after}),
    ]


async def _access(stack: Running, person: Subject) -> float:
    bearer = stack.bearer(person)
    started = time.perf_counter()
    await stack.ended(await stack.ask(bearer), bearer)
    return time.perf_counter() - started


async def _listing(clients: Plain, person: Subject) -> float:
    started = time.perf_counter()
    seen = 0
    for number in range(1, SERVICES + 1):
        rows = clients.data_tables.get_table_client(table(number)).query_entities(
            "PartitionKey eq @person", parameters={"person": person.oid}, results_per_page=1000
        )
        async for page in rows.by_page():
            async for _ in page:
                seen += 1
    if seen != ROWS:
        raise RuntimeError(f"listed {seen} rows")
    return time.perf_counter() - started


async def _assembled(stack: Running, person: Subject) -> float:
    """Return the seconds between the two lines of the request's own history."""
    bearer = stack.bearer(person)
    request_id = await stack.ask(bearer)
    await stack.ended(request_id, bearer, every=0.5)
    olga = PEOPLE["olga"]
    operator = stack.stack.token(olga.tenant, olga.oid, "Privacy.Operator")
    answer = await stack.client.get(
        f"/api/v1/ops/requests/{request_id}", headers={"Authorization": f"Bearer {operator}"}
    )
    at = {one["event"]: datetime.fromisoformat(one["at"]) for one in answer.json()["history"]}
    return (at["assembled"] - at["collected"]).total_seconds()


async def _copied(clients: Plain, person: Subject) -> float:
    started = time.perf_counter()
    source = clients.data_blobs.get_container_client(CONTAINER)
    target = clients.exports.get_container_client("packages")
    async for name in source.list_blob_names(name_starts_with=f"{person.oid}/"):
        download = await source.download_blob(name)
        await target.upload_blob(f"copied/{name}", _pieces(download), length=download.size, overwrite=True)
    return time.perf_counter() - started


async def _pieces(download: StorageStreamDownloader[bytes]) -> AsyncIterator[bytes]:
    async for piece in download.chunks():
        yield piece
