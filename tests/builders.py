"""The whole service over memory, people and records to ask for, and calls as the worker makes them."""

import base64
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import azure.functions as func
from azure.functions.servicebus import ServiceBusMessage

from shared import wiring
from shared.adapters.jinja_rendering import JinjaRenderer
from shared.adapters.memory_account_events import MemoryAccountEvents
from shared.adapters.memory_blobs import MemoryBlobs
from shared.adapters.memory_brakes import MemoryBrakes
from shared.adapters.memory_bus import MemoryBus
from shared.adapters.memory_case_keys import MemoryCaseKeys
from shared.adapters.memory_consents import MemoryConsents
from shared.adapters.memory_indexes import MemoryDeadlines, MemoryExports, MemorySubjects, MemoryWaits
from shared.adapters.memory_limits import MemoryLimits
from shared.adapters.memory_mailer import MemoryMailer
from shared.adapters.memory_measures import MemoryMeasures
from shared.adapters.memory_requests import MemoryRequests
from shared.adapters.memory_tenant_cases import MemoryTenantCases
from shared.adapters.memory_tenants import MemoryTenants
from shared.adapters.memory_tokens import MemoryTokens
from shared.adapters.memory_turns import MemoryTurns
from shared.connectors.memory import Drawer, Memory
from shared.domain.data_map import DataMap
from shared.domain.references import Session
from shared.domain.request import RequestId
from shared.ports.connector import File
from shared.ports.world import Principal
from shared.settings import Settings
from shared.use_cases.caller import Caller

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HOME, CONTOSO, FABRIKAM = (f"{n}0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
PUBLIC_URL = "https://privacy.spinpanel.example"
TRIGGER_OF = {
    "plan_request": "request_plan",
    "advance_request": "request_advance",
    "assemble_export": "export_assemble",
    "send_code": "code_send",
    "send_notice": "notice_send",
}


class Ticking:
    """A clock that stands still until it is told otherwise; `step` lets it tick at every reading."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now
        self.step = timedelta(0)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now

    def advance(self, **time: float) -> None:
        self.now += timedelta(**time)


class Counted:
    """Ids in order, that look like random ones."""

    def __init__(self) -> None:
        self.given = 0

    def __call__(self) -> UUID:
        self.given += 1
        return UUID(f"00000000-0000-4000-8000-{self.given:012d}")


@dataclass
class FixedMaps:
    """The data map in force, as the test set it."""

    map: DataMap

    def current(self) -> DataMap:
        return self.map


def settings(**given: Any) -> Settings:
    key = {n: base64.b64encode(bytes([n]) * 32).decode() for n in range(1, 5)}
    return Settings(
        **{
            "state_tables_url": "https://state.table.invalid",
            "keys_tables_url": "https://keys.table.invalid",
            "exports_blobs_url": "https://exports.blob.invalid",
            "public_url": PUBLIC_URL,
            "entra_audience": "api://privacy",
            "home_tenant_id": HOME,
            "sign_in_client_id": "00000000-0000-4000-8000-00000000c11e",
            "reference_key_1": key[1],
            "code_key_1": key[2],
            "wrapping_key_1": key[3],
            "signing_key_1": key[4],
            "mail_sender": "privacy@spinpanel.example",
        }
        | given
    )


class MemoryServices(wiring.Services):
    """Every use case as wired, over memory: what it is made of may be read and replaced."""

    def __init__(self, given: Settings) -> None:
        super().__init__(given)
        self.clock = Ticking()
        self.new_id = Counted()
        self.requests = MemoryRequests()
        self.waits = MemoryWaits()
        self.deadlines = MemoryDeadlines()
        self.reviews = MemoryDeadlines()
        self.subjects = MemorySubjects()
        self.exports = MemoryExports()
        self.limits = MemoryLimits(self.clock)
        self.brakes = MemoryBrakes(self.limits, self.clock)
        self.turns = MemoryTurns()
        self.tenants = MemoryTenants()
        self.tenant_cases = MemoryTenantCases()
        self.account_events = MemoryAccountEvents()
        self.measures = MemoryMeasures()
        self.consents = MemoryConsents()
        self.keys = MemoryCaseKeys()
        self.fragments = MemoryBlobs()
        self.packages = MemoryBlobs()
        self.bus = MemoryBus()
        self.tokens = MemoryTokens()
        self.mailer = MemoryMailer()
        self.store = Memory()
        self.connectors = {"memory": self.store}
        self.maps = FixedMaps(data_map())
        self.renderer = JinjaRenderer(self.maps)
        stock(self.store)

    async def deliver(self, command: Any) -> None:
        """Hand one command to the function that the bus triggers, with this graph in force."""
        wiring.override(self)
        lane = getattr(command, "lane", "").replace("-", "_")
        trigger = TRIGGER_OF.get(command.kind) or f"task_run_{lane}"
        await called(trigger, bus_message(command.model_dump_json(), command.message_id))

    async def drain(self, most: int = 2000) -> int:
        """Deliver what is due through the functions until the bus is quiet; return how many commands that took."""
        count = 0
        while commands := self.bus.deliver():
            for command in commands:
                count += 1
                assert count <= most, f"the bus never comes to rest: {command.key}"
                await self.deliver(command)
        return count

    async def sweep(self, **after: float) -> int:
        """Let time pass, on the bus too, and fire the timer's use case."""
        self.clock.advance(**after)
        self.bus.elapse(timedelta(**after))
        return await self.sweep_waits()


def memory_services(**overrides: Any) -> MemoryServices:
    """Build a graph over memory and put it in force; an override is a setting, or what stands in a port's place."""
    chosen = {name: value for name, value in overrides.items() if name in Settings.model_fields}
    services = MemoryServices(settings(**chosen))
    for name in overrides.keys() - chosen.keys():
        assert hasattr(services, name), name
        setattr(services, name, overrides[name])
    wiring.override(services)
    return services


async def called(name: str, *given: Any) -> Any:
    """Call a function as the worker does: the decorated one, by its name."""
    return await getattr(importlib.import_module(f"functions.{name}"), name)(*given)


def bus_message(body: str | bytes, message_id: str = "m-1") -> ServiceBusMessage:
    data = body.encode() if isinstance(body, str) else body
    return ServiceBusMessage(body=data, message_id=message_id, application_properties={}, user_properties={})


# ── People and proofs ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody whose data lies in the memory store, or nowhere."""

    given: str
    surname: str
    email: str
    tenant: str = CONTOSO
    object_id: str = "aaaaaaaa-0000-4000-8000-00000000000a"

    def principal(self, *roles: str, tenant: str | None = None, app: str | None = None) -> Principal:
        return Principal(tenant=tenant or self.tenant, object_id=self.object_id, roles=frozenset(roles), app=app)

    def caller(self, *roles: str) -> Caller:
        return Caller(network="n-1", principal=self.principal(*roles))


MIRA = Person(given="Mira", surname="Kovač", email="mira.kovac@contoso.example")
TOM = Person(
    given="Tom",
    surname="Bakker",
    email="tom.bakker@contoso.example",
    object_id="bbbbbbbb-0000-4000-8000-00000000000b",
)
NAMESAKE = Person(
    given="Mira",
    surname="Kovač",
    email="mira@fabrikam.example",
    tenant=FABRIKAM,
    object_id="cccccccc-0000-4000-8000-00000000000c",
)
NOBODY = Caller(network="n-1")


def session_of(services: wiring.Services, request_id: str) -> str:
    """A session's token, as a confirmed code of this request would give it now."""
    now = services.clock()
    session = Session(request_id=RequestId(request_id), proven_at=now, expires_at=now + services.settings.session_for)
    return services.references.session_token(session)


# ── Where their data lies ────────────────────────────────────────────────────────────────────────────────────────────


def text(words: str) -> dict[str, str]:
    return {"en": words, "nl": words}


def dataset(name: str, *, tenancy: str = "tenant", **more: Any) -> dict[str, Any]:
    fields = more.pop("fields")
    return (
        {
            "id": name,
            "title": text(name.capitalize()),
            "tenancy": tenancy,
            "settings": {"drawer": name},
            "fields": [
                one if isinstance(one, dict) else {"name": one, "category": "user.unique_id"}
                for one in (["tenant", *fields] if tenancy == "tenant" else fields)
            ],
            "purposes": [text("Showing you that this works") | {"id": "showing"}],
            "legal_basis": "A6-1-b",
            "authorisation": "user",
            "source": text("You"),
            "recipients": [{"name": "Host Ltd.", "purpose": text("Hosting"), "country": "IE"}],
            "retention": {"period": "P30D", "counted_from": "created", "action": "delete", "source": text("Policy")},
        }
        | ({"tenant_field": "tenant"} if tenancy == "tenant" else {})
        | more
    )


def service(name: str, *datasets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": text(name.capitalize()),
        "owner": "Platform",
        "role": "controller",
        "lane": "stores",
        "connector": "memory",
        "settings": {"store": "memory"},
        "time_limit": "PT1H",
        "datasets": list(datasets),
    } | more


def by(identifier: str, path: str, use: str = "export") -> dict[str, Any]:
    return {"identifier": identifier, "how": "field", "at": {"path": path}, "use": use}


def standard_services() -> list[dict[str, Any]]:
    return [
        service(
            "directory",
            dataset(
                "users",
                fields=["oid", "upn", "mail", "contact", "name", "passwordHash"],
                found_by=[
                    by("entra_object_id", "oid"),
                    by("upn", "upn", "resolution"),
                    by("email", "mail", "resolution"),
                ],
                yields=[
                    {"identifier": "entra_object_id", "field": "oid"},
                    {"identifier": "upn", "field": "upn"},
                    {"identifier": "email", "field": "mail"},
                    {"identifier": "contact_id", "field": "contact"},
                ],
            ),
            dataset("signups", fields=["email", "company"], found_by=[by("email", "email")]),
        ),
        service("usage", dataset("activity", fields=["oid", "action"], found_by=[by("entra_object_id", "oid")])),
        service(
            "support",
            dataset(
                "tickets",
                tenancy="none",
                fields=["from", "subject", "body"],
                found_by=[by("email", "from")],
            ),
            dataset(
                "calls", tenancy="none", fields=["contact"], found_by=[by("contact_id", "contact"), by("email", "by")]
            ),
        ),
    ]


def data_map(services: list[dict[str, Any]] | None = None) -> DataMap:
    contact = {"name": "Spinpanel", "address": "Utrecht", "email": "privacy@spinpanel.example"}
    return DataMap.model_validate(
        {
            "version": "test-1",
            "controller": contact,
            "privacy_contact": contact,
            "authority": {"name": "AP", "address": "Den Haag", "website": "https://ap.example"},
            "services": services or standard_services(),
        }
    )


def user_row(person: Person, **more: Any) -> dict[str, Any]:
    return {
        "tenant": person.tenant,
        "oid": person.object_id,
        "upn": person.email,
        "mail": person.email,
        "contact": f"c-{person.object_id[:4]}",
        "name": f"{person.given} {person.surname}",
    } | more


def put(store: Memory, drawer: str, *rows: Mapping[str, Any]) -> Drawer:
    """Lay rows into a drawer of the memory store."""
    found = store.drawers.setdefault(("memory", drawer), Drawer())
    found.rows.extend(rows)
    return found


def put_file(store: Memory, drawer: str, row: Mapping[str, Any], name: str, data: bytes, media_type: str) -> None:
    async def pieces():
        for start in range(0, len(data), 1 << 20):
            yield data[start : start + (1 << 20)]

    file = File(name=name, size=len(data), media_type=media_type, open=pieces)
    store.drawers.setdefault(("memory", drawer), Drawer()).files.append((row, file))


def stock(store: Memory) -> None:
    """Lay in the records of everybody above."""
    for person in (MIRA, TOM, NAMESAKE):
        put(store, "users", user_row(person))
        put(store, "signups", {"tenant": person.tenant, "email": person.email, "company": "Contoso"})
        put(
            store, "activity", {"tenant": person.tenant, "oid": person.object_id, "action": f"opened by {person.given}"}
        )
        put(store, "tickets", {"from": person.email, "subject": "Help", "body": f"{person.given} asks for help"})
    call = {"by": MIRA.email, "contact": "c-aaaa"}
    put_file(store, "calls", call, "../call on Tuesday.wav", b"RIFF" + bytes(2000), "audio/wav")


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


# ── Calls over HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Trace:
    """The trace a call belongs to."""

    trace_parent: str | None = TRACE


@dataclass
class Invocation:
    """What the worker tells a function of its call."""

    invocation_id: str = "00000000-0000-4000-8000-0000000000ff"
    function_name: str = "test"
    trace_context: Trace = field(default_factory=Trace)


@dataclass
class Answer:
    """An HTTP answer, read."""

    response: func.HttpResponse
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {name.lower(): value for name, value in self.response.headers.items()}

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.response.get_body().decode()

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def whole(self) -> str:
        """Everything a caller gets to see, to search for what may not be there."""
        return f"{self.headers}\n{self.text}"


def http_request(
    method: str,
    url: str,
    *,
    body: Any = None,
    form: Mapping[str, str] | None = None,
    token: str | None = None,
    cookie: str | None = None,
    headers: Mapping[str, str] | None = None,
    **route: str,
) -> func.HttpRequest:
    """Build a request as the worker hands it over. `body` is JSON unless it is bytes already."""
    sent = {"X-Forwarded-For": "203.0.113.7"}
    data = b""
    if form is not None:
        sent |= {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", "Origin": PUBLIC_URL}
        data = urlencode(form).encode()
    elif body is not None:
        sent["Content-Type"] = "application/json"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if cookie is not None:
        sent["Cookie"] = f"privacy_session={cookie}"
    params = {name: values[-1] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}
    whole = PUBLIC_URL + url
    return func.HttpRequest(
        method, whole, headers=sent | dict(headers or {}), params=params, route_params=route, body=data
    )


async def call(function: str, method: str, url: str, **given: Any) -> Answer:
    """Call an HTTP function and read its answer."""
    return Answer(await called(function, http_request(method, url, **given), Invocation()))
