"""A whole service over memory that breaks at one chosen place, and comes back as a crashed process does.

A seam is a call over a port, told apart by what was being worked on at the time. None is listed: a first, undisturbed
life records them all, so that a new port, a new call or a new command is part of the matrix from the day it is there.
"""

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from builders import (
    MIRA,
    NAMESAKE,
    TOM,
    FixedMaps,
    MemoryServices,
    by,
    data_map,
    dataset,
    memory_services,
    put,
    service,
    standard_services,
)
from reviewed_cases import REVIEWER, decide, include_all

from shared import wiring
from shared.adapters.memory_egress import MemoryEgress, Sent
from shared.connectors.memory import Memory
from shared.domain.errors import Conflict, Gone, NotFound, Permanent, Poison, StaleState, Transient
from shared.messages.inputs import SubmitRequest
from shared.ports.egress import Answer
from shared.wiring.ports import Ports

# Nothing of these outlives a call: they reckon, or lead to stores that are crossed as `connector`. `own_records` only
# reads, over ports that are all watched themselves.
PURE = {"references", "clients", "maps", "renderer", "tokens", "sql", "stores", "own_records"}
MOST_DELIVERIES = 5
RESTS = timedelta(minutes=4)
HOOK = "https://partner.example/erasures"


class Crash(BaseException):
    """The process is gone, in the middle of whatever it did."""


class Seam(NamedTuple):
    """A call over a port, and what was being worked on: a command's kind, `http` or `sweep`."""

    during: str
    port: str
    method: str


@dataclass
class Fault:
    """What goes wrong at the nth call over a seam, once."""

    seam: Seam
    kind: str
    at: int = 1
    met: int = 0
    struck: bool = False

    def strikes(self, seam: Seam) -> bool:
        if self.struck or seam != self.seam:
            return False
        self.met += 1
        self.struck = self.met == self.at
        return self.struck


@dataclass
class Life:
    """What outlives a crash: the stores, the bus, the world outside; and what is wrong with it."""

    fault: Fault | None = None
    during: str = "http"
    calls: Counter[Seam] = field(default_factory=Counter)
    writes: dict[Seam, list[int]] | None = None
    dead: list[str] = field(default_factory=list)
    crashes: int = 0
    ports: dict[str, Any] = field(default_factory=dict)

    async def over(self, seam: Seam, port: Any, call: Callable[[], Awaitable[Any]]) -> Any:
        """Make one call over a seam, and break where it was said. Where writes are asked for, tell which calls were."""
        self.calls[seam] += 1
        await asyncio.sleep(0)
        if self.writes is not None:
            number, before = self.calls[seam], repr(vars(port))
            answered = await call()
            if repr(vars(port)) != before:
                self.writes.setdefault(seam, []).append(number)
            return answered
        kind = self.fault.kind if self.fault is not None and self.fault.strikes(seam) else ""
        if kind == "crash before":
            raise Crash
        if kind == "throttled":
            raise Transient("throttled", retry_after=1)
        if kind == "refused":
            raise Permanent("access_denied")
        if kind == "lost" and seam.port == "bus":
            return None
        answered = await call()
        if kind == "crash after":
            raise Crash
        if kind == "answer lost":
            raise Transient("no_answer")
        return answered


class Watched:
    """A port whose every call goes over a seam."""

    def __init__(self, life: Life, name: str, port: Any) -> None:
        self.__dict__["_life"], self.__dict__["_name"], self.__dict__["_port"] = life, name, port

    def __getattr__(self, method: str) -> Any:
        held = getattr(self._port, method)
        life, name, port = self._life, self._name, self._port

        if inspect.iscoroutinefunction(held):

            async def called(*given: Any, **named: Any) -> Any:
                return await life.over(Seam(life.during, name, method), port, lambda: held(*given, **named))

            return called
        if inspect.isasyncgenfunction(held):

            async def generated(*given: Any, **named: Any) -> Any:
                pages = held(*given, **named)
                end = object()
                while True:
                    page = await life.over(Seam(life.during, name, method), port, lambda: anext(pages, end))
                    if page is end:
                        return
                    yield page

            return generated
        return held

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._port, name, value)


