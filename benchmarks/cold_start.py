"""What the app adds to a cold start: importing and indexing it, against the least any such app imports."""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure, interleaved

ROOT = Path(__file__).parent.parent
OURS = "import function_app; function_app.app.get_functions()"
LEAST = """
import azure.functions
from pydantic import BaseModel
class One(BaseModel):
    a: int
"""


def cold_start() -> list[Figure]:
    """Time fresh interpreters with their .pyc files in place, less the interpreter's own start."""
    ours, least = interleaved(lambda: _seconds(OURS), lambda: _seconds(LEAST), 11)
    empty, _ = interleaved(lambda: _seconds("pass"), lambda: 0.0, 5)
    detail = {"ours_ms": (ours - empty) * 1000, "least_ms": (least - empty) * 1000}
    return [
        Figure(
            metric="cold_start_ratio",
            value=(ours - empty) / (least - empty),
            unit="ratio",
            target=1.5,
            detail=detail,
        )
    ]


def _seconds(code: str) -> float:
    cache = ROOT / "build" / "pycache"
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(cache), "PYTHONDONTWRITEBYTECODE": ""}
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)
    return time.perf_counter() - started
