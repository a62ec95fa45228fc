"""What a customer sees of its cases and decides: its own alone, and nobody about themselves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asking import now, proven
from builders import CONTOSO, FABRIKAM, HOME, MIRA, data_map, put, user_row
from customers import NADIA, THEIRS, administrator, customer, mixed_services, mixed_world, split

from shared.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from shared.domain.states import Happening, State
from shared.domain.tenant import Delegation
from shared.messages.tenant_inputs import DecideCase
from shared.ports.world import Principal
from shared.use_cases.caller import Caller

GRANTED = DecideCase(outcome="granted")
REFUSED = DecideCase(outcome="refused", ground="rights_of_others", text="Others are in it.")
ELSEWHERE = "00000000-0000-4000-8000-0000000000ee"


async def waiting():
    """A world with a case of Contoso's that waits to be decided, and another customer."""
    world = mixed_world()
    put(world.store, "users", user_row(NADIA))
    await world.tenants.write(customer(CONTOSO), None)
    await world.tenants.write(customer(FABRIKAM), None)
    _, [case] = await split(world)
    return world, case


def delegated(world, kind, *, expired=False):
    until = world.clock() + timedelta(days=-1 if expired else 30)
    return Delegation(kind=kind, tenant=FABRIKAM, until=until)


async def test_an_administrator_sees_whom_it_is_about_what_is_held_and_by_when():
    world, case = await waiting()
    seen = await world.controller_cases.one(administrator(), CONTOSO, case.id)
    assert {one.value for one in seen.identifiers} == {MIRA.object_id, MIRA.email}
    assert {one.dataset.id for one in seen.held} == set(THEIRS)
    assert {one.records for one in seen.held} == {None}
    listed, cursor = await world.controller_cases.page(administrator(), CONTOSO, 10, None, open_only=False)
    assert ([one.id for one in listed], cursor) == ([case.id], None)


async def test_an_address_that_was_proved_to_us_is_not_told_to_whoever_knows_the_account():
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO), None)
    private = replace(MIRA, email="mira@private.example")
    request = await proven(world, private, signed_in=True)
    await world.drain()
    [case_id] = (await now(world, request.id)).linked
    seen = await world.controller_cases.one(administrator(), CONTOSO, case_id)
    assert {one.value for one in seen.identifiers} == {MIRA.object_id, MIRA.email}
    assert (await world.dossiers.of(await now(world, case_id))).address == private.email


async def test_what_is_granted_is_done_and_counts_are_known_then():
    world, case = await waiting()
    decided = await world.controller_cases.decide(administrator(), CONTOSO, case.id, GRANTED)
    assert decided.state is State.RECEIVED
    await world.drain()
    done = await now(world, case.id)
    assert done.state is State.COMPLETED
    seen = await world.controller_cases.one(administrator(), CONTOSO, case.id)
    assert {one.dataset.id: one.records for one in seen.held} == {"users": 1, "activity": 1}
    lines = await world.requests.history(case.id)
    [granted] = [one for one in lines if one.happening is Happening.GRANTED]
    assert granted.actor == f"{CONTOSO}/{NADIA.object_id}"


async def test_a_refusal_is_the_customers_own_and_told_with_its_ground_and_text():
    world, case = await waiting()
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, REFUSED)
    await world.drain()
    after = await now(world, case.id)
    assert (after.state, after.reason) == (State.REFUSED, "controller_refused")
    assert after.verdicts[-1].ground == "rights_of_others"
    mail = next(one for one in reversed(world.mailer.sent) if one.to == MIRA.email)
    assert "Others are in it." in mail.text
    assert "Others are in it." not in repr(after)


@pytest.mark.parametrize(
    "given", [DecideCase(outcome="refused"), DecideCase(outcome="granted", ground="rights_of_others")]
)
async def test_a_refusal_names_its_ground_and_a_grant_has_none(given):
    world, case = await waiting()
    with pytest.raises(InvalidInput):
        await world.controller_cases.decide(administrator(), CONTOSO, case.id, given)


async def test_what_was_decided_is_not_decided_again():
    world, case = await waiting()
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, REFUSED)
    with pytest.raises(Conflict, match="not_while_refused"):
        await world.controller_cases.decide(administrator(), CONTOSO, case.id, GRANTED)


@pytest.mark.parametrize("given", [GRANTED, REFUSED])
async def test_nobody_decides_a_case_about_themselves(given):
    world, case = await waiting()
    themselves = administrator(object_id=MIRA.object_id)
    with pytest.raises(NotAllowed):
        await world.controller_cases.decide(themselves, CONTOSO, case.id, given)
    assert (await now(world, case.id)).state is State.FORWARDED


async def test_nobody_decides_a_case_about_the_address_of_their_own_account():
    world, case = await waiting()
    put(world.store, "users", user_row(MIRA, oid=ELSEWHERE, contact="c-ee", upn="second@contoso.example"))
    with pytest.raises(NotAllowed):
        await world.controller_cases.decide(administrator(object_id=ELSEWHERE), CONTOSO, case.id, GRANTED)


