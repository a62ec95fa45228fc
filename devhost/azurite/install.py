"""Installs the pinned Azurite: python -m devhost.azurite.install."""

import shutil
import subprocess
import sys
from pathlib import Path

from devhost.azurite.node import find_node
from devhost.errors import StackError

HERE = Path(__file__).parent
INSTALLED = HERE.parent.parent / ".tools" / "azurite"
PACKAGE = INSTALLED / "node_modules" / "azurite"
START = HERE / "start.cjs"


def install() -> None:
    """Install exactly what package-lock.json names.

    Raises:
        StackError: Node is missing, or npm could not install.
    """
    npm = find_node().npm
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, INSTALLED / name)
    options = ["ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run([*npm, *options], cwd=INSTALLED, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        told = [line for line in done.stderr.splitlines() if line.strip()]
        raise StackError(f"npm could not install Azurite: {told[0] if told else done.returncode}")


if __name__ == "__main__":
    try:
        install()
    except StackError as error:
        sys.exit(str(error))
