"""An administrator receives a user's data where the terms say so, and the user sees that they did."""

import pytest
from asking import happenings, now, opened
from builders import CONTOSO, FABRIKAM, MIRA, NAMESAKE, TOM, put, user_row
from customers import NADIA, THEIRS, administrator, customer, mixed_world

from shared.domain.errors import Conflict, NotAllowed, NotFound, ProofNeeded
from shared.domain.request import RequestId
from shared.domain.states import State
from shared.messages.tenant_inputs import Disclose

REASON = "Clause 8 of the processing agreement"


async def agreed(may_disclose=True):
    world = mixed_world()
    put(world.store, "users", user_row(NADIA))
    await world.tenants.write(customer(CONTOSO, may_disclose=may_disclose), None)
    await world.tenants.write(customer(FABRIKAM, may_disclose=True), None)
    return world


def of(person):
    return Disclose.model_validate({"objectId": person.object_id, "reason": REASON})


async def disclosed(world, caller=None):
    request = await world.disclosing(caller or administrator(), CONTOSO, of(MIRA))
    await world.drain()
    return await now(world, request.id)


async def test_the_package_holds_the_customers_data_and_none_of_ours():
    world = await agreed()
    request = await disclosed(world)
    assert request.state is State.COMPLETED
    package = await opened(world, request.id)
    assert {name for name in THEIRS if f"data/{name}.json" in package.namelist()} == set(THEIRS)
    assert "signups" not in str(package.namelist())


async def test_it_goes_to_the_administrator_who_asked_and_is_recorded_with_their_name():
    world = await agreed()
    request = await disclosed(world)
    assert await world.deliver_export.open(administrator(), request.export.id, None)
    lines = await world.requests.history(request.id)
    assert happenings(lines)[-1] == "disclosed"
    assert lines[-1].actor == f"{CONTOSO}/{NADIA.object_id}"
    another = administrator(object_id=TOM.object_id)
    with pytest.raises(ProofNeeded):
        await world.deliver_export.open(another, request.export.id, None)
    with pytest.raises(ProofNeeded):
        await world.deliver_export.open(administrator(CONTOSO, "Privacy.User"), request.export.id, None)


async def test_the_user_sees_the_disclosure_among_their_own_and_gets_no_mail():
    world = await agreed()
    request = await disclosed(world)
    [seen] = await world.owning.all(MIRA.caller())
    assert (seen.id, seen.disclosed_to) == (request.id, f"{CONTOSO}/{NADIA.object_id}")
    assert [one.to for one in world.mailer.sent] == []
    assert REASON not in repr(request)


async def test_without_a_word_in_the_terms_nothing_is_handed_over():
    world = await agreed(may_disclose=False)
    with pytest.raises(Conflict, match="terms_do_not_allow"):
        await world.disclosing(administrator(), CONTOSO, of(MIRA))
    assert await world.tenant_cases.page(CONTOSO, 10) == ([], None)


async def test_a_user_of_another_customer_is_nobody_here():
    world = await agreed()
    with pytest.raises(NotFound):
        await world.disclosing(administrator(), CONTOSO, of(NAMESAKE))
    with pytest.raises(NotFound):
        await world.disclosing(administrator(FABRIKAM), CONTOSO, of(MIRA))


async def test_it_takes_the_customers_own_administrator():
    world = await agreed()
    with pytest.raises((NotAllowed, NotFound)):
        await world.disclosing(administrator(CONTOSO, "Privacy.Partner"), CONTOSO, of(MIRA))


async def test_a_disclosure_is_no_request_of_anybodys_in_the_statistics():
    world = await agreed()
    await disclosed(world)
    assert await world.tenant_statistics(administrator(), CONTOSO) == {}
    listed, _ = await world.controller_cases.page(administrator(), CONTOSO, 10, None, open_only=False)
    assert [one.disclosed_to is not None for one in listed] == [True]
    assert RequestId(listed[0].id)
