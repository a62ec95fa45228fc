"""`make up` runs the systems around the stack too, and ends them all."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE

import httpx
import psutil
import pytest

from devhost.folder import Folder
from devhost.minting import mint
from devhost.ports import LOOPBACK, free_port
from devhost.stack import PROJECT
from samples.company import load
from samples.people import PEOPLE
from samples.reviewing import reviewing

WITHIN = 90


class Running:
    """A running stack as a reviewer needs it."""

    def __init__(self, told):
        self._told, self.url = told, told["url"]

    def token(self, tenant, oid, *roles):
        return mint(self._told, tenant=tenant, user=oid, roles=roles)


@pytest.mark.stack
async def test_a_copy_comes_from_every_system_and_sigterm_ends_them(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "samples.up", "--port", str(port), "--data", str(tmp_path)]
    running = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stdout=PIPE, stderr=DEVNULL)
    try:
        async with asyncio.timeout(WITHIN):
            assert await running.stdout.readline() == f"ready http://{LOOPBACK}:{port}\n".encode()
            told, anna = Folder(tmp_path).running(), PEOPLE["anna"]
            await load(told)
            token = await asyncio.to_thread(mint, told, tenant=anna.tenant, user=anna.oid)
            bearer = {"Authorization": f"Bearer {token}"}
            async with (
                reviewing(Running(told)),
                httpx.AsyncClient(base_url=told["url"], headers=bearer, timeout=30) as app,
            ):
                asked = await app.post("/api/v1/requests", json={"rights": ["access"]})
                while (seen := (await app.get(asked.headers["Location"])).json())["status"] != "completed":
                    assert seen["status"] in {"received", "in_progress"}, seen
                    await asyncio.sleep(0.1)
            assert {"app-insights", "billing", "privacy-desk"} <= {one["id"] for one in seen["services"]}
            children = psutil.Process(running.pid).children(recursive=True)
            assert {"samples.vendor_service", "samples.telemetry_service", "devhost"} <= {
                part for child in children for part in child.cmdline()
            }
            running.send_signal(signal.SIGTERM)
            assert await running.wait() == 0
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()
    _, left = await asyncio.to_thread(psutil.wait_procs, children, timeout=10)
    assert left == []