def watched_ports() -> list[str]:
    """Return every port that the wiring knows and that does something outside its own process."""
    known = [name for name, value in vars(Ports).items() if not name.startswith("_") and hasattr(value, "func")]
    return [name for name in known if name not in PURE and name != "connectors"]


async def partner(_: Sent) -> Answer:
    return Answer(status=200, headers={}, body=b'{"status":"erased"}')


def services() -> list[dict[str, Any]]:
    """Two waves, a dataset that is kept, one that is anonymised, and two recipients."""
    told = {"name": "Partner", "purpose": {"en": "Selling", "nl": "Verkopen"}, "country": "NL"}
    hook = told | {
        "id": "partner",
        "notify": {"how": "http", "address": HOOK, "identifier": "entra_object_id", "received": "sharedWith"},
    }
    box = told | {
        "id": "mailbox",
        "notify": {"how": "mail", "address": "desk@partner.example", "identifier": "entra_object_id"},
    }
    directory, usage, support = standard_services()
    for one in directory["datasets"]:
        one["erase_after"] = ["*"]
    for one in support["datasets"]:
        one["review"] = True
    return [
        directory,
        usage,
        support,
        service(
            "billing",
            dataset(
                "invoices",
                fields=["oid", "amount"],
                found_by=[by("entra_object_id", "oid")],
                erasure={
                    "action": "retain",
                    "exemption": {"ground": "17-3-b", "source": {"en": "Tax law", "nl": "Belastingwet"}, "years": 7},
                },
            ),
            dataset(
                "visits",
                fields=["oid", {"name": "page", "category": "user.behavior", "anonymise": "keep"}],
                found_by=[by("entra_object_id", "oid")],
                erasure={"action": "anonymise"},
            ),
        ),
        service(
            "sales",
            dataset(
                "deals",
                fields=["oid", "deal", "sharedWith"],
                found_by=[by("entra_object_id", "oid")],
                recipients=[hook, box],
            ),
        ),
    ]


def stock(store: Memory) -> None:
    """Lay in, beside what every test's people have, records of the services above."""
    for person in (MIRA, TOM, NAMESAKE):
        own = {"tenant": person.tenant, "oid": person.object_id}
        put(store, "invoices", own | {"amount": "12"})
        put(store, "visits", own | {"page": "/a"}, own | {"page": "/b"})
        put(store, "deals", *[own | {"deal": f"{person.given}-{n}", "sharedWith": ["partner"]} for n in range(7)])


