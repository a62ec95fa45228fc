"""A stack to measure, with made-up people in it, and eyes on its processes."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import psutil
from azure.core.exceptions import ResourceExistsError

from benchmarks.clients import Plain
from devhost.stack import Stack
from samples.generator import load_people
from samples.synthetic import Subject, synthetic_map
from shared.domain.identity import OBJECT_ID

ROOT = Path(__file__).parent.parent
FLOODS = {"INTAKE_PER_NETWORK": "1000000", "INTAKE_PER_CALLER": "1000000"}
SERVICES = 8


class Running:
    """One running stack and a client of its app."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient, services: int) -> None:
        self.stack = stack
        self.services = services
        self.client = client
        self._told = stack.told

    @property
    def env(self) -> Mapping[str, str]:
        """The app's settings."""
        env: Mapping[str, str] = self._told["env"]
        return env

    async def people(self, count: int, records: int, seed: int, file_mb: int = 0) -> list[Subject]:
        """Load people who are found by signing in."""
        return await load_people(self.env, count, records, self.services, seed, identifier=OBJECT_ID, file_mb=file_mb)

    def bearer(self, person: Subject) -> dict[str, str]:
        """Return a person's proof as a header."""
        return {"Authorization": f"Bearer {self.stack.token(person.tenant, person.oid)}"}

    async def ask(self, bearer: Mapping[str, str], right: str = "access") -> str:
        """Submit a request and return its id."""
        answer = await self.client.post("/api/v1/requests", json={"rights": [right]}, headers=dict(bearer))
        answer.raise_for_status()
        request_id: str = answer.json()["id"]
        return request_id

    async def ended(self, request_id: str, bearer: Mapping[str, str], every: float = 0.2) -> None:
        """Wait until a request was answered in full.

        Raises:
            RuntimeError: it ended otherwise.
        """
        while True:
            answer = await self.client.get(f"/api/v1/requests/{request_id}", headers=dict(bearer))
            status = answer.json()["status"]
            if status == "completed":
                return
            if status not in {"received", "in_progress"}:
                raise RuntimeError(f"a request ended as {status}")
            await asyncio.sleep(every)

    def processes(self, *names: str) -> list[psutil.Process]:
        """Return the processes of these parts of the stack with their children."""
        pids = self._told["pids"]
        found = [psutil.Process(pids[name]) for name in names]
        return [one for process in found for one in (process, *process.children(recursive=True))]

    def cpu(self, *names: str) -> float:
        """Return the CPU seconds that these parts have used."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes(*names))

    def peak_mb(self) -> float:
        """Return the highest memory the Functions host's processes had, added up."""
        return sum(_high_water(process.pid) for process in self.processes("host"))


@asynccontextmanager
async def running(
    name: str,
    *,
    files: bool = False,
    app: Path = ROOT,
    services: int = SERVICES,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Running]:
    """Start a stack in a folder of its own, which is removed at the end."""
    data = ROOT / "build" / "bench" / name
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    text = data / "data_map.yaml"
    text.write_text(synthetic_map(services, identifier=OBJECT_ID, files=files))
    stack = Stack(data / "stack", app=app, settings={**FLOODS, "DATA_MAP_FILE": str(text), **(settings or {})})
    async with stack:
        trust(stack.told["env"])
        async with httpx.AsyncClient(base_url=stack.url, timeout=120) as client:
            yield Running(stack, client, services)
    shutil.rmtree(data, ignore_errors=True)


async def answered(clients: Plain, ids: Sequence[str], answer: str) -> None:
    """Wait until storage holds every one of these requests' answers, a `package` or a `certificate`.

    Storage is asked and not the app, which has enough to do.
    """
    container = clients.exports.get_container_client("packages")
    with suppress(ResourceExistsError):
        await clients.exports.create_container("packages")
    wanted, held = set(ids), set[str]()
    while not wanted <= held:
        names = [name.partition("/") async for name in container.list_blob_names()]
        held = {request_id for request_id, _, name in names if name.startswith(answer)}
        await asyncio.sleep(0.2)


def app_around(folder: Path, entry: Path) -> Path:
    """Lay out the app in a folder with another `function_app.py`, and return the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, target in (
        ("function_app.py", entry),
        ("host.json", ROOT / "host.json"),
        ("infra", ROOT / "infra"),
    ):
        (folder / name).symlink_to(target)
    return folder


def trust(env: Mapping[str, str]) -> None:
    """Let this process reach the stack's stores as the app does."""
    names: Sequence[str] = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID")
    os.environ.update({name: env[name] for name in names})


def _high_water(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
