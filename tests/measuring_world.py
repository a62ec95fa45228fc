"""People whose data rests on consent, contract and interest, and a service that asks what it may do with it."""

from typing import Any

from asking import asked, code_of, now
from builders import (
    CONTOSO,
    HOME,
    MIRA,
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

from shared.domain.request import Request
from shared.messages.commands import ProcessingChanged
from shared.messages.inputs import LookUp, LookUpItem
from shared.use_cases.caller import Caller
from shared.use_cases.looking_up import LookedUp

CLIENT, OTHER = "c1000000-0000-4000-8000-00000000000c", "c2000000-0000-4000-8000-00000000000c"
NEWS = text("News") | {"id": "news", "direct_marketing": True}
STATISTICS = text("Statistics") | {"id": "statistics"}
OPERATOR = Person(
    given="Olga",
    surname="de Wit",
    email="olga@spinpanel.example",
    tenant=HOME,
    object_id="eeeeeeee-0000-4000-8000-00000000000e",
).caller("Privacy.Operator")


def services(*, tells: bool = False) -> list[dict[str, Any]]:
    """The standard ones, of which two may ask, and one that mails and counts; with `tells` it hands records on."""
    directory, usage, support = standard_services()
    notify = {"how": "mail", "address": "privacy@mailer.example", "identifier": "email"}
    mailer = {"name": "Mailer Ltd.", "purpose": text("Mailing"), "country": "IE", "id": "mailer"}
    readers = dataset(
        "readers",
        tenancy="none",
        fields=["email"],
        found_by=[by("email", "email")],
        purposes=[NEWS],
        legal_basis="A6-1-a",
        recipients=[mailer | ({"notify": notify} if tells else {})],
    )
    visits = dataset(
        "visits",
        tenancy="none",
        fields=["email"],
        found_by=[by("email", "email")],
        purposes=[STATISTICS],
        legal_basis="A6-1-f",
    )
    return [
        directory | {"clients": [CLIENT]},
        usage | {"clients": [CLIENT]},
        support,
        service("letters", readers, visits, clients=[CLIENT]),
    ]


def measuring_world(*, tells: bool = False, **how: Any) -> MemoryServices:
    """The whole service, over that."""
    world = memory_services(maps=FixedMaps(data_map(services(tells=tells))), **how)
    put(world.store, "readers", {"email": MIRA.email})
    put(world.store, "visits", {"email": MIRA.email})
    return world


async def settled(world: MemoryServices, *rights: str, person: Person = MIRA, **details: dict[str, Any]) -> Request:
    """A request of somebody who signed in and proved an address, with everything delivered."""
    request = await asked(world, person, rights=rights, details=details, signed_in=True)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    return await now(world, request.id)


def machine(client: str = CLIENT) -> Caller:
    """A managed identity of ours."""
    daemon = Person(given="", surname="", email="", tenant=HOME, object_id=client)
    return Caller(network="n-9", principal=daemon.principal("Privacy.Service", app=client))


async def looked_up(
    world: MemoryServices, name: str, person: Person = MIRA, *, kind: str = "email", tenant: str | None = None
) -> LookedUp:
    """What a service hears of somebody in one dataset."""
    value = person.object_id if kind == "entra_object_id" else person.email
    item = LookUpItem(dataset=name, kind=kind, value=value, tenant=tenant)
    [found] = await world.look_up(machine(), LookUp(items=(item,)))
    return found


async def of_account(world: MemoryServices, person: Person = MIRA, tenant: str = CONTOSO) -> LookedUp:
    """What the directory hears of somebody's account in a tenant."""
    return await looked_up(world, "users", person, kind="entra_object_id", tenant=tenant)


def changes(world: MemoryServices) -> list[tuple[str, int]]:
    """Every handle and version that services were told of."""
    told = [one.command for one in world.bus.sent]
    return [(one.handle, one.version) for one in told if isinstance(one, ProcessingChanged)]
