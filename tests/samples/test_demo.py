"""The demo plays every scene on a stack of its own and leaves nothing running."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE

import psutil
import pytest

from devhost.ports import free_port
from devhost.stack import PROJECT

WITHIN = 180
SCENES = [
    "asks by mail",
    "asks signed in",
    "is a case of its own",
    "corrects her first name",
    "'Anne-Marijn'",
    "asks to correct the name of her company",
    "Olga: grants it",
    "'Noordzee Logistiek Rotterdam B.V.'",
    "no objection (version 0)",
    "not to be used for security (version 1)",
    "Pieter: agrees",
    "no objection (version 2)",
    "Femke asks for a copy",
    "no service has looked, until the employer answers",
    "Wim: grants it",
    "asks for deletion",
    "certificate verified offline",
    "certificate verified offline",
    "records and files of hers",
    "done",
]


@pytest.fixture
async def demo(tmp_path):
    """Start the demo in a folder of its own; whatever happens, it ends."""
    env = os.environ | {"PYTHONPATH": str(PROJECT), "PORT": str(free_port()), "DATA": str(tmp_path / "data")}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "samples.demo", cwd=tmp_path, env=env, stdout=PIPE, stderr=PIPE
    )
    yield running
    if running.returncode is None:
        running.terminate()
        await running.wait()


@pytest.mark.stack
async def test_every_scene_is_played_in_order_and_nothing_is_left(demo, tmp_path):
    children: set[psutil.Process] = set()
    lines = []
    async with asyncio.timeout(WITHIN):
        async for line in demo.stdout:
            lines.append(line.decode())
            if "-- " in lines[-1]:
                children |= set(psutil.Process(demo.pid).children(recursive=True))
        told = (await demo.stderr.read()).decode()
        assert (await demo.wait(), told) == (0, "")
    rest = iter(lines)
    for scene in SCENES:
        assert any(scene in line for line in rest), scene
    assert children
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert len(list((tmp_path / "build/demo").glob("*-certificate.zip"))) == 2


@pytest.mark.stack
async def test_broken_off_it_ends_everything_that_it_started(demo):
    async with asyncio.timeout(WITHIN):
        async for line in demo.stdout:
            if b"sample company loaded" in line:
                break
        children = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(signal.SIGINT)
        assert (await demo.stderr.read()).decode() == "demo: interrupted\n"
        assert await demo.wait() == 130
    assert children
    assert psutil.wait_procs(children, timeout=10)[1] == []
