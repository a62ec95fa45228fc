"""PostgreSQL as a private cluster, started by whoever first asks, and gone with the run."""

import asyncio
import os
import pwd
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from pathlib import Path

from devhost.ports import free_port

STARTS_WITHIN, ENDS_WITHIN = 60, 20
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
ELSEWHERE = "127.0.0.2"  # this machine too, though not by the names it goes by
USER, PASSWORD = "owner", "of-this-run-alone"
UNTIL_INPUT_ENDS = 'exec 3<&0; "$@" </dev/null & read -r _ <&3; kill -INT $!; wait $!; rm -rf "$0"'


class NoPostgres(Exception):
    """There is no PostgreSQL server on this machine."""


def find_programs():
    """The folder that holds `initdb` and `postgres`: on the path, or where Debian keeps them."""
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name), reverse=True)
    for folder in [*on_path, *kept, Path("/usr/local/bin")]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres("no PostgreSQL server here: `apt-get install postgresql` brings one")


class RunningPostgres:
    """The server, on loopback alone, with its files in a folder of its own; it ends when this process does.

    It refuses to be root, so there it is nobody.
    """

    def __init__(self):
        self._bin = find_programs()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._as = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def url(self, database="postgres", user=USER):
        return f"postgresql+asyncpg://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    async def start(self):
        try:
            await self._make()
            await self._serve()
        except BaseException:
            await self.stop()
            raise
        return self

    async def stop(self):
        if self._process is not None:
            self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.wait(), ENDS_WITHIN)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
            await self._reading
        shutil.rmtree(self.folder, ignore_errors=True)

    _process = None

    async def _make(self):
        secret, data = self.folder / "password", self.folder / "data"
        secret.write_text(PASSWORD)
        if self._as:
            for path in (self.folder, secret):
                os.chown(path, self._as["user"], self._as["group"])
        options = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync")
        made = await asyncio.create_subprocess_exec(
            *(self._bin / "initdb", f"--pgdata={data}", f"--username={USER}", *options), stdin=DEVNULL, **self._child()
        )
        told, _ = await asyncio.wait_for(made.communicate(), STARTS_WITHIN)
        assert made.returncode == 0, told.decode()

    async def _serve(self):
        where = {"listen_addresses": f"127.0.0.1,{ELSEWHERE}", "port": self.port, "unix_socket_directories": ""}
        given = [word for name, value in (QUICK | where).items() for word in ("-c", f"{name}={value}")]
        program = (self._bin / "postgres", "-D", self.folder / "data", *given)
        self._process = await asyncio.create_subprocess_exec(
            "sh", "-c", UNTIL_INPUT_ENDS, self.folder, *program, stdin=PIPE, **self._child()
        )
        self._ready, self._told = asyncio.Event(), []
        self._reading = asyncio.create_task(self._read())
        await asyncio.wait_for(self._ready.wait(), STARTS_WITHIN)
        assert not self._reading.done(), "".join(self._told)

    def _child(self):
        return {"cwd": "/", "stdout": PIPE, "stderr": STDOUT, **self._as}

    async def _read(self):
        async for line in self._process.stdout:
            if not self._ready.is_set():
                self._told.append(line.decode())
                if "ready to accept connections" in self._told[-1]:
                    self._ready.set()
        self._ready.set()
