"""A company whose systems fail on demand: made-up people in three tables and at a vendor, on a stack of its own."""

import asyncio
import datetime as dt
import os
import secrets
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import yaml
from brief_locks import app_with_brief_locks
from every_entity import EveryEntity
from persistent_person import PersistentPerson
from person import Outbox
from storage_accounts import StorageAccounts
from unsteady_store import UnsteadyStore, unsteady_store

from devhost import certificates
from devhost.ports import LOOPBACK, free_port
from devhost.stack import Stack
from samples.generator import load_people
from samples.synthetic import Subject, synthetic_map, table
from samples.vendor_service.running import RunningVendor, running_vendor
from shared.domain.identity import OBJECT_ID

SERVICES, LETTERS = 3, 2
VENDOR, DESK = "letters", "desk@partner.example"
BYSTANDERS = 3
LOCK = 5.0  # seconds, the least that Service Bus knows
SETTINGS = {
    "COOLING_OFF": "PT0.5S",
    "BRAKE_LIMIT": "100000",
    "REISSUE_AFTER": "PT2S",
    "RETRY_BASE": "PT0.2S",
    "STEP_FOR": "PT1S",
    "SWEEP_SCHEDULE": "*/1 * * * * *",
    "INTAKE_PER_NETWORK": "100000",
    "INTAKE_PER_CALLER": "100000",
}


@dataclass(frozen=True)
class Held:
    """What every system holds: rows by table and key with their ETags, and the vendor's lines."""

    rows: dict[str, dict[tuple[str, str], str]]
    letters: list[bytes]

    def without(self, people: Sequence[Subject]) -> "Held":
        """Return what is to be left once these people were erased."""
        gone = {one.oid for one in people}
        rows = {name: {key: row for key, row in held.items() if key[0] not in gone} for name, held in self.rows.items()}
        return Held(rows, [line for line in self.letters if not any(oid.encode() in line for oid in gone)])

    def of(self, person: Subject) -> dict[str, int]:
        """Return how many records each dataset holds of somebody."""
        counts = {f"synthetic-{n}-held": sum(key[0] == person.oid for key in self.rows[table(n)]) for n in _NUMBERS}
        return counts | {VENDOR: sum(person.oid.encode() in line for line in self.letters)}


