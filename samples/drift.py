"""Compare what a running stack's stores hold with its data map: `python -m samples.drift --data .data`."""

import argparse
import json
import os
import sys
from pathlib import Path

from shared.data_map_check import main as check


def main() -> int:
    """Take over the app's settings of the stack and check as in Azure; return the exit code."""
    parser = argparse.ArgumentParser(prog="samples.drift", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATA", ".data")), help="the stack's folder")
    asked = parser.parse_args()
    try:
        stack = json.loads((asked.data / "stack.json").read_text())
    except FileNotFoundError:
        print(f"no stack runs in {asked.data}: start one with `make up`", file=sys.stderr)
        return 2
    os.environ.update(stack["env"])
    return check([stack["env"]["DATA_MAP_FILE"], "--stores"])


if __name__ == "__main__":
    sys.exit(main())
