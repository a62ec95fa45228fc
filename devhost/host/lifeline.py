"""A child never outlives its parent, however the parent ends."""

import asyncio
import ctypes
import os
import signal
import stat
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """Ask the kernel (Linux) to send this process a signal when its parent dies.

    Args:
        parent: The parent's process id as it knows it; another one by now means that it is already dead.
        number: The signal to get.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def watch_stdin(loop: asyncio.AbstractEventLoop, gone: Callable[[], None]) -> None:
    """Call `gone` once standard input ends, if it is a pipe or socket that a parent holds open."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def readable() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            gone()

    loop.add_reader(0, readable)