@dataclass
class UnsteadyCompany:
    """The running stack and everything around it; `store` stands before the tables of the second service."""

    stack: Stack
    store: UnsteadyStore
    vendor: RunningVendor
    seeds: list[int] = field(default_factory=list)
    _buses: dict[int, EveryEntity] = field(default_factory=dict)

    async def people(self, count: int, records: int = 6) -> list[Subject]:
        """Lay in people nobody has seen before, with so many records in each table."""
        self.seeds.append(len(self.seeds) + 1)
        people = await load_people(
            self.stack.told["env"], count, records * SERVICES, SERVICES, self.seeds[-1], identifier=OBJECT_ID
        )
        for one in people:
            rows = [{"oid": one.oid, "tenantId": one.tenant, "text": f"letter {n}"} for n in range(LETTERS)]
            self.vendor.shelf.add(VENDOR, rows)
        return people

    async def held(self) -> Held:
        """Read every system, past the app and past what is unsteady."""
        async with StorageAccounts(self.stack.told) as storage:
            rows = {}
            for number in _NUMBERS:
                found = storage.tables("spindata").get_table_client(table(number)).list_entities()
                rows[table(number)] = {
                    (row["PartitionKey"], row["RowKey"]): row.metadata["etag"] async for row in found
                }
        return Held(rows, self.vendor.raw(VENDOR).splitlines())

    @asynccontextmanager
    async def visit(self, who: Subject) -> AsyncIterator[PersistentPerson]:
        """Let somebody who signed in come to the door."""
        bearer = self.stack.token(who.tenant, who.oid)
        outbox = Outbox(self.stack.outbox)
        async with PersistentPerson(self.stack.url, outbox, self.stack.told["ca_file"], bearer) as person:
            yield person

    async def asked(self, who: Subject, *rights: str, **details: Any) -> str:
        """Ask for an erasure, or for what is named, `details` by right; return the request's id."""
        async with self.visit(who) as person:
            body = {"rights": list(rights or details or ("erasure",)), "details": details}
            key = {"Idempotency-Key": str(uuid4())}
            answer = await person.call("POST", "/api/v1/requests", json=body, headers=key)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    async def ended(self, who: Subject, request_id: str) -> dict[str, Any]:
        """Wait until a request has ended."""
        async with self.visit(who) as person:
            return await person.ended(request_id)

    async def erased(self, people: Sequence[Subject]) -> list[str]:
        """Let people ask for an erasure, all at once, and wait until all have ended; return the requests' ids."""
        ids = await asyncio.gather(*(self.asked(one) for one in people))
        await asyncio.gather(*(self.ended(one, request_id) for one, request_id in zip(people, ids, strict=True)))
        return ids

    async def at_vendor(self, path: str, kind: str, times: int) -> None:
        """Let the vendor's next answers of one path go wrong."""
        async with httpx.AsyncClient() as client:
            answer = await client.put(f"{self.vendor.url}/faults/{path}", params={"kind": kind, "times": times})
        assert answer.status_code == 204

    def bus(self) -> EveryEntity:
        """Return a look at the bus that runs now, which stays open: opening one takes seconds."""
        told = self.stack.told
        return self._buses.setdefault(told["pids"]["bus"], EveryEntity(told))

    async def close(self) -> None:
        """Look at no bus any more."""
        await asyncio.gather(*(bus.close() for bus in self._buses.values()))

    async def answering(self) -> None:
        """Wait until the app answers."""
        async with PersistentPerson(self.stack.url, Outbox(self.stack.outbox), self.stack.told["ca_file"]) as person:
            assert (await person.call("GET", "/api/health")).status_code == 200

    @contextmanager
    def frozen_host(self) -> Iterator[None]:
        """Stop the host, though not its worker, so that nobody renews a lock or settles a message."""
        host = self.stack.told["pids"]["host"]
        os.kill(host, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(host, signal.SIGCONT)


_NUMBERS = range(1, SERVICES + 1)


@asynccontextmanager
async def unsteady_company(folder: Path, **settings: str) -> AsyncIterator[UnsteadyCompany]:
    """Run it for as long as the context lives, with some people who never ask for anything."""
    trust, port, token = folder / "data" / "certificates", free_port(), secrets.token_urlsafe(16)
    trust.mkdir(mode=0o700, parents=True)
    tls = certificates.ensure(trust, dt.datetime.now(dt.UTC))
    async with (
        unsteady_store(port, tls) as store,
        running_vendor(folder / "vendor", "callback", token=token) as vendor,
    ):
        vendor.shelf.add(VENDOR, ())
        data_map = folder / "data_map.yaml"
        data_map.write_text(_data_map(vendor.url))
        found = {
            "DATA_MAP_FILE": str(data_map),
            "STORE_UNSTEADY_TABLES_URL": f"https://{LOOPBACK}:{port}/spindata",
            "EGRESS_LOCAL_ORIGINS": vendor.url,
            "EGRESS_LETTERS_ORIGIN": vendor.url,
            "EGRESS_LETTERS_TOKEN": token,
        }
        app = app_with_brief_locks(folder, f"PT{LOCK:.0f}S")
        stack = Stack(folder / "data", app=app, settings=SETTINGS | found | settings)
        try:
            await stack.start()
            store.behind = f"https://{LOOPBACK}:{stack.told['ports']['tables']}"
            company = UnsteadyCompany(stack, store, vendor)
            await company.people(BYSTANDERS)
            try:
                yield company
            finally:
                await company.close()
        finally:
            await stack.stop()


def _data_map(vendor: str) -> str:
    whole = yaml.safe_load(synthetic_map(SERVICES, identifier=OBJECT_ID))
    first, second, last = whole["services"]
    second["settings"] = {"store": "unsteady"}
    last["datasets"][0]["erase_after"] = ["*"]
    told = {"how": "mail", "address": DESK, "identifier": OBJECT_ID}
    first["datasets"][0]["recipients"] = [
        {"id": "desk", "name": "Desk", "purpose": {"en": "Selling", "nl": "Verkopen"}, "country": "NL", "notify": told}
    ]
    letters = first["datasets"][0] | {
        "id": VENDOR,
        "settings": {"name": VENDOR},
        "fields": [{"name": "text", "category": "user.content"}],
        "found_by": [{"identifier": OBJECT_ID, "how": "field", "at": {"name": "oid"}}],
        "recipients": [],
    }
    whole["services"].append(
        first
        | {
            "id": VENDOR,
            "lane": "newsletter-vendor",
            "connector": "http_service",
            "settings": {"url": vendor, "answers": "callback", "credential": VENDOR},
            "datasets": [letters],
        }
    )
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)
