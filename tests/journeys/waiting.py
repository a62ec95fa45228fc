"""Waiting for what comes about by itself, up to a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE = 60.0


async def until(look: Callable[[], Awaitable[object]], wanted: object) -> bool:
    """Look again and again; whether the wanted was seen in time."""
    give_up = time.monotonic() + PATIENCE
    while (seen := await look()) != wanted:
        assert time.monotonic() < give_up, f"still {seen!r}, not {wanted!r}"
        await asyncio.sleep(0.1)
    return True
