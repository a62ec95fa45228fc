"""A host in a process of its own, over an app that the test writes."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import httpx

PROJECT = Path(__file__).parents[2]
DEADLINE = 20.0
HOST_JSON = {"version": "2.0", "extensions": {"http": {"routePrefix": "api"}}}


class RunningHost:
    def __init__(self, folder, source, *, settings=None, host_json=None):
        self.app, self.data = folder / "app", folder / "data"
        self.app.mkdir(exist_ok=True)
        (self.app / "function_app.py").write_text(source)
        (self.app / "host.json").write_text(json.dumps(host_json or HOST_JSON))
        self.settings = settings or {}
        self.lines = []
        self._news = asyncio.Event()

    async def start(self, until="ready http"):
        self.lines.clear()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "devhost.host", "--app", str(self.app), "--port", "0", "--data", str(self.data)),
            cwd=PROJECT,
            env=os.environ | self.settings,
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
        )
        self._reading = asyncio.create_task(self._read())
        try:
            line = await self.line(until)
        except BaseException:
            self.process.kill()
            await self._reading
            raise
        self.url = line.split()[-1] if line.startswith("ready ") else ""
        self.http = httpx.AsyncClient(base_url=self.url, timeout=DEADLINE)
        return self

    async def _read(self):
        async for raw in self.process.stdout:
            self.lines.append(raw.decode().rstrip())
            self._news.set()
        self._news.set()

    async def until(self, holds):
        """What `holds` returns, once that is something; it is asked whenever a line was printed."""
        async with asyncio.timeout(DEADLINE):
            while not (found := holds()):
                assert not self._reading.done(), f"the host ended: {self.lines}"
                await self._news.wait()
                self._news.clear()
        return found

    async def line(self, text, times=1):
        """The line that makes it so many with this text."""

        def matching():
            found = [line for line in self.lines if text in line]
            return found[times - 1] if len(found) >= times else None

        return await self.until(matching)

    def count(self, text):
        return sum(text in line for line in self.lines)

    @property
    def keys(self):
        return json.loads((self.data / "keys.json").read_text())

    async def as_master(self, method, path, **options):
        return await self.http.request(method, path, headers={"x-functions-key": self.keys["masterKey"]}, **options)

    async def stop(self, number=signal.SIGTERM):
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.http.aclose()
        async with asyncio.timeout(DEADLINE):
            await self._reading
            return await self.process.wait()
