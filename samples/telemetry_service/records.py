"""What the service keeps: events of people in one SQLite file, and a note of every erasure."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "telemetry.sqlite"
KEPT = ("itemType", "name", "durationMs", "resultCode")  # what an anonymised event still says
TABLES = """
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, tenant TEXT, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS known_by (
    event INTEGER NOT NULL REFERENCES events ON DELETE CASCADE, kind TEXT NOT NULL, value TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS known_by_value ON known_by (value, kind);
CREATE INDEX IF NOT EXISTS known_by_event ON known_by (event);
CREATE TABLE IF NOT EXISTS erasures (
    task TEXT NOT NULL, dataset TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (task, dataset)
);
"""
type Identifiers = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Event:
    """One event, and the identifiers it is known by: kind and value, inside `tenant` where there is one."""

    dataset: str
    tenant: str | None
    known_by: tuple[tuple[str, str], ...]
    record: Mapping[str, Any]


class Records:
    """The file. What is deleted is overwritten in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / FILE, autocommit=True, timeout=10)
        self._database.executescript("PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;" + TABLES)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def add(self, events: Iterable[Event]) -> None:
        """Keep events."""
        with self._transaction() as database:
            for one in events:
                row = (one.dataset, one.tenant, json.dumps(one.record, ensure_ascii=False))
                event = database.execute("INSERT INTO events (dataset, tenant, record) VALUES (?, ?, ?)", row).lastrowid
                known = [(event, kind, value) for kind, value in one.known_by]
                database.executemany("INSERT INTO known_by (event, kind, value) VALUES (?, ?, ?)", known)

    def of(self, dataset: str, identifiers: Identifiers) -> list[Any]:
        """Return the records of one person in one dataset."""
        records = []
        for event in self._found(dataset, identifiers):
            (record,) = self._database.execute("SELECT record FROM events WHERE id = ?", (event,)).fetchone()
            records.append(json.loads(record))
        return records

    def count(self, dataset: str, identifiers: Identifiers) -> int:
        """Count them."""
        return len(self._found(dataset, identifiers))

    def erase(self, task: str, dataset: str, identifiers: Identifiers, action: str) -> int:
        """Delete or anonymise them; return how many this task has erased by now, however often it was begun.

        The number is noted in the transaction that erases: a process that dies in between repeats it and still knows.
        """
        with self._transaction() as database:
            found = self._found(dataset, identifiers)
            for event in found:
                if action == "delete":
                    database.execute("DELETE FROM events WHERE id = ?", (event,))
                else:
                    self._anonymise(event)
            noted = "INSERT INTO erasures VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
            database.execute(noted, (task, dataset, len(found)))
            asked = "SELECT count FROM erasures WHERE task = ? AND dataset = ?"
            count: int = database.execute(asked, (task, dataset)).fetchone()[0]
            return count

    def correct(self, dataset: str, identifiers: Identifiers, values: Mapping[str, str]) -> int:
        """Let them say these values, each in its field's type; return how many they are.

        Raises:
            ValueError: a value is not of its field's type; nothing was changed.
        """
        with self._transaction() as database:
            found = self._found(dataset, identifiers)
            for event in found:
                (record,) = database.execute("SELECT record FROM events WHERE id = ?", (event,)).fetchone()
                right = json.dumps(_corrected(json.loads(record), values), ensure_ascii=False)
                database.execute("UPDATE events SET record = ? WHERE id = ?", (right, event))
            return len(found)

    def wrong(self, dataset: str, identifiers: Identifiers, values: Mapping[str, str]) -> int:
        """Count those that do not say these values."""
        return sum(record != _corrected(record, values) for record in self.of(dataset, identifiers))

    def _found(self, dataset: str, identifiers: Identifiers) -> list[int]:
        found: dict[int, None] = {}
        for one in identifiers:
            rows = self._database.execute(
                "SELECT DISTINCT id FROM events JOIN known_by ON event = id "
                "WHERE dataset = ? AND kind = ? AND value = ? AND (? IS NULL OR tenant = ?) ORDER BY id",
                (dataset, one["kind"], one["value"], one.get("tenant"), one.get("tenant")),
            )
            found |= dict.fromkeys(event for (event,) in rows)
        return list(found)

    def _anonymise(self, event: int) -> None:
        (record,) = self._database.execute("SELECT record FROM events WHERE id = ?", (event,)).fetchone()
        kept = {name: value for name, value in json.loads(record).items() if name in KEPT}
        self._database.execute("UPDATE events SET tenant = NULL, record = ? WHERE id = ?", (json.dumps(kept), event))
        self._database.execute("DELETE FROM known_by WHERE event = ?", (event,))

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._database)


class _Transaction:
    """All or nothing, and on the disk when it is over."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        self._database.execute("BEGIN IMMEDIATE")
        return self._database

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")


def _corrected(record: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    return {**record, **{name: _fitted(value, record.get(name)) for name, value in values.items()}}


def _fitted(value: str, before: Any) -> Any:
    if before is None or isinstance(before, str):
        return value
    told = json.loads(value)
    if type(told) is not type(before):
        raise ValueError("of another type")
    return told
