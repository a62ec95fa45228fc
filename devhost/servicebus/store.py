"""The SQLite file that outlives the broker: every change of one turn in one transaction."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devhost.servicebus.amqp.message import Content
from devhost.servicebus.entities.message import Message, State
from devhost.servicebus.errors import StoreError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
  sequence INTEGER PRIMARY KEY, entity TEXT NOT NULL, state INTEGER NOT NULL, origin INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL, expires_at INTEGER, delivery_count INTEGER NOT NULL, message_id TEXT NOT NULL,
  ttl INTEGER, annotation_count INTEGER NOT NULL, annotations BLOB NOT NULL, sections BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS duplicates (
  entity TEXT NOT NULL, message_id TEXT NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (entity, message_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved (sequence INTEGER NOT NULL);
"""
_VERSION = 1
_BLOCK = 1000


class Store:
    """Collects changes and writes them on `commit`; nothing may leave the broker before that."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, timeout=1, isolation_level=None)
            self._prepare()
        except sqlite3.Error as error:
            raise StoreError(f"cannot use database {path}: {error}") from error
        self._changes: list[tuple[str, tuple[Any, ...]]] = []
        self._next, self._reserved = self._numbers()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"layout {version} is not the known layout {_VERSION}")
        self._db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={_VERSION};COMMIT;")

    def _numbers(self) -> tuple[int, int]:
        row = self._db.execute("SELECT max(sequence) FROM reserved").fetchone()
        reserved = row[0] or 0
        return reserved + 1, reserved

    def next_sequence(self) -> int:
        """Return a number never given before, across restarts and all entities."""
        number = self._next
        self._next += 1
        if number > self._reserved:
            self._reserved += _BLOCK
            self._changes.append(("DELETE FROM reserved", ()))
            self._changes.append(("INSERT INTO reserved VALUES (?)", (self._reserved,)))
        return number

    def insert(self, entity: str, message: Message) -> None:
        """Add a message to an entity."""
        content = message.content
        row = (
            message.sequence,
            entity,
            int(message.state),
            message.origin,
            message.enqueued_at,
            message.expires_at,
            message.delivery_count,
            content.message_id,
            content.ttl,
            content.annotation_count,
            content.annotations,
            content.sections,
        )
        self._changes.append(("INSERT INTO messages VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row))

    def delete(self, sequence: int) -> None:
        """Remove a message."""
        self._changes.append(("DELETE FROM messages WHERE sequence=?", (sequence,)))

    def count_delivery(self, message: Message) -> None:
        """Keep the message's new delivery count."""
        change = "UPDATE messages SET delivery_count=? WHERE sequence=?"
        self._changes.append((change, (message.delivery_count, message.sequence)))

    def remember_duplicate(self, entity: str, message_id: str, until: int) -> None:
        """Keep a message id until its window ends."""
        self._changes.append(("INSERT OR REPLACE INTO duplicates VALUES (?,?,?)", (entity, message_id, until)))

    def forget_duplicate(self, entity: str, message_id: str) -> None:
        """Drop a message id."""
        self._changes.append(("DELETE FROM duplicates WHERE entity=? AND message_id=?", (entity, message_id)))

    def messages(self) -> Iterator[tuple[str, Message]]:
        """Yield every stored message with its entity, in order of sequence."""
        rows = self._db.execute("SELECT * FROM messages ORDER BY sequence")
        for sequence, entity, state, origin, enqueued_at, expires_at, count, *content in rows:
            yield (
                entity,
                Message(sequence, origin, Content(*content), enqueued_at, expires_at, count, State(state)),
            )

    def duplicates(self) -> Iterator[tuple[str, str, int]]:
        """Yield entity, message id and end of memory of every message seen lately, oldest first."""
        yield from self._db.execute("SELECT entity, message_id, until FROM duplicates ORDER BY until")

    def commit(self) -> None:
        """Write the changes since the last commit, all or none.

        Raises:
            StoreError: The file cannot be written; the broker must stop without answering.
        """
        if not self._changes:
            return
        changes, self._changes = self._changes, []
        execute = self._db.execute
        try:
            execute("BEGIN")
            for change, values in changes:
                execute(change, values)
            execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"cannot write the database: {error}") from error

    def close(self) -> None:
        """Release the file; changes not committed are lost."""
        self._db.close()
