"""What Spinpanel holds as a customer's processor becomes a case of its own."""

from uuid import UUID

import pytest
from asking import asked, datasets, happenings, manifest_of, now, opened, proven
from builders import CONTOSO, FABRIKAM, MIRA, NAMESAKE, Person, put, user_row
from customers import OURS, THEIRS, customer, mixed_world, split

from shared.domain.ask import Ask, Correction
from shared.domain.states import State
from shared.domain.tenant import Terms
from shared.messages.commands import PlanRequest
from shared.messages.inputs import SubmitRequest

BOTH = ("access", "erasure")


async def with_customer(*answers, **more):
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO, *answers, **more), None)
    return world


async def test_a_customer_that_lets_us_answer_gets_no_question_and_the_person_two_packages():
    world = await with_customer("access")
    request, [case] = await split(world)
    assert (request.state, case.state) == (State.COMPLETED, State.COMPLETED)
    ours, theirs = await opened(world, request.id), await opened(world, case.id)
    assert "activity" not in str(ours.namelist())
    assert {name for name in THEIRS if f"data/{name}.json" in theirs.namelist()} == set(THEIRS)
    assert not [name for name in OURS if name in str(theirs.namelist())]
    assert happenings(await world.requests.history(case.id))[0] == "instructed"
    assert (await world.requests.history(case.id))[0].actor == "terms:1"


async def test_a_case_whose_rights_the_terms_do_not_name_waits_for_the_customer():
    world = await with_customer("portability")
    request, [case] = await split(world)
    assert request.state is State.COMPLETED
    assert case.state is State.FORWARDED
    assert case.export is None
    assert (case.role, case.tenant, case.origin) == ("processor", CONTOSO, request.id)
    assert (case.received_at, case.due_at) == (request.received_at, request.due_at)
    assert case.forwarded_at == world.clock()


async def test_rights_with_different_answers_are_a_case_each():
    world = await with_customer("access")
    _, cases = await split(world, rights=BOTH)
    assert {tuple(part.right for part in case.parts): case.state for case in cases} == {
        ("access",): State.COMPLETED,
        ("erasure",): State.FORWARDED,
    }


async def test_a_tenant_that_nobody_knows_is_never_answered_for():
    world = mixed_world()
    _, [case] = await split(world)
    assert case.state is State.FORWARDED
    assert "controller_unknown" in case.attention


async def test_an_address_that_opens_nothing_of_a_customers_makes_no_case():
    world = await with_customer("access")
    request = await proven(world)
    await world.drain()
    assert (await now(world, request.id)).linked == ()


async def test_what_is_named_in_scope_decides_whether_there_is_a_case():
    world = await with_customer("access")
    submitted = SubmitRequest(rights=("access",), details={"access": Ask(datasets=("tickets",))})
    request = await world.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    await world.drain()
    assert (await now(world, request.id)).linked == ()


async def test_no_word_of_the_persons_and_no_dataset_of_ours_goes_along():
    world = await with_customer()
    told = Ask(
        datasets=("activity", "tickets"),
        corrections=(
            Correction(dataset="users", field="name", value="Mira K."),
            Correction(dataset="signups", field="company", value="Mine"),
        ),
        statement="I had a quarrel with my employer",
        about="00000000-0000-4000-8000-000000000001",
    )
    submitted = SubmitRequest(rights=("access",), details={"access": told})
    request = await world.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    await world.drain()
    [case_id] = (await now(world, request.id)).linked
    case = await now(world, case_id)
    ask = (await world.dossiers.of(case)).ask("access")
    assert ask.datasets == ("activity",)
    assert [one.dataset for one in ask.corrections] == ["users"]
    assert ask.statement is None
    assert ask.about is None


