"""What the app tells of accounts, and operators who look after who asks."""

from datetime import timedelta
from typing import Any

from builders import HOME, MIRA, MemoryServices, Person, memory_services

from shared.domain.request import Request, RequestId
from shared.messages.inputs import NoteAccountEvent
from shared.use_cases.caller import Caller

APP = "00000000-0000-4000-8000-0000000000a9"
OLGA = Person(
    given="Olga",
    surname="de Wit",
    email="olga@spinpanel.example",
    tenant=HOME,
    object_id=f"0{'1' * 7}-0000-4000-8000-{'0' * 12}",
)
OTTO = Person(
    given="Otto",
    surname="Smit",
    email="otto@spinpanel.example",
    tenant=HOME,
    object_id=f"0{'2' * 7}-0000-4000-8000-{'0' * 12}",
)
OLD, THIRD = "mira.before@contoso.example", "mira.third@contoso.example"


def guarded_services(**more: Any) -> MemoryServices:
    """A graph whose app may tell of accounts."""
    return memory_services(app_clients=f"{APP}, another", **more)


def app() -> Caller:
    return Caller(network="n-app", principal=OLGA.principal("Privacy.Service", app=APP))


def operator(person: Person = OLGA) -> Caller:
    return person.caller("Privacy.Operator")


async def told(
    world: MemoryServices, happening: str = "password_reset", person: Person = MIRA, days_ago: float = 1, **more: Any
) -> None:
    """Let the app tell of an account."""
    given = {"tenant": person.tenant, "objectId": person.object_id, "happening": happening}
    given |= {"at": world.clock() - timedelta(days=days_ago)}
    await world.noting_account_events(app(), NoteAccountEvent.model_validate(given | more))


def codes_to(world: MemoryServices, address: str) -> list[str]:
    """The subjects of every mail with a code to an address."""
    return [mail.subject for mail in world.mailer.sent if mail.to == address and "/verify" in mail.text]


def announced_to(world: MemoryServices, address: str) -> list[str]:
    """The texts of every announcement to an address."""
    return [mail.text for mail in world.mailer.sent if mail.to == address and "/stop" in mail.text]


async def second_code(world: MemoryServices, request: Request) -> str:
    """The code that a request waits for."""
    row = (await world.requests.read(RequestId(request.id))).row
    assert row.verification is not None
    return world.references.code(row.id, row.verification.issue)
