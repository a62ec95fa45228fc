"""An address that a request corrected is remembered as such."""

from datetime import timedelta

import pytest
from asking import answered, asked, now
from builders import MIRA, standard_services
from correcting_world import correctable_services, correcting_world, correction
from takeovers import codes_to

from shared.domain.identity import EMAIL, OBJECT_ID
from shared.domain.request import RequestId
from shared.domain.states import State

NEW = "mira.new@contoso.example"


def world_with_addresses():
    """A directory whose people correct their address themselves."""
    services = correctable_services()
    assert services[0]["id"] == standard_services()[0]["id"]
    users = services[0]["datasets"][0]
    users["fields"] = [
        {"name": "mail", "category": "user.contact.email", "rectify": "self"} if _name(one) == "mail" else one
        for one in users["fields"]
    ]
    return correcting_world(services)


def _name(field) -> str:
    return field["name"] if isinstance(field, dict) else field


async def noted(world, *known):
    refs = [world.references.subject(kind, value, tenant) for kind, value, tenant in known]
    return list(await world.account_events.since(refs, world.clock() - timedelta(days=1)))


async def corrected(world, *corrections):
    details = {"rectification": {"corrections": list(corrections)}}
    request = await asked(world, signed_in=True, email=False, rights=("rectification",), details=details)
    await world.drain()
    return await now(world, request.id)


async def test_it_stands_under_the_account_and_both_addresses_with_the_one_before():
    world = world_with_addresses()
    request = await corrected(world, correction("mail", NEW.upper(), "users"))
    assert request.state is State.COMPLETED
    [event] = await noted(world, (OBJECT_ID, MIRA.object_id, MIRA.tenant))
    assert event.happening == "identifier_corrected"
    assert await noted(world, (EMAIL, MIRA.email, None)) == await noted(world, (EMAIL, NEW, None)) == [event]
    assert (await world.keys.of(RequestId(event.id))).unlock(event.previous).decode() == MIRA.email


@pytest.mark.parametrize(("days", "held"), [(29, True), (31, False)])
async def test_from_then_on_it_proves_nothing_by_itself_for_a_while(days, held):
    world = world_with_addresses()
    await corrected(world, correction("mail", NEW, "users"))
    world.clock.advance(days=days)
    new = type(MIRA)(given=MIRA.given, surname=MIRA.surname, email=NEW)
    request = await answered(world, new)
    assert (request.second_proof == "asked") is held
    assert len(codes_to(world, MIRA.email)) == (1 if held else 0)


async def test_what_is_no_address_is_not_remembered():
    world = world_with_addresses()
    request = await corrected(world, correction())
    assert request.state is State.COMPLETED
    assert world.account_events.events == {}


async def test_an_address_that_was_corrected_nowhere_is_not_remembered():
    world = world_with_addresses()
    world.store.drawers["memory", "users"].rows.clear()
    await corrected(world, correction("mail", NEW, "users"))
    assert world.account_events.events == {}
