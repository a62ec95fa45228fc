"""Wait for several things at once."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


async def together[T](work: Sequence[Coroutine[Any, Any, T]], at_once: int = 8) -> list[T]:
    """Run coroutines, at most `at_once` at a time, and return their results in order.

    Raises:
        Exception: the first that any of them raised, by itself; the others are cancelled.
    """
    gate = asyncio.Semaphore(at_once)

    async def one(what: Coroutine[Any, Any, T]) -> T:
        async with gate:
            return await what

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(what)) for what in work]
    except* Exception as errors:  # noqa: BLE001
        raise _first(errors) from None
    finally:
        for what in work:
            what.close()
    return [task.result() for task in tasks]


def _first(errors: ExceptionGroup[Exception]) -> Exception:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
