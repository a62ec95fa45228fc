"""Who a proven person is, and that nobody else's data comes along."""

import pytest
from asking import answered, asked, datasets, happenings, manifest_of, now, opened, proven
from builders import (
    CONTOSO,
    FABRIKAM,
    MIRA,
    NAMESAKE,
    TOM,
    Person,
    by,
    data_map,
    dataset,
    memory_services,
    put,
    service,
    standard_services,
    user_row,
)

from shared.domain.errors import Transient
from shared.domain.identity import Standing
from shared.domain.states import State
from shared.ports.connector import Page
from shared.use_cases.resolve_identity import MOST_IDENTIFIERS


async def resolved(world, *, signed_in=False, person=MIRA):
    """The frozen people of a planned request, and its attention codes."""
    request = await answered(world, person, signed_in=signed_in)
    return (await world.dossiers.of(request)).people, request


async def signed_in_alone(world, person=MIRA):
    request = await asked(world, person, signed_in=True, email=False)
    await world.drain()
    request = await now(world, request.id)
    return (await world.dossiers.of(request)).people, request


def standings(person) -> dict[tuple[str, str], Standing]:
    return {(one.kind, one.value): one.standing for one in person}


async def everything(world, request) -> str:
    with await opened(world, request.id) as package:
        return "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())


async def test_a_signed_in_person_is_found_by_what_their_own_record_yields():
    world = memory_services()
    (person,), request = await signed_in_alone(world)
    assert standings(person) == {
        ("entra_object_id", MIRA.object_id): Standing.PROVEN,
        ("upn", MIRA.email): Standing.DERIVED,
        ("email", MIRA.email): Standing.DERIVED,
        ("contact_id", "c-aaaa"): Standing.DERIVED,
    }
    assert {one.tenant for one in person} == {CONTOSO}
    assert request.attention == ()


async def test_derived_identifiers_open_a_tenants_records_and_not_spinpanels_own():
    world = memory_services()
    _, request = await signed_in_alone(world)
    told = datasets(await manifest_of(world, request.id))
    assert told == {
        "users": "included",
        "signups": "included",
        "activity": "included",
        "tickets": "needs_address",
        "calls": "needs_address",
    }


async def test_an_address_opens_only_what_is_keyed_by_that_very_address():
    world = memory_services()
    (person,), request = await resolved(world)
    assert standings(person) == {("email", MIRA.email): Standing.PROVEN}
    assert datasets(await manifest_of(world, request.id)) == {
        "users": "needs_sign_in",
        "signups": "included",
        "activity": "needs_sign_in",
        "tickets": "included",
        "calls": "included",
    }


async def test_the_walk_starts_from_the_sign_in_and_never_from_an_address():
    world = memory_services()
    yields = [{"identifier": "contact_id", "field": "contact"}]
    profiles = dataset("profiles", fields=["email", "contact"], found_by=[by("email", "email")], yields=yields)
    world.maps.map = data_map([*standard_services(), service("profiles", profiles)])
    put(world.store, "profiles", {"tenant": CONTOSO, "email": MIRA.email, "contact": "c-of-the-mailbox"})
    (person,), request = await resolved(world, signed_in=True)
    assert {one.value for one in person if one.kind == "contact_id"} == {"c-aaaa"}
    assert datasets(await manifest_of(world, request.id))["profiles"] == "included"


async def test_a_namesake_is_nobody():
    world = memory_services()
    put(world.store, "users", user_row(NAMESAKE, tenant=CONTOSO, contact="c-name"))
    _, request = await resolved(world, signed_in=True)
    whole = await everything(world, request)
    assert MIRA.object_id in whole
    for other in (NAMESAKE.object_id, NAMESAKE.email, TOM.email, "c-name", "asks for help, too"):
        assert other not in whole


async def test_a_shared_mailbox_is_ambiguous_claimed_and_never_searched_with():
    world = memory_services()
    put(world.store, "users", user_row(TOM, oid="dddddddd-0000-4000-8000-00000000000d", mail=MIRA.email))
    put(world.store, "signups", {"tenant": CONTOSO, "email": MIRA.email, "company": "the mailbox of two"})
    (person,), request = await signed_in_alone(world)
    assert standings(person)["email", MIRA.email] is Standing.CLAIMED
    assert standings(person)["upn", MIRA.email] is Standing.DERIVED
    assert request.attention == ("ambiguous_identifier", "no_address")
    told = datasets(await manifest_of(world, request.id))
    assert told["signups"] == "nothing_found"
    assert "the mailbox of two" not in await everything(world, request)


