"""A stack over an app of one function, its processes, and its commands as a person gives them."""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE
from pathlib import Path

import psutil

from devhost.stack import Stack

PROJECT = Path(__file__).parents[2]
PATIENCE = 40.0
APP = """
import azure.functions as func

app = func.FunctionApp()


@app.route(route="hello", auth_level=func.AuthLevel.ANONYMOUS)
async def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello")
"""


def write_app(folder: Path, source: str = APP, queue: str = "parcels") -> Path:
    """An app's folder with all that `up` asks of it."""
    (folder / "infra").mkdir(parents=True)
    (folder / "function_app.py").write_text(source)
    (folder / "host.json").write_text(json.dumps({"version": "2.0"}))
    namespace = {"Name": "sbemulatorns", "Queues": [{"Name": queue, "Properties": {}}], "Topics": []}
    (folder / "infra" / "servicebus.json").write_text(json.dumps({"UserConfig": {"Namespaces": [namespace]}}))
    return folder


def family(stack: Stack) -> list[psutil.Process]:
    """Every process of a running stack: its own, its children, and theirs."""
    own = psutil.Process(stack.told["pids"]["up"])
    return [own, *own.children(recursive=True)]


async def eventually(holds):
    """What `holds` returns, once that is something; errors of connections count as not yet."""
    give_up = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < give_up, "never came about"
        await asyncio.sleep(0.05)
    return found


async def ended(processes: list[psutil.Process]) -> None:
    """Wait until none of the processes runs."""
    await eventually(lambda: not [one for one in processes if one.is_running() and one.status() != "zombie"])


async def command(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run `python -m devhost` with arguments: its exit code, and what it wrote to stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "devhost", *arguments),
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            told = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, *(part.decode() for part in told)
