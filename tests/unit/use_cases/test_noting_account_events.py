"""What the app tells of accounts: who may tell, under what it is found, and that it is forgotten."""

from datetime import timedelta

import pytest
from builders import HOME, MIRA, NOBODY, TOM
from takeovers import APP, OLD, OLGA, guarded_services, told

from shared.domain.errors import Gone, InvalidInput, NotAllowed, NotSignedIn
from shared.domain.identity import EMAIL, OBJECT_ID
from shared.domain.request import RequestId
from shared.messages.inputs import NoteAccountEvent
from shared.use_cases.caller import Caller


def references(world, *known):
    return [world.references.subject(kind, value, tenant) for kind, value, tenant in known]


async def under(world, *known):
    return list(await world.account_events.since(references(world, *known), world.clock() - timedelta(days=90)))


async def test_an_event_is_found_by_the_account_and_by_both_addresses_and_names_none_of_them():
    world = guarded_services()
    await told(world, "address_changed", previousAddress=OLD.upper(), address=MIRA.email)
    (event,) = await under(world, (OBJECT_ID, MIRA.object_id, MIRA.tenant))
    assert await under(world, (EMAIL, OLD, None)) == [event]
    assert await under(world, (EMAIL, MIRA.email, None)) == [event]
    assert await under(world, (OBJECT_ID, TOM.object_id, TOM.tenant)) == []
    seal = await world.keys.of(RequestId(event.id))
    assert seal.unlock(event.previous).decode() == OLD
    kept = event.model_dump_json()
    for name in (OLD, MIRA.email, MIRA.object_id):
        assert name not in kept


async def test_the_same_event_told_twice_is_one():
    world = guarded_services()
    for _ in range(2):
        await told(world)
    assert len(world.account_events.events) == 1
    await told(world, days_ago=2)
    assert len(world.account_events.events) == 2


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        pytest.param(NOBODY, NotSignedIn, id="nobody"),
        pytest.param(OLGA.caller("Privacy.Service"), NotAllowed, id="a person with the role"),
        pytest.param(Caller(network="n", principal=OLGA.principal(app=APP)), NotAllowed, id="the app without the role"),
        pytest.param(
            Caller(network="n", principal=MIRA.principal("Privacy.Service", app=APP)), NotAllowed, id="another tenant"
        ),
        pytest.param(
            Caller(network="n", principal=OLGA.principal("Privacy.Service", app=HOME)), NotAllowed, id="another client"
        ),
    ],
)
async def test_nobody_but_the_app_tells_of_accounts(caller, refusal):
    world = guarded_services()
    given = {"tenant": MIRA.tenant, "objectId": MIRA.object_id, "happening": "password_reset", "at": world.clock()}
    with pytest.raises(refusal):
        await world.noting_account_events(caller, NoteAccountEvent.model_validate(given))
    assert world.account_events.events == {}


@pytest.mark.parametrize(
    "wrong", [{"previousAddress": "no address"}, {"address": "neither@"}, {"tenant": "x" * 36}, {"objectId": "y" * 36}]
)
async def test_what_is_no_identifier_is_refused_without_being_repeated(wrong):
    world = guarded_services()
    with pytest.raises(InvalidInput) as refused:
        await told(world, **wrong)
    assert not any(value in str(refused.value) for value in wrong.values())
    assert world.account_events.events == {}


async def test_an_event_of_the_future_is_refused_and_one_too_old_to_count_is_let_go():
    world = guarded_services()
    with pytest.raises(InvalidInput):
        await told(world, days_ago=-1)
    await told(world, days_ago=61, previousAddress=OLD)
    assert world.account_events.events == {}


async def test_events_are_forgotten_with_their_keys_once_they_were_kept_long_enough():
    world = guarded_services()
    await told(world, "address_changed", previousAddress=OLD, days_ago=0)
    world.clock.advance(days=10)
    await told(world, days_ago=0)
    older, newer = (event for event, _ in world.account_events.events.values())
    world.clock.advance(days=50)
    assert await world.noting_account_events.sweep() == 0
    assert (await world.keys.of(RequestId(older.id))).unlock(older.previous).decode() == OLD
    world.clock.advance(seconds=1)
    assert await world.noting_account_events.sweep() == 1
    assert await under(world, (OBJECT_ID, MIRA.object_id, MIRA.tenant)) == [newer]
    with pytest.raises(Gone):
        await world.keys.of(RequestId(older.id))
    assert await world.noting_account_events.sweep() == 0


async def test_nothing_told_of_an_account_stands_in_the_log(caplog):
    world = guarded_services()
    with caplog.at_level("DEBUG"):
        await told(world, "address_changed", previousAddress=OLD, address=MIRA.email)
    assert "address_changed" in caplog.text
    for name in (OLD, MIRA.email, MIRA.object_id, MIRA.tenant):
        assert name not in caplog.text
