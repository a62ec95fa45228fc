"""What was split off a request is stopped with it, and a customer's case goes back to its customer."""

import pytest
from asking import now
from builders import CONTOSO, MIRA, NOBODY
from customers import administrator, customer, mixed_world, split
from takeovers import OLGA, OTTO, operator

from shared.domain.ask import Representative
from shared.domain.errors import Conflict
from shared.domain.states import State
from shared.messages.inputs import CheckAuthority, ClearDoubt, SubmitRequest
from shared.messages.tenant_inputs import DecideCase
from shared.use_cases.stopping_requests import STOPPED

REASON = ClearDoubt(reason="Called back at the number of the agreement.")
GRANTED = DecideCase(outcome="granted")


async def family(*answers: str, rights=("access",)):
    """A request of Mira and the one case that was split off it."""
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO, *answers), None)
    request, [case] = await split(world, rights=rights)
    return world, request, case


async def stop(world, request):
    return await world.stopping_requests(NOBODY, request.id, world.references.stop_secret(request.id))


async def cleared(world, request):
    for person in (OLGA, OTTO):
        await world.clearing_doubts(operator(person), request.id, REASON)
    await world.drain()
    return await now(world, request.id)


@pytest.mark.parametrize("by_the_case", [False, True])
async def test_the_request_and_its_case_are_stopped_together(by_the_case):
    world, request, case = await family()
    await stop(world, case if by_the_case else request)
    assert STOPPED in (await now(world, request.id)).attention
    case = await now(world, case.id)
    assert (case.state, STOPPED in case.attention) == (State.DOUBTED, True)


async def test_a_customer_grants_nothing_that_was_stopped():
    world, request, case = await family()
    await stop(world, request)
    with pytest.raises(Conflict):
        await world.controller_cases.decide(administrator(), CONTOSO, case.id, GRANTED)
    assert (await now(world, case.id)).state is State.DOUBTED


async def test_a_case_that_its_customer_had_not_decided_goes_back_to_it_and_is_not_answered_by_us():
    world, request, case = await family()
    await stop(world, request)
    case = await cleared(world, case)
    assert (case.state, case.export) == (State.FORWARDED, None)
    assert not (await world.requests.load(case.id)).tasks
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, GRANTED)
    await world.drain()
    assert (await now(world, case.id)).state is State.COMPLETED


async def test_a_case_that_its_customer_had_granted_goes_on():
    world, request, case = await family(rights=("erasure",))
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, GRANTED)
    await world.drain()
    await stop(world, request)
    case = await now(world, case.id)
    assert case.state is State.DOUBTED
    assert (await cleared(world, case)).state not in {State.FORWARDED, State.DOUBTED}


async def test_a_case_that_the_terms_let_us_answer_goes_on():
    world, request, case = await family("erasure", rights=("erasure",))
    assert case.state is State.COOLING_OFF
    await stop(world, request)
    assert (await now(world, case.id)).state is State.DOUBTED
    assert (await cleared(world, case)).state not in {State.FORWARDED, State.DOUBTED}


@pytest.mark.parametrize("child", [True, False])
async def test_a_customer_is_told_that_it_is_a_child_and_by_whom_it_asks_is_not(child):
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO), None)
    world.maps.map = _found_by_mail(world.maps.map)
    representative = Representative(relation="parent", email="parent@example.org", child=child)
    submitted = SubmitRequest(rights=("access",), email=MIRA.email, representative=representative)
    request = await world.submit(submitted, NOBODY, "en", "api", b"{}", None)
    await world.drain()
    await world.confirm_identity(request.id, world.references.code(request.id, 1))
    await world.drain()
    given = CheckAuthority(outcome="checked", evidence="Saw the register of guardianship.")
    await world.checking_authority(operator(), request.id, given)
    await world.drain()
    [linked] = (await now(world, request.id)).linked
    seen = await world.controller_cases.one(administrator(), CONTOSO, linked)
    assert seen.request.state is State.FORWARDED
    assert seen.child is child
    assert "parent@example.org" not in (await world.dossiers.of(seen.request)).model_dump_json()


def _found_by_mail(data_map):
    """The same map, whose users are found by their address too."""
    users = data_map.services[0].datasets[0]
    ways = tuple(one.model_copy(update={"use": "export"}) for one in users.found_by)
    service = data_map.services[0].model_copy(update={"datasets": (users.model_copy(update={"found_by": ways}),)})
    return data_map.model_copy(update={"services": (service, *data_map.services[1:])})
