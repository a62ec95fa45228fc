"""Data on every legal basis, held once as controller and once as processor, and people to decide about it."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

from builders import (
    CONTOSO,
    HOME,
    MIRA,
    NOBODY,
    TOM,
    FixedMaps,
    MemoryServices,
    Person,
    by,
    data_map,
    dataset,
    memory_services,
    service,
    text,
)
from customers import administrator, customer

from shared.connectors.memory import Drawer
from shared.domain.ask import Ask, Correction
from shared.domain.measure import Limits, limits
from shared.domain.request import Request, RequestId
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict, RecordRequest
from shared.messages.inputs import SubmitRequest
from shared.messages.tenant_inputs import DecideCase
from shared.ports.world import Principal
from shared.use_cases.caller import Caller
from shared.use_cases.known_handles import Known

BASES = {"consent": "A6-1-a", "contract": "A6-1-b", "duty": "A6-1-c", "interest": "A6-1-f"}
ROLES = ("controller", "processor")
CHANNELS = ("app", "page", "letter")
NEW_NAME = "Kovačić"
WORDS = "Somebody looked into it, and this is what they found."
RETAINED = {
    "action": "retain",
    "exemption": {"ground": "17-3-b", "source": text("Awr art. 52"), "years": 7},
}


def _held(role: str, basis: str, *, marketing: bool = False) -> dict[str, Any]:
    name = f"{role}-{'marketing-' if marketing else ''}{basis}"
    return dataset(
        name,
        fields=[
            {"name": "oid", "category": "user.unique_id", "origin": "others", "rectify": "no"},
            {"name": "mail", "category": "user.contact.email", "origin": "provided", "rectify": "no"},
            {"name": "name", "category": "user.name", "origin": "provided", "rectify": "self"},
            {"name": "score", "category": "user.behavior", "origin": "derived", "rectify": "checked"},
        ],
        found_by=[by("entra_object_id", "oid"), by("email", "mail")],
        legal_basis=BASES[basis],
        purposes=[text(name) | {"id": f"for-{name}", "direct_marketing": marketing}],
        automated_decisions=text("A score above 5 is let in") if basis == "contract" else None,
        yields=[{"identifier": "entra_object_id", "field": "oid"}, {"identifier": "email", "field": "mail"}],
        erasure=RETAINED if basis == "duty" else {"action": "delete"},
    )


def _services() -> list[dict[str, Any]]:
    found = []
    for role in ROLES:
        held = [_held(role, basis) for basis in BASES]
        held += [_held(role, basis, marketing=True) for basis in ("consent", "interest")]
        found += [service(f"{role}-{one['id'].removeprefix(f'{role}-')}", one, role=role) for one in held]
    return found


def _row(person: Person) -> dict[str, Any]:
    return {
        "tenant": person.tenant,
        "oid": person.object_id,
        "mail": person.email,
        "name": f"{person.given} {person.surname}",
        "score": 7,
    }


class LegalWorld:
    """One request about one dataset of Mira's, by one way in, and what became of it."""

    def __init__(self, role: str, name: str) -> None:
        self.role, self.name = role, f"{role}-{name}"
        self.services: MemoryServices = memory_services(
            maps=FixedMaps(data_map(_services())), cooling_off=timedelta(0), drift_extra=1000
        )
        for one in _services():
            for held in one["datasets"]:
                self.services.store.drawers["memory", held["id"]] = Drawer([_row(MIRA), _row(TOM)])
        self.olga, self.otto = (_colleague(number) for number in (1, 2))

    def rows(self, person: Person = MIRA) -> list[dict[str, Any]]:
        """What the dataset holds of somebody."""
        held = self.services.store.drawers["memory", self.name].rows
        return [dict(row) for row in held if row.get("oid") == person.object_id]

    async def known_customer(self) -> None:
        """Let Mira's organisation be a customer, whose terms leave everything to itself."""
        if await self.services.tenants.read(CONTOSO) is None:
            await self.services.tenants.write(customer(CONTOSO), None)

    async def ask(self, right: str, channel: str, *, about: str | None = None, **scope: Any) -> Request:
        """Ask, prove it, let everything happen that happens by itself, and return the case that holds the data."""
        await self.known_customer()
        details = {right: Ask(datasets=(self.name,), about=about, **scope)}
        if channel == "letter":
            request = await self._by_letter(right, details)
        else:
            submitted = SubmitRequest(rights=(right,), details=details, email=MIRA.email if channel == "page" else None)
            caller = MIRA.caller() if channel == "app" else NOBODY
            request = await self.services.submit(submitted, caller, "en", "api", b"{}", None)
        await self.services.drain()
        if channel != "app":
            await self.services.confirm_identity(request.id, self.services.references.code(request.id, 1))
            await self.services.drain()
        return await self.newest(request)

    async def case_of(self, request: Request) -> Request:
        """The case that decides about the data: the request itself, or the customer's."""
        newest = await self.newest(request)
        if self.role == "controller":
            return newest
        assert len(newest.linked) == 1, "one case of the customer's"
        return (await self.services.requests.read(newest.linked[0])).row

    async def decided_by_customer(self, case: Request, refused_for: str | None = None) -> Request:
        """Let the customer's administrator grant its case, or refuse it on a ground."""
        outcome = "granted" if refused_for is None else "refused"
        given = DecideCase.model_validate({"outcome": outcome, "ground": refused_for, "text": WORDS})
        await self.services.controller_cases.decide(administrator(), CONTOSO, case.id, given)
        await self.services.drain()
        return await self.newest(case)

    async def decided(self, case: Request, outcome: str, ground: str | None = None) -> Request:
        """Let one of us propose a decision and, where it goes against her, another confirm it."""
        given = ProposeVerdict.model_validate({"part": 0, "outcome": outcome, "ground": ground, "text": WORDS})
        proposed = await self.services.deciding_parts.propose(self.olga, case.id, given)
        if outcome != "granted":
            (verdict,) = proposed.verdicts
            confirmed = ConfirmVerdict.model_validate({"part": 0, "verdictHash": verdict.hash})
            await self.services.deciding_parts.confirm(self.otto, case.id, confirmed)
        await self.services.drain()
        return await self.newest(case)

    async def newest(self, request: Request) -> Request:
        """A request as it is now."""
        return (await self.services.requests.read(RequestId(str(request.id)))).row

    async def limits(self) -> Limits:
        """What a service is told it may not do with her records of the dataset."""
        service, held = next(
            (one, held) for one, held in self.services.maps.current().datasets() if held.id == self.name
        )
        by_account = Known(kind="entra_object_id", value=MIRA.object_id, tenant=MIRA.tenant)
        by_address = [Known(kind="email", value=MIRA.email, tenant=tenant) for tenant in (MIRA.tenant, None)]
        handles = [one for known in (by_account, *by_address) for one in known.handles(self.services.references)]
        found = [await self.services.measures.of(handle) for handle in handles]
        return limits([one for some, _ in found for one in some], service.role, held, self.services.clock())

    async def package(self, case: Request) -> dict[str, Any]:
        """The manifest of a case's package, datasets by id, and the paths in it."""
        name = f"{case.id}/package.zip"
        data = await self.services.packages.read(name, 0, await self.services.packages.size(name) or 0)
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            manifest = json.loads(box.read("manifest.json"))
            return {"paths": box.namelist(), "datasets": {one["id"]: one for one in manifest["datasets"]}}

    def told(self, words: str) -> bool:
        """Whether a mail to Mira holds these words."""
        return any(words in mail.text for mail in self.services.mailer.sent if mail.to == MIRA.email)

    async def _by_letter(self, right: str, details: dict[str, Ask]) -> Request:
        recorded = RecordRequest(
            channel="letter",
            rights=(right,),
            details=details,
            email=MIRA.email,
            receivedAt=self.services.clock() - timedelta(days=2),
            evidence="Letter in the post of Monday, scanned",
            language="en",
        )
        return await self.services.recording_requests(self.olga, recorded, recorded.model_dump_json().encode())


def correction(world: LegalWorld, field: str, value: str) -> dict[str, Any]:
    """The scope of a correction of one field."""
    return {"corrections": (Correction(dataset=world.name, field=field, value=value),)}


def _colleague(number: int) -> Caller:
    roles = frozenset({"Privacy.Operator", "Privacy.Reviewer"})
    return Caller(
        network="n-9",
        principal=Principal(tenant=HOME, object_id=f"0000000{number}-0000-4000-8000-00000000000e", roles=roles),
    )