@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(administrator(FABRIKAM), id="another customer's administrator"),
        pytest.param(administrator(FABRIKAM, "Privacy.Partner"), id="a partner without a delegation"),
        pytest.param(administrator(CONTOSO, "Privacy.Partner"), id="a partner's role in the customer's own tenant"),
        pytest.param(administrator(HOME), id="an administrator of ours"),
    ],
)
async def test_a_foreign_case_answers_like_one_that_does_not_exist(caller):
    world, case = await waiting()
    for tenant, case_id in ((CONTOSO, case.id), (CONTOSO, ELSEWHERE), (ELSEWHERE, case.id)):
        with pytest.raises(NotFound) as refused:
            await world.controller_cases.one(caller, tenant, case_id)
        assert str(refused.value) in {"", ELSEWHERE}
    with pytest.raises(NotFound):
        await world.controller_cases.decide(caller, CONTOSO, case.id, GRANTED)
    with pytest.raises(NotFound):
        await world.controller_cases.page(caller, CONTOSO, 10, None, open_only=False)


async def test_an_administrator_finds_another_customers_case_nowhere_under_its_own_tenant():
    world, case = await waiting()
    there = administrator(FABRIKAM)
    with pytest.raises(NotFound):
        await world.controller_cases.one(there, FABRIKAM, case.id)
    assert await world.controller_cases.page(there, FABRIKAM, 10, None, open_only=False) == ([], None)


async def test_a_request_of_our_own_is_no_case_of_a_customers():
    world, case = await waiting()
    with pytest.raises(NotFound):
        await world.controller_cases.one(administrator(), CONTOSO, case.origin)


@pytest.mark.parametrize(("kind", "role"), [("partner", "Privacy.Partner"), ("administrator", "Privacy.Admin")])
async def test_a_live_delegation_opens_a_case_and_one_that_ended_does_not(kind, role):
    world, case = await waiting()
    there = administrator(FABRIKAM, role)
    for expired in (False, True):
        read = await world.tenants.read(CONTOSO)
        changed = read.row.model_copy(update={"delegations": (delegated(world, kind, expired=expired),)})
        await world.tenants.write(changed, read.etag)
        if expired:
            with pytest.raises(NotFound):
                await world.controller_cases.one(there, CONTOSO, case.id)
        else:
            assert (await world.controller_cases.one(there, CONTOSO, case.id)).request.id == case.id


async def test_a_decision_of_a_partner_whose_delegation_ended_begins_no_work():
    world, case = await waiting()
    read = await world.tenants.read(CONTOSO)
    etag = await world.tenants.write(
        read.row.model_copy(update={"delegations": (delegated(world, "partner"),)}), read.etag
    )
    await world.controller_cases.decide(administrator(FABRIKAM, "Privacy.Partner"), CONTOSO, case.id, GRANTED)
    await world.tenants.write(read.row, etag)
    await world.drain()
    after = await now(world, case.id)
    assert after.state is State.FORWARDED
    assert after.export is None
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, GRANTED)
    await world.drain()
    assert (await now(world, case.id)).state is State.COMPLETED


@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(Caller(network="n"), id="nobody"),
        pytest.param(MIRA.caller(), id="a user"),
        pytest.param(
            Caller(
                network="n",
                principal=Principal(
                    tenant=CONTOSO, object_id=ELSEWHERE, roles=frozenset({"Privacy.Admin"}), app=ELSEWHERE
                ),
            ),
            id="a program",
        ),
    ],
)
async def test_it_takes_a_person_with_a_role(caller):
    world, case = await waiting()
    with pytest.raises((NotAllowed, NotSignedIn)):
        await world.controller_cases.one(caller, CONTOSO, case.id)


async def test_comments_are_kept_with_the_case_and_read_by_those_who_work_on_it():
    world, case = await waiting()
    seen = await world.controller_cases.comment(administrator(), CONTOSO, case.id, "Ask Bob first.")
    assert [(one.by, one.text) for one in seen.comments] == [(f"{CONTOSO}/{NADIA.object_id}", "Ask Bob first.")]
    assert "Ask Bob" not in repr(await now(world, case.id))
    assert not any("Ask Bob" in one.text for one in world.mailer.sent)


async def test_cases_that_have_ended_can_be_left_out():
    world, case = await waiting()
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, REFUSED)
    listed, _ = await world.controller_cases.page(administrator(), CONTOSO, 10, None, open_only=True)
    assert listed == []


async def test_an_objection_that_is_granted_is_not_weighed_again_by_us():
    directory, usage, *ours = mixed_services()
    weighed = usage | {"datasets": [one | {"legal_basis": "A6-1-f"} for one in usage["datasets"]]}
    world = mixed_world()
    world.maps.map = data_map([directory, weighed, *ours])
    await world.tenants.write(customer(CONTOSO), None)
    _, [case] = await split(world, rights=("objection",))
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, GRANTED)
    await world.drain()
    assert (await now(world, case.id)).state is State.COMPLETED
