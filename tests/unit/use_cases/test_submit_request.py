"""Receiving a request."""

from datetime import timedelta

import pytest
from asking import asked, now
from builders import MIRA, NOBODY, TOM, memory_services

from shared.domain.deadline import due_at
from shared.domain.errors import IdempotencyMismatch, InvalidInput, NotSignedIn, TooMany
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest
from shared.use_cases.caller import Caller


async def test_a_repeated_key_finds_the_first_request_and_sends_nothing_again():
    world = memory_services()
    first = await asked(world, key="k")
    again = await asked(world, key="k")
    assert again == first
    assert len(world.bus.sent) == 1
    assert len(await world.requests.history(first.id)) == 1


async def test_a_repeated_key_finds_a_request_that_went_on_meanwhile():
    world = memory_services()
    first = await asked(world, key="k")
    await world.drain()
    await world.confirm_identity(first.id, world.references.code(first.id, 1))
    assert (await asked(world, key="k")).state is State.RECEIVED


async def test_a_key_with_another_body_is_refused():
    world = memory_services()
    await asked(world, key="k")
    with pytest.raises(IdempotencyMismatch):
        await asked(world, TOM, key="k")


async def test_a_key_is_ones_own():
    world = memory_services()
    first = await asked(world, key="k")
    elsewhere = await asked(world, TOM, key="k", caller=Caller(network="n-2"))
    signed_in = await asked(world, TOM, key="k", signed_in=True)
    assert len({first.id, elsewhere.id, signed_in.id}) == 3


async def test_without_a_key_every_call_is_a_request():
    world = memory_services()
    assert (await asked(world)).id != (await asked(world)).id


async def test_a_known_address_and_an_unknown_one_are_received_alike_and_neither_is_looked_up():
    world = memory_services()
    world.connectors.clear()
    known = await asked(world)
    unknown = await world.submit(
        SubmitRequest(rights=("access",), email="nobody@example.org"), NOBODY, "en", "api", b"", None
    )
    apart = {"id", "body_hash", "dossier", "head"}
    assert known.model_dump(exclude=apart) == unknown.model_dump(exclude=apart)


async def test_nothing_that_says_who_it_is_about_lies_in_clear():
    world = memory_services()
    request = await asked(world, signed_in=True)
    clear = request.model_dump_json(exclude={"dossier"}) + repr(request.dossier) + repr(world.bus.sent)
    dossier = await world.dossiers.of(request)
    assert (dossier.email, dossier.object_id) == (MIRA.email, MIRA.object_id)
    for secret in (MIRA.email, MIRA.object_id, MIRA.tenant):
        assert secret not in clear


async def test_a_signed_in_person_without_an_address_is_proven_already():
    world = memory_services()
    request = await asked(world, signed_in=True, email=False)
    assert (request.state, request.verification) == (State.RECEIVED, None)
    assert [sent.command.kind for sent in world.bus.sent] == ["plan_request"]


async def test_a_signed_in_person_proves_an_address_by_its_code_all_the_same():
    world = memory_services()
    assert (await asked(world, signed_in=True)).state is State.IDENTITY_PENDING


async def test_the_clock_starts_with_the_call():
    world = memory_services()
    request = await asked(world)
    assert request.received_at == world.clock()
    assert request.due_at == due_at(world.clock(), timedelta(days=30))
    found, _ = await world.deadlines.between(request.due_at, request.due_at, 10)
    assert list(found) == [request.id]


@pytest.mark.parametrize(
    ("rights", "email", "field"),
    [
        pytest.param(("access", "access"), "a@x.example", "rights", id="repeated"),
        pytest.param(("canary",), "a@x.example", "rights", id="unknown right"),
        pytest.param(("access",), None, "email", id="nobody says who asks"),
        pytest.param(("access",), "canary", "email", id="no address"),
    ],
)
async def test_what_cannot_be_accepted_is_named_and_leaves_nothing_behind(rights, email, field):
    world = memory_services()
    with pytest.raises(InvalidInput) as refused:
        await world.submit(SubmitRequest(rights=rights, email=email), NOBODY, "en", "api", b"", None)
    assert refused.value.field == field
    assert "canary" not in str(refused.value)
    assert world.bus.sent == []


async def test_a_daemon_asks_for_nobody():
    world = memory_services()
    daemon = Caller(network="n-1", principal=MIRA.principal(app="00000000-0000-4000-8000-0000000000da"))
    with pytest.raises(NotSignedIn):
        await asked(world, caller=daemon)


async def test_a_network_that_floods_waits_and_others_do_not():
    world = memory_services(intake_per_network=2)
    await asked(world)
    await asked(world)
    with pytest.raises(TooMany) as flood:
        await asked(world)
    assert 0 < flood.value.retry_after <= 600
    assert (await asked(world, caller=Caller(network="n-2"))).state is State.IDENTITY_PENDING
    world.clock.advance(seconds=flood.value.retry_after)
    assert (await asked(world)).state is State.IDENTITY_PENDING


async def test_a_person_who_floods_from_everywhere_waits():
    world = memory_services(intake_per_caller=1)
    await asked(world, signed_in=True)
    with pytest.raises(TooMany):
        await asked(world, caller=Caller(network="n-2", principal=MIRA.principal()))
    assert await asked(world, TOM, signed_in=True)


async def test_a_crash_before_the_request_is_written_leaves_orphans_that_the_sweep_forgets():
    world = memory_services()
    await world.waits.add("00000000-0000-4000-8000-00000000dead", world.clock())
    assert await world.sweep(minutes=1) == 1
    assert await world.waits.due(world.clock(), 10) == []


async def test_the_request_names_its_owner_at_once_only_when_a_token_said_who_that_is():
    world = memory_services()
    assert (await asked(world)).owner_ref is None
    signed_in = await asked(world, signed_in=True)
    assert (await now(world, signed_in.id)).owner_ref == world.references.subject(
        "entra_object_id", MIRA.object_id, MIRA.tenant
    )