async def test_a_case_holds_the_identifiers_of_its_own_tenant_alone():
    world = await with_customer("access")
    await world.tenants.write(customer(FABRIKAM, "access"), None)
    there = Person(given="Mira", surname="Kovač", email=MIRA.email, tenant=FABRIKAM, object_id=NAMESAKE.object_id)
    put(world.store, "signups", {"tenant": FABRIKAM, "email": MIRA.email, "company": "Fabrikam"})
    put(world.store, "users", user_row(there))
    request = await proven(world, MIRA, signed_in=True)
    await world.drain()
    request = await now(world, request.id)
    cases = [await now(world, one) for one in request.linked]
    assert {part.tenant for part in request.parts} == {CONTOSO, FABRIKAM}
    assert [case.tenant for case in cases] == [CONTOSO]
    dossier = await world.dossiers.of(cases[0])
    assert {one.tenant for one in dossier.people[0]} == {CONTOSO}
    assert FABRIKAM not in repr(cases[0])
    assert NAMESAKE.object_id not in dossier.model_dump_json()
    package = await opened(world, cases[0].id)
    assert FABRIKAM not in "".join(package.read(name).decode(errors="replace") for name in package.namelist())


async def test_a_package_of_a_case_names_only_what_is_held_as_processor():
    world = await with_customer("access")
    request, [case] = await split(world)
    assert set(datasets(await manifest_of(world, case.id))) == set(THEIRS)
    assert set(datasets(await manifest_of(world, request.id))) == set(OURS)


async def test_planning_twice_makes_one_case():
    world = await with_customer("access")
    request, [case] = await split(world)
    before = await world.requests.history(case.id)
    await world.deliver(PlanRequest(request_id=UUID(request.id)))
    await world.drain()
    assert (await now(world, request.id)).linked == (case.id,)
    assert await world.requests.history(case.id) == before


async def planning_died(world, **how):
    """A request whose cases were split off and whose planning was not recorded, and the command to plan it again."""
    request = await asked(world, signed_in=True, email=False, **how)
    commit = world.requests.commit

    async def dies(move):
        if move.request.id == request.id:
            raise RuntimeError("killed")
        await commit(move)

    world.requests.commit = dies
    [command] = world.bus.deliver()
    with pytest.raises(RuntimeError):
        await world.plan_request(command)
    assert (await now(world, request.id)).linked == ()
    world.requests.commit = commit
    return request, command


@pytest.mark.parametrize("answers", [("access",), ()])
async def test_planning_that_died_after_the_split_finds_its_cases_again(answers):
    world = await with_customer(*answers)
    request, command = await planning_died(world)
    await world.deliver(command)
    await world.drain()
    request = await now(world, request.id)
    [case] = [await now(world, one) for one in request.linked]
    found, _ = await world.tenant_cases.page(CONTOSO, 10)
    assert list(found) == [case.id]
    assert case.state is (State.COMPLETED if answers else State.FORWARDED)


@pytest.mark.parametrize(("before", "after"), [((), ("access",)), (("access",), ()), (("erasure",), ("access",))])
async def test_terms_that_change_amid_a_planning_that_died_ask_for_nothing_twice(before, after):
    world = await with_customer(*before)
    request, command = await planning_died(world, rights=BOTH)
    world.clock.advance(minutes=1)
    read = await world.tenants.read(CONTOSO)
    terms = (*read.row.terms, Terms(version=2, since=world.clock(), answers=frozenset(after)))
    await world.tenants.write(read.row.model_copy(update={"terms": terms}), read.etag)
    await world.deliver(command)
    await world.drain()
    linked = (await now(world, request.id)).linked
    found, _ = await world.tenant_cases.page(CONTOSO, 10)
    assert sorted(found) == sorted(linked)
    rights = [part.right for one in linked for part in (await now(world, one)).parts]
    assert sorted(rights) == sorted(BOTH)


async def test_terms_that_change_later_change_nothing_of_a_case_that_is_there():
    world = await with_customer()
    request, [case] = await split(world)
    read = await world.tenants.read(CONTOSO)
    await world.tenants.write(customer(CONTOSO, "access"), read.etag)
    await world.deliver(PlanRequest(request_id=UUID(request.id)))
    assert (await now(world, case.id)).state is State.FORWARDED


async def test_a_person_finds_the_case_among_their_own():
    world = await with_customer("access")
    request, [case] = await split(world)
    listed = {one.id for one in await world.owning.all(MIRA.caller())}
    assert listed == {request.id, case.id}
    assert (await world.owning.case(MIRA.caller(), case.id)).request.row.id == case.id
