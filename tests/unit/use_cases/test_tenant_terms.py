"""Terms are appended to; operators write them, administrators only what their users may start by themselves."""

from datetime import timedelta

import pytest
from builders import CONTOSO, FABRIKAM, HOME, MIRA, memory_services
from customers import administrator, customer

from shared.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound, StaleState
from shared.messages.tenant_inputs import PutSelfService, PutTenant, PutTerms

OPERATOR = administrator(HOME, "Privacy.Operator")


def given(**more):
    return PutTenant.model_validate({"name": "Contoso Ltd.", "contacts": ["Privacy@Contoso.example"]} | more)


async def test_terms_that_differ_become_the_next_version_and_the_others_stay():
    world = memory_services()
    first = await world.tenant_terms.put(OPERATOR, CONTOSO, given(), None)
    assert [one.answers for one in first.row.terms] == [frozenset()]
    assert first.row.contacts == ("privacy@contoso.example",)
    world.clock.advance(days=1)
    second = await world.tenant_terms.put(OPERATOR, CONTOSO, given(terms={"answers": ["access"]}), first.etag)
    assert [(one.version, one.answers) for one in second.row.terms] == [(1, frozenset()), (2, frozenset({"access"}))]
    assert second.row.terms[1].since - second.row.terms[0].since == timedelta(days=1)
    third = await world.tenant_terms.put(
        OPERATOR, CONTOSO, given(name="Contoso", terms={"answers": ["access"]}), second.etag
    )
    assert third.row.terms == second.row.terms
    assert third.row.name == "Contoso"


async def test_a_change_names_what_it_changes():
    world = memory_services()
    first = await world.tenant_terms.put(OPERATOR, CONTOSO, given(), None)
    with pytest.raises(Conflict, match="already_there"):
        await world.tenant_terms.put(OPERATOR, CONTOSO, given(), None)
    await world.tenant_terms.put(OPERATOR, CONTOSO, given(name="Newer"), first.etag)
    with pytest.raises(StaleState):
        await world.tenant_terms.put(OPERATOR, CONTOSO, given(name="Too late"), first.etag)
    with pytest.raises(StaleState):
        await world.tenant_terms.put(OPERATOR, FABRIKAM, given(), first.etag)


async def test_terms_are_about_rights_there_are():
    world = memory_services()
    with pytest.raises(InvalidInput, match="answers"):
        await world.tenant_terms.put(OPERATOR, CONTOSO, given(terms=PutTerms(answers=frozenset({"magic"}))), None)


@pytest.mark.parametrize("caller", [administrator(), MIRA.caller("Privacy.Operator")])
async def test_operators_alone_write_what_was_agreed(caller):
    world = memory_services()
    await world.tenants.write(customer(CONTOSO), None)
    with pytest.raises(NotAllowed):
        await world.tenant_terms.put(caller, CONTOSO, given(), None)
    with pytest.raises(NotAllowed):
        await world.tenant_terms.read(caller, CONTOSO)


async def test_who_is_not_there_is_not_found():
    world = memory_services()
    with pytest.raises(NotFound):
        await world.tenant_terms.read(OPERATOR, CONTOSO)


async def test_administrators_restrict_what_users_start_and_nothing_else():
    world = memory_services()
    await world.tenants.write(customer(CONTOSO, "access"), None)
    tenant = await world.tenant_terms.restrict(
        administrator(), CONTOSO, PutSelfService(restricted=frozenset({"profile"}))
    )
    assert tenant.self_service == {"profile"}
    read = (await world.tenants.read(CONTOSO)).row
    assert read == customer(CONTOSO, "access").model_copy(update={"self_service": frozenset({"profile"})})


async def test_a_write_in_between_is_not_lost():
    world = memory_services()
    await world.tenants.write(customer(CONTOSO), None)
    read = world.tenants.read

    async def reads_and_is_overtaken(tenant_id):
        found = await read(tenant_id)
        world.tenants.read = read
        await world.tenants.write(customer(CONTOSO, name="Renamed"), found.etag)
        return found

    world.tenants.read = reads_and_is_overtaken
    await world.tenant_terms.restrict(administrator(), CONTOSO, PutSelfService(restricted=frozenset({"profile"})))
    after = (await read(CONTOSO)).row
    assert (after.name, after.self_service) == ("Renamed", {"profile"})