async def test_an_address_in_two_tenants_makes_two_parts_that_do_not_mix():
    world = memory_services()
    put(world.store, "signups", {"tenant": FABRIKAM, "email": MIRA.email, "company": "Fabrikam"})
    people, request = await resolved(world)
    assert [part.tenant for part in request.parts] == [CONTOSO, FABRIKAM]
    assert [part.own for part in request.parts] == [True, False]
    assert [{one.tenant for one in person} for person in people] == [{CONTOSO}, {FABRIKAM}]
    with await opened(world, request.id) as package:
        names = package.namelist()
        assert b"Fabrikam" not in package.read("data/signups.json")
        assert b"Fabrikam" in package.read("part-2/data/signups.json")
    assert "data/tickets.json" in names
    assert "part-2/data/tickets.json" not in names


async def test_an_address_in_more_tenants_than_one_answer_bears_says_that_it_is_not_whole():
    world = memory_services()
    for number in range(30):
        tenant = f"00000000-0000-4000-8000-0000000000{number:02}"
        put(world.store, "signups", {"tenant": tenant, "email": MIRA.email, "company": "x"})
    _, request = await resolved(world)
    assert len(request.parts) == 25
    assert (request.state, request.attention) == (State.PARTIALLY_COMPLETED, ("too_many_tenants",))


async def test_the_part_of_ones_own_tenant_stays_the_first():
    world = memory_services()
    put(world.store, "signups", {"tenant": "00000000-0000-4000-8000-000000000000", "email": MIRA.email, "company": "x"})
    _, request = await resolved(world, signed_in=True)
    assert request.parts[0].tenant == CONTOSO
    assert request.parts[0].own


async def test_a_tenant_is_one_however_it_is_written():
    world = memory_services()
    mixed = "ABCDEF00-0000-4000-8000-0000000000AB"
    for tenant in (mixed, mixed.lower()):
        put(world.store, "signups", {"tenant": tenant, "email": "case@x.example", "company": "x"})
    _, request = await resolved(world, person=Person(given="C", surname="D", email="case@x.example"))
    assert [part.tenant for part in request.parts] == [mixed.lower()]


async def test_a_person_known_nowhere_gets_an_answer():
    world = memory_services()
    (person,), request = await resolved(world, person=Person(given="N", surname="O", email="nobody@example.org"))
    assert request.parts[0].tenant is None
    assert standings(person) == {("email", "nobody@example.org"): Standing.PROVEN}
    assert request.state is State.COMPLETED
    told = datasets(await manifest_of(world, request.id))
    assert told["tickets"] == "nothing_found"
    assert set(told.values()) == {"nothing_found", "needs_sign_in"}


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param({"mail": "not an address"}, id="no address"),
        pytest.param({"mail": "a@b.example\r\nBcc: x"}, id="a header"),
        pytest.param({"mail": ["a", {"b": 1}, None, 7]}, id="a list of anything"),
        pytest.param({"mail": {"nested": "x@y.example"}}, id="an object"),
        pytest.param({"upn": ""}, id="empty"),
        pytest.param({"contact": "\u202ec-bbbb"}, id="invisible"),
    ],
)
async def test_a_hostile_value_yields_nothing(hostile):
    world = memory_services()
    drawer = world.store.drawers["memory", "users"]
    drawer.rows[:] = [user_row(MIRA) | hostile]
    (person,), request = await signed_in_alone(world)
    kind = {"mail": "email", "contact": "contact_id"}.get(*hostile, next(iter(hostile)))
    assert kind not in {one.kind for one in person}
    assert request.state is State.COMPLETED


async def test_a_record_that_names_somebody_elses_mailbox_does_not_open_it():
    """Whoever may write their own profile must not reach another person's data by it."""
    world = memory_services()
    world.store.drawers["memory", "users"].rows[0] = user_row(MIRA, mail=TOM.email, upn=TOM.email, contact="c-bbbb")
    (person,), request = await signed_in_alone(world)
    assert standings(person)["email", TOM.email] is Standing.CLAIMED
    assert standings(person)["upn", TOM.email] is Standing.CLAIMED
    assert "opened by Tom" not in await everything(world, request)
    assert "ambiguous_identifier" in request.attention


