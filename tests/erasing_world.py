"""A company with something to erase over memory, and erasures brought to where a test begins."""

import asyncio
import copy
import io
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

from asking import asked, code_of, now
from builders import (
    HOME,
    MIRA,
    NAMESAKE,
    TOM,
    FixedMaps,
    MemoryServices,
    Person,
    by,
    data_map,
    dataset,
    memory_services,
    put,
    service,
    standard_services,
    text,
)

from shared.adapters.memory_egress import MemoryEgress
from shared.adapters.memory_requests import MemoryRequests
from shared.connectors.memory import Memory
from shared.domain.certificate import DatasetLine, RecipientLine
from shared.domain.data_map import Dataset, Service
from shared.domain.identity import Identifier
from shared.domain.request import Request, RequestId
from shared.domain.states import State
from shared.messages.inputs import CloseTask
from shared.ports.connector import Counted, Erased, Erasure
from shared.use_cases.caller import Caller

OPERATOR = Person(
    given="Olga",
    surname="de Wit",
    email="olga@spinpanel.example",
    tenant=HOME,
    object_id="eeeeeeee-0000-4000-8000-00000000000e",
).caller("Privacy.Operator")
LIFE = [
    "submitted",
    "notified",
    "identity_proven",
    "survey_started",
    "plan_made",
    "notified",
    "erasure_started",
    "wave_erased",
    "wave_erased",
    "erased",
    "informed",
    "certified",
    "notified",
]


def erasure_services() -> list[dict[str, Any]]:
    """Everything an erasure does: delete, anonymise, retain, wait for others, and tell who received records."""
    hook = {"how": "http", "address": "https://analytics.example/erased", "identifier": "entra_object_id"}
    post = {"how": "mail", "address": "privacy@courier.example", "identifier": "email", "received": "sentTo"}
    directory, usage, support = standard_services()
    directory["datasets"][0]["erase_after"] = ["*"]
    usage["datasets"][0]["recipients"] = [_recipient("analytics", hook)]
    support["datasets"][0] |= {
        "fields": [
            {"name": "from", "category": "user.contact.email"},
            {"name": "subject", "category": "user", "anonymise": "constant"},
            {"name": "body", "category": "user"},
        ],
        "erasure": {"action": "anonymise"},
        "erase_after": ["activity"],
    }
    ground = {"ground": "17-3-b", "source": text("Tax law"), "years": 7}
    invoices = dataset(
        "invoices",
        fields=["oid", "amount"],
        found_by=[by("entra_object_id", "oid")],
        erasure={"action": "retain", "exemption": ground},
    )
    letters = dataset(
        "letters",
        tenancy="none",
        fields=["to", "sentTo"],
        found_by=[by("email", "to")],
        recipients=[_recipient("courier", post)],
    )
    return [directory, usage, support, service("billing", invoices), service("mailing", letters)]


def _recipient(name: str, notify: dict[str, Any]) -> dict[str, Any]:
    told = {"name": name.capitalize(), "purpose": text("Word"), "country": "IE"}
    return {**told, "id": name, "notify": notify}


def erasing_world(services: list[dict[str, Any]] | None = None, **overrides: Any) -> MemoryServices:
    """The service over that company, with records of Mira, Tom and Mira's namesake in every place."""
    told = {"maps": FixedMaps(data_map(services or erasure_services())), "egress": MemoryEgress()}
    world = memory_services(**told | overrides)
    for person in (MIRA, TOM, NAMESAKE):
        put(world.store, "invoices", {"tenant": person.tenant, "oid": person.object_id, "amount": "12.50"})
        put(world.store, "letters", {"to": person.email, "sentTo": ["courier"]}, {"to": person.email, "sentTo": []})
    return world


# ── Journeys ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def requested(
    world: MemoryServices, *rights: str, person: Person = MIRA, signed_in: bool = True, email: bool = True
) -> RequestId:
    """An erasure that was asked for and proven; its planning is on the bus."""
    request = await asked(world, person, signed_in=signed_in, email=email, rights=rights or ("erasure",))
    if email:
        await world.drain()
        await world.confirm_identity(request.id, code_of(world, request.id))
    return request.id


async def planned(world: MemoryServices, *rights: str, **how: Any) -> RequestId:
    """An erasure whose plan was made, everything delivered."""
    request_id = await requested(world, *rights, **how)
    await world.drain()
    return request_id


async def started(world: MemoryServices, *rights: str, **how: Any) -> RequestId:
    """An erasure whose time to think is over; its first wave is on the bus."""
    request_id = await planned(world, *rights, **how)
    await begin(world, request_id)
    return request_id


async def begin(world: MemoryServices, request_id: RequestId) -> None:
    """Let the time to think pass, and deliver no task of the first wave yet."""
    pass_time(world, world.settings.cooling_off)
    await world.advance_request.of(request_id)


async def erased(world: MemoryServices, *rights: str, **how: Any) -> Request:
    """A whole erasure, as far as it goes by itself."""
    request_id = await planned(world, *rights, **how)
    return await run_on(world, request_id)


async def run_on(world: MemoryServices, request_id: RequestId) -> Request:
    """Let the time to think pass and deliver everything."""
    await begin(world, request_id)
    await world.drain()
    return await now(world, request_id)


def pass_time(world: MemoryServices, time: timedelta) -> None:
    """Let time pass for the clock and the bus, without a sweep."""
    world.clock.now += time
    world.bus.elapse(time)