class World:
    """One life of the service: it is asked, it breaks, it heals, and it is looked at."""

    def __init__(self, fault: Fault | None = None, *, order: str = "as sent", doubled: str = "") -> None:
        self.life = Life(fault)
        self.order = order
        self.doubled = doubled
        first = memory_services(cooling_off=timedelta(minutes=1), maps=FixedMaps(data_map(services())))
        first.egress = MemoryEgress(partner)
        first.store.page_size = 3
        stock(first.store)
        self.store = first.store
        self.raw = first
        self.services = self._started(first)

    def _started(self, stores: MemoryServices) -> MemoryServices:
        """Start a process anew over what outlived the last one."""
        fresh = MemoryServices(stores.settings)
        for name in watched_ports():
            setattr(fresh, name, Watched(self.life, name, getattr(stores, name)))
        fresh.connectors = {"memory": Watched(self.life, "connector", stores.store)}
        for name in ("clock", "new_id", "maps", "renderer", "store"):
            setattr(fresh, name, getattr(stores, name))
        wiring.override(fresh)
        return fresh

    async def tried(self, during: str, work: Callable[[MemoryServices], Awaitable[Any]]) -> tuple[bool, Any]:
        """Let the process do something; tell whether it lived, and what came of it."""
        self.life.during = during
        try:
            return True, await work(self.services)
        except Crash:
            pass
        except BaseExceptionGroup as several:
            if several.subgroup(Crash) is None:
                raise
        self.life.crashes += 1
        self.services = self._started(self.raw)
        return False, None

    async def asked(self) -> str:
        """Ask as a person does who tries again with the same key when no answer comes."""
        submitted = SubmitRequest(rights=("erasure", "access"), email=MIRA.email)
        for _ in range(4):
            with suppress(Transient, StaleState):
                lived, request = await self.tried(
                    "http", lambda it: it.submit(submitted, MIRA.caller(), "en", "api", b"{}", "key-1")
                )
                if lived:
                    return str(request.id)
        raise AssertionError("nobody could ask")

    async def deliver(self) -> int:
        """Deliver what is due as the bus does: again when the process died or raised, five times at most."""
        count = 0
        while commands := self.raw.bus.deliver():
            for command in reversed(commands) if self.order == "reversed" else commands:
                count += 1
                assert count < 3000, f"the bus never comes to rest: {command.key}"
                await self._until_settled(command)
        return count

    async def _until_settled(self, command: Any) -> None:
        times = 2 if self.doubled == command.kind else 1
        for _ in range(MOST_DELIVERIES):
            try:
                if self.order == "lock expired":
                    lived, _ = await self.tried(command.kind, lambda it: _at_once(it, command))
                else:
                    lived = True
                    for _ in range(times):
                        done, _ = await self.tried(command.kind, lambda it: it.deliver(command))
                        lived = lived and done
            except Transient:
                continue
            except Poison as reason:
                self.life.dead.append(str(reason))
                return
            if lived:
                return
        self.life.dead.append(f"{command.kind} was delivered too often")

    async def heals(self, request_id: str, *, fetches: bool = True) -> None:
        """Let time pass and the timer fire until the request has come to its end."""
        for turn in range(100):
            await self.deliver()
            request = (await self.raw.requests.read(request_id)).row
            if request.state == "identity_pending" and request.verification.mailed:
                await self._proven(request)
                continue
            if request.state == "reviewing":
                await self._reviewed(request)
                continue
            if fetches and request.state == "handed_over" and request.export.downloads == 0:
                await self._fetched(request)
                continue
            rests = bool(self.raw.bus.waiting) or bool((await self.raw.requests.load(request_id)).open)
            if request.state.is_final and not rests:
                return
            pause = RESTS if turn < 50 else timedelta(days=1)  # then it waits for an operator, who does not come
            self.raw.clock.now += pause
            self.raw.bus.elapse(pause)
            with suppress(Transient, StaleState):
                await self.tried("sweep", lambda it: it.sweep_waits())
        raise AssertionError(f"never ended: {request.state} {request.attention}")

    async def _proven(self, request: Any) -> None:
        code = self.services.references.code(request.id, request.verification.issue)
        with suppress(Transient, StaleState, Gone):
            await self.tried("http", lambda it: it.confirm_identity(request.id, code))

    async def _reviewed(self, request: Any) -> None:
        """Look through what waits, and let everything through, a dataset at a time."""
        with suppress(Transient, StaleState, Conflict, NotFound, Permanent):
            await self.tried("http", lambda it: it.review_desk.waiting(REVIEWER, 10, None))
            await self.tried("http", lambda it: it.review_desk.show(REVIEWER, request.id, 10, None))
            await self.tried("http", lambda it: decide(it, request.id, {"item": "0.0", "decision": "include"}))
            await self.tried("http", lambda it: include_all(it, request.id))

    async def _fetched(self, request: Any) -> None:
        secret = self.services.references.link_secret(request.id, request.export.link_issue)
        with suppress(Transient, StaleState, NotFound, Permanent):
            await self.tried("http", lambda it: it.deliver_export.open(MIRA.caller(), request.export.id, secret))


async def _at_once(it: MemoryServices, command: Any) -> None:
    """Two workers hold the same message: its lock ran out under the first."""
    await asyncio.gather(it.deliver(command), it.deliver(command))
