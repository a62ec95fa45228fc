"""The data folder: where everything of one stack lives, and who may use it."""

import fcntl
import json
import os
import time
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from devhost.errors import StackError

LEFTOVERS_END_WITHIN = 15.0


@dataclass(frozen=True, slots=True)
class Folder:
    """One stack's data folder."""

    root: Path

    @property
    def description(self) -> Path:
        """The file that tells other processes all about the running stack; holds its secrets."""
        return self.root / "stack.json"

    @property
    def outbox(self) -> Path:
        """Where sent mail ends."""
        return self.root / "outbox"

    @property
    def logs(self) -> Path:
        """Where the stack's processes write."""
        return self.root / "logs"

    def sub(self, name: str) -> Path:
        """A folder inside, made if need be, for this user alone."""
        path = self.root / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def prepare(self) -> None:
        """Make the folder."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in (self.outbox, self.logs):
                path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StackError(f"cannot use {self.root} as data folder: {error.strerror}") from None

    def remembered(self) -> dict[str, Any]:
        """What the last run wrote about itself; empty when there was none."""
        try:
            told: dict[str, Any] = json.loads(self.description.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return told

    def describe(self, told: dict[str, Any]) -> None:
        """Write the description of the running stack, at once or not at all."""
        write_private(self.description, json.dumps(told, indent=2).encode())

    def running(self) -> dict[str, Any]:
        """Describe the stack that runs in this folder now."""
        told = self.remembered()
        if not told or not is_held(self.root / "up.lock"):
            raise StackError(f"no stack is running in {self.root}: start one with `python -m devhost up`")
        return told


def write_private(path: Path, content: bytes) -> None:
    """Write a file for this user alone; readers see the old content or the new, never a part."""
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    new.replace(path)


def is_held(path: Path) -> bool:
    """Whether some process holds the lock on this file."""
    if not path.exists():
        return False
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class Locks:
    """Holds the folder for one stack, and tells its children's lives apart from its own.

    The first lock dies with this process. The second is handed to the children, so it is free once
    the last of them has ended, also after this process was killed.
    """

    def __init__(self, folder: Folder) -> None:
        self._own = self._take(folder.root / "up.lock", patience=0)
        if self._own is None:
            raise StackError(f"{folder.root} is in use by another running stack")
        children = self._take(folder.root / "children.lock", patience=LEFTOVERS_END_WITHIN)
        if children is None:
            self._own.close()
            raise StackError(f"processes of an earlier stack in {folder.root} have not ended yet")
        self._children = children

    @property
    def for_children(self) -> int:
        """The descriptor that every child inherits."""
        return self._children.fileno()

    def release(self) -> None:
        """Let the folder go."""
        self._children.close()
        if self._own is not None:
            self._own.close()

    @staticmethod
    def _take(path: Path, *, patience: float) -> TextIOWrapper | None:
        file = path.open("a")
        give_up = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= give_up:
                    file.close()
                    return None
                time.sleep(0.02)
            else:
                return file