async def swept(world: MemoryServices, request_id: str, until: State, *, every: float = 1, most: int = 60) -> Request:
    """Sweep every so many hours until a request is where it is waited for."""
    for _ in range(most):
        request = await now(world, request_id)
        if request.state is until:
            return request
        await world.sweep(hours=every)
        await world.drain()
    raise AssertionError(f"never {until}: {(await now(world, request_id)).state}")


# ── What is looked at ────────────────────────────────────────────────────────────────────────────────────────────────


def rows(world: MemoryServices) -> dict[str, list[Any]]:
    """A copy of everything that lies in the store, files by their row and name."""
    return {
        drawer: copy.deepcopy([*held.rows, *((row, file.name) for row, file in held.files)])
        for (_, drawer), held in world.store.drawers.items()
    }


def of(person: Person, held: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Somebody's own rows among all that lies there, in their order."""
    whose = (person.email, person.object_id, f"c-{person.object_id[:4]}")
    found = {drawer: [row for row in lying if any(one in str(row) for one in whose)] for drawer, lying in held.items()}
    return {drawer: own for drawer, own in found.items() if own}


async def receipts(world: MemoryServices, request_id: str) -> dict[str, int]:
    """The receipts of a request, added up by dataset."""
    found: dict[str, int] = {}
    for task in (await world.requests.load(RequestId(request_id))).tasks.values():
        for one in task.row.receipts:
            found[one.dataset] = found.get(one.dataset, 0) + one.count
    return found


async def certificate(world: MemoryServices, request: Request) -> dict[str, Any]:
    """The certificate's cover, as a program reads it."""
    return (await _read(world, request))["certificate"]


async def lines(world: MemoryServices, request: Request) -> dict[str, DatasetLine]:
    """The certificate's lines about datasets."""
    told = (await _read(world, request))["lines"].values()
    return {one["dataset"]: DatasetLine.model_validate(one) for one in told if "dataset" in one}


async def recipient_lines(world: MemoryServices, request: Request) -> dict[str, RecipientLine]:
    """The certificate's lines about recipients."""
    told = (await _read(world, request))["lines"].values()
    return {one["recipient"]: RecipientLine.model_validate(one) for one in told if "recipient" in one}


async def _read(world: MemoryServices, request: Request) -> dict[str, Any]:
    assert request.certificate is not None, request.state
    size = await world.packages.size(request.certificate.name) or 0
    held = zipfile.ZipFile(io.BytesIO(await world.packages.read(request.certificate.name, 0, size)))
    told: dict[str, Any] = json.loads(held.read("certificate.json"))
    return told


def closing(outcome: str = "erased", **counts: int) -> CloseTask:
    """What an operator says of a task that failed for good."""
    told = {"outcome": outcome, "counts": counts, "evidence": "Deleted by hand, ticket OPS-17"}
    return CloseTask.model_validate(told)


async def close(world: MemoryServices, request_id: str, task: str, given: CloseTask, by: Caller = OPERATOR) -> None:
    """Close a task as an operator."""
    await world.oversee_erasures.close(by, f"{request_id}.{task}", given)


# ── What stands in the way ───────────────────────────────────────────────────────────────────────────────────────────


class Held:
    """Legal holds, as the test sets them."""

    def __init__(self, *datasets: str) -> None:
        self.datasets = set(datasets)
        self.asked = 0

    async def held(self, request_id: RequestId, part: int) -> frozenset[str]:
        self.asked += 1
        return frozenset(self.datasets)


class Suspended:
    """A store of requests that lets everybody else go first, before and after each of its answers."""

    def __init__(self) -> None:
        self._inner = MemoryRequests()

    def __getattr__(self, name: str) -> Any:
        answer = getattr(self._inner, name)

        async def later(*given: Any) -> Any:
            await asyncio.sleep(0)
            answered = await answer(*given)
            await asyncio.sleep(0)
            return answered

        return later


class Wrapped(Memory):
    """The memory connector, where a test replaces one of its answers."""

    def __init__(self, inner: Memory) -> None:
        super().__init__()
        self.drawers = inner.drawers
        self.page_size = inner.page_size


class Failing(Wrapped):
    """Fails to erase one dataset, as many times as said."""

    def __init__(self, inner: Memory, dataset: str, error: Exception, times: int = 1_000_000) -> None:
        super().__init__(inner)
        self.dataset, self.error, self.left = dataset, error, times

    async def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        if dataset.id == self.dataset and self.left:
            self.left -= 1
            raise self.error
        async for step in super().erase(service, dataset, identifiers, erasure, position):
            yield step


class Vendor(Wrapped):
    """A system outside that takes an erasure over and answers when it is ready; `blind`: it cannot count."""

    def __init__(self, inner: Memory, dataset: str, asks: int, *, blind: bool = False) -> None:
        super().__init__(inner)
        self.dataset, self.left, self.blind = dataset, asks, blind
        self.tickets: list[str] = []

    async def count(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Counted]:
        if dataset.id == self.dataset and self.blind:
            yield Counted(count=None)
            return
        async for step in super().count(service, dataset, identifiers, position):
            yield step

    async def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        if dataset.id != self.dataset:
            async for step in super().erase(service, dataset, identifiers, erasure, position):
                yield step
            return
        self.tickets.append(erasure.ticket.id)
        if self.left:
            self.left -= 1
            yield Erased(position="1", ask_again=timedelta(minutes=10))
            return
        async for step in super().erase(service, dataset, identifiers, erasure):
            yield Erased(count=step.count, position=step.position, stated=True)
