"""Whose request it is, also after the keys were rotated."""

import base64

import pytest
from asking import answered, asked
from builders import MIRA, NOBODY, TOM, memory_services, session_of

from shared.domain.errors import NotFound, NotSignedIn
from shared.use_cases.caller import Caller

SECOND_KEY = base64.b64encode(bytes([9]) * 32).decode()


def rotated(world, **given):
    """The same stores under a new reference key."""
    stores = {
        name: getattr(world, name)
        for name in ("requests", "subjects", "keys", "exports", "packages", "waits", "new_id")
    }
    return memory_services(reference_key_2=SECOND_KEY, **stores, **given)


def session(world, request_id: str) -> Caller:
    return Caller(network="n", session=world.references.session(session_of(world, request_id), world.clock()))


async def test_after_a_rotation_everything_is_still_found_and_new_things_bear_the_new_key():
    before = memory_services()
    old = await answered(before, signed_in=True)
    by_mail = await answered(before)
    after = rotated(before)
    assert (await after.owning.case(MIRA.caller(), old.id)).request.row.id == old.id
    new = await asked(after, signed_in=True)
    assert old.owner_ref.startswith("k1.")
    assert new.owner_ref.startswith("k2.")
    assert {one.id for one in await after.owning.all(MIRA.caller())} == {old.id, new.id}
    assert by_mail.id in {one.id for one in await after.owning.all(session(after, by_mail.id))}


async def test_a_key_that_was_taken_out_opens_nothing_that_was_written_under_it():
    before = memory_services()
    old = await answered(before, signed_in=True)
    stores = {"requests": before.requests, "subjects": before.subjects, "keys": before.keys}
    after = memory_services(reference_key_1=SECOND_KEY, **stores)
    with pytest.raises(NotFound):
        await after.owning.case(MIRA.caller(), old.id)


async def test_a_repeated_key_finds_its_request_across_a_rotation():
    before = memory_services()
    first = await asked(before, key="k")
    after = rotated(before)
    assert (await asked(after, key="k")).id == first.id


async def test_whoever_proved_nothing_is_asked_to_and_somebody_elses_is_not_there():
    world = memory_services()
    request = await answered(world, signed_in=True)
    with pytest.raises(NotSignedIn):
        await world.owning.case(NOBODY, request.id)
    with pytest.raises(NotSignedIn):
        await world.owning.all(NOBODY)
    for caller in (TOM.caller(), Caller(network="n", principal=MIRA.principal(tenant="another"))):
        with pytest.raises(NotFound):
            await world.owning.case(caller, request.id)


async def test_a_list_is_of_one_person_the_newest_first_and_bounded():
    world = memory_services(intake_per_network=1000, intake_per_caller=1000)
    made = []
    for _ in range(52):
        made.append((await asked(world, signed_in=True, email=False)).id)
        world.clock.advance(seconds=1)
    await asked(world, TOM, signed_in=True, email=False)
    assert [one.id for one in await world.owning.all(MIRA.caller())] == made[:1:-1]