async def test_a_record_that_yields_without_end_is_cut_off_and_shown_to_an_operator():
    world = memory_services()
    addresses = [f"mira{n}@contoso.example" for n in range(MOST_IDENTIFIERS * 2)]
    world.store.drawers["memory", "users"].rows[0] = user_row(MIRA, mail=addresses)
    (person,), request = await signed_in_alone(world)
    assert len(person) == MOST_IDENTIFIERS
    assert "too_many_identifiers" in request.attention


async def test_a_chain_of_records_is_followed_a_few_steps():
    ring = [
        dataset(
            f"ring-{n}",
            fields=["key", "next"],
            found_by=[by("entra_object_id" if n == 0 else f"k{n}", "key")],
            yields=[{"identifier": f"k{n + 1}", "field": "next"}],
        )
        for n in range(8)
    ]
    world = memory_services()
    world.maps.map = data_map([service("rings", *ring)])
    for n in range(8):
        put(
            world.store,
            f"ring-{n}",
            {"tenant": CONTOSO, "key": MIRA.object_id if n == 0 else f"v{n}", "next": f"v{n + 1}"},
        )
    (person,), _ = await signed_in_alone(world)
    kinds = {one.kind for one in person}
    assert kinds == {"entra_object_id", "k1", "k2", "k3", "k4"}


async def test_a_store_that_is_down_delays_planning_and_decides_nothing():
    world = memory_services()
    export, down = world.store.export, True

    async def sometimes(service, dataset, identifiers, position=None):
        if down:
            raise Transient("store_down")
        async for page in export(service, dataset, identifiers, position):
            yield page

    world.store.export = sometimes
    request = await proven(world)
    await world.drain()
    assert (await now(world, request.id)).state is State.RECEIVED
    down = False
    await world.sweep(minutes=4)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_a_store_that_refuses_for_good_is_shown_to_an_operator_and_planning_stays_open():
    world = memory_services()
    drawer = world.store.drawers.pop(("memory", "signups"))
    request = await proven(world)
    await world.drain()
    for _ in range(3):
        await world.sweep(minutes=4)
        await world.drain()
    waiting = await now(world, request.id)
    assert (waiting.state, waiting.attention) == (State.RECEIVED, ("planning_failed",))
    assert happenings(await world.requests.history(request.id)).count("planning_failed") == 1
    world.store.drawers["memory", "signups"] = drawer
    await world.sweep(minutes=4)
    await world.drain()
    after = await now(world, request.id)
    assert (after.state, after.attention) == (State.COMPLETED, ())


async def test_an_address_that_two_people_have_on_record_proves_neither():
    world = memory_services()
    put(world.store, "users", user_row(TOM, oid="dddddddd-0000-4000-8000-00000000000d", mail=MIRA.email))
    (person,), request = await resolved(world)
    assert standings(person) == {("email", MIRA.email): Standing.CLAIMED}
    assert (request.state, request.attention) == (State.PARTIALLY_COMPLETED, ("shared_address",))
    told = datasets(await manifest_of(world, request.id))
    assert {told["signups"], told["tickets"], told["calls"]} == {"missing"}
    assert "asks for help" not in await everything(world, request)


async def test_a_store_that_finds_everybody_is_not_read_to_its_end():
    world = memory_services()
    read = 0

    async def endless(*_):
        nonlocal read
        while True:
            read += 1
            rows = [user_row(MIRA) | {"oid": f"{n:08d}-0000-4000-8000-00000000000a"} for n in range(read, read + 30)]
            yield Page(records=rows, position=str(read))

    world.store.export = endless
    request = await proven(world, signed_in=True)
    (command,) = world.bus.deliver()
    walk = world.plan_request.resolve
    dossier = (await world.dossiers.of(request)).model_copy(update={"email": None})
    found = await walk(dossier, world.maps.map)
    assert len(found.people[0].identifiers) <= MOST_IDENTIFIERS
    assert read < 2000
    assert command.kind == "plan_request"
