"""Whether erasures ended as they must, whatever went wrong: by storage, bus and mail, and by every system itself."""

import asyncio
import io
import json
import time
import zipfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx
from every_entity import EveryEntity
from person import Outbox
from storage_accounts import StorageAccounts
from unsteady_company import DESK, Held, UnsteadyCompany

from samples.synthetic import Subject
from shared import verify_certificate
from shared.adapters.azure_tables_rows import unpacked
from shared.domain.request import Entry, Request
from shared.domain.states import Happening, State

PATIENCE = 30.0


class Course(NamedTuple):
    """One request as its own rows tell of it."""

    request: Request
    history: list[Entry]
    open: list[str]

    def times(self, happening: Happening) -> int:
        """Return how often something happened."""
        return [one.happening for one in self.history].count(happening)


async def course_of(storage: StorageAccounts, request_id: str) -> Course:
    """Read a request's rows."""
    rows = {
        row["RowKey"]: row for row in await storage.rows("spinstate", "Requests") if row["PartitionKey"] == request_id
    }
    lines = [unpacked(Entry, row) for key, row in sorted(rows.items()) if key.startswith("event:")]
    request = unpacked(Request, rows["request"], "dossier")
    return Course(request, lines, [key for key in rows if key.startswith("outbox:")])


async def nothing_is_wrong(
    company: UnsteadyCompany, people: Sequence[Subject], ids: Sequence[str], before: Held
) -> None:
    """Hold everything against what was there before: each person is erased, certified once, and nothing else moved."""
    await all_is_quiet(company)
    after = await company.held()
    assert after == before.without(people)
    async with StorageAccounts(company.stack.told) as storage:
        for person, request_id in zip(people, ids, strict=True):
            planted = before.of(person)
            assert all(planted.values()), planted
            course = await course_of(storage, request_id)
            assert course.request.state is State.COMPLETED
            assert course.times(Happening.CERTIFIED) == 1
            assert broken_at(course.history) is None
            certificate = await certificate_of(company, storage, course)
            told = {one["dataset"]: one for one in certificate["lines"].values() if "dataset" in one}
            assert {name: (one["outcome"], one.get("count")) for name, one in told.items()} == {
                name: ("erased", count) for name, count in planted.items()
            }
            assert certificate["certificate"]["outcome"] == "complete"
            desk_was_told_once(company, person)


async def all_is_quiet(company: UnsteadyCompany) -> None:
    """Wait until the bus is empty, and hold that nothing was given up, nothing is open and nobody has a turn."""
    bus = company.bus()
    async with StorageAccounts(company.stack.told) as storage:
        give_up = time.monotonic() + PATIENCE
        while left := await not_over(bus, storage):
            assert time.monotonic() < give_up, f"not over: {left}"
            await asyncio.sleep(0.1)
        assert await bus.dead() == []


async def not_over(bus: EveryEntity, storage: StorageAccounts) -> list[str]:
    """Return messages that wait, commands that are open, and turns that somebody has."""
    waiting = [one.said["kind"] for one in await bus.seen()]
    rows = await storage.rows("spinstate", "Requests")
    opened = [row["RowKey"] for row in rows if row["RowKey"].startswith("outbox:")]
    states = {row["PartitionKey"]: row["state"] for row in rows if row["RowKey"] == "request"}
    # Who asked the same as whom is kept as long as the request; a turn to erase ends with the erasure.
    taken = [row for row in await storage.rows("spinstate", "Turns") if not row["PartitionKey"].startswith("asked.")]
    turns = [f"turn of a request that is {states[row['request']]}" for row in taken]
    return [*waiting, *opened, *turns]


async def certificate_of(company: UnsteadyCompany, storage: StorageAccounts, course: Course) -> dict[str, Any]:
    """Return what the one certificate on record proves, checked with the keys that the app shows the world."""
    request = course.request
    kept = await storage.blob_names("spinexports", request.id)
    assert request.certificate is not None
    assert f"packages/{request.certificate.name}" in kept
    data = await storage.read("spinexports", "packages", request.certificate.name)
    async with httpx.AsyncClient(base_url=company.stack.url) as anybody:
        keys = (await anybody.get("/api/v1/keys")).content
    proven = await asyncio.to_thread(_checked, data, keys)
    (certified,) = [one.hash for one in course.history if one.happening is Happening.CERTIFIED]
    assert proven["certificate"]["audit_event"] == certified
    assert proven["pinned"]
    return proven


def _checked(data: bytes, keys: bytes) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        file, known = Path(folder, "certificate.zip"), Path(folder, "keys.json")
        file.write_bytes(data)
        known.write_bytes(keys)
        said = io.StringIO()
        with redirect_stdout(said):
            assert verify_certificate.main([str(file), "--keys", str(known), "--json"]) == 0
    assert zipfile.is_zipfile(io.BytesIO(data))
    told: dict[str, Any] = json.loads(said.getvalue())
    return told


def desk_was_told_once(company: UnsteadyCompany, person: Subject) -> None:
    """Hold that the recipient got one notice about somebody, and repeated ones under the same id alone."""
    notices = [one for one in Outbox(company.stack.outbox).letters(DESK) if person.oid in one.text]
    assert len({one.message_id for one in notices}) == 1


def broken_at(lines: Sequence[Entry]) -> int | None:
    """Return where a history's chain is broken."""
    head = ""
    for place, line in enumerate(lines):
        if line != Entry.chained(head, place + 1, line):
            return place
        head = line.hash
    return None
