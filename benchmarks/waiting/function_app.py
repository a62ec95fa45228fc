"""The same app, in which every service takes `SERVICE_WAITS` seconds before it is counted."""

import asyncio
import importlib.util
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from shared.connectors.azure_tables import AzureTables  # noqa: E402
from shared.ports.connector import Counted  # noqa: E402

_count = AzureTables.count


async def _slow(*given: Any, **named: Any) -> AsyncIterator[Counted]:
    await asyncio.sleep(float(os.environ["SERVICE_WAITS"]))
    async for step in _count(*given, **named):
        yield step


AzureTables.count = _slow  # type: ignore[method-assign]


def _real_app() -> Any:
    spec = importlib.util.spec_from_file_location("real_function_app", ROOT / "function_app.py")
    if spec is None or spec.loader is None:
        raise ImportError("function_app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


app = _real_app()
