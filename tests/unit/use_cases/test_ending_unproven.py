"""Ending what nobody proved: many at once, by two people, never by itself, and never for good."""

import pytest
from asking import asked, code_of, happenings, now
from builders import HOME, MIRA, NOBODY, TOM, Person, memory_services
from deciding_world import FIRST, SECOND, THIRD

from shared.domain.errors import Conflict, NotAllowed, NotSignedIn
from shared.domain.states import State
from shared.messages.decision_inputs import ConfirmVerdict


async def lapsed(world, person=MIRA):
    request = await asked(world, person)
    await world.drain()
    await world.sweep(days=8)
    await world.drain()
    request = await now(world, request.id)
    assert (request.state, request.attention) == (State.IDENTITY_PENDING, ("proof_lapsed",))
    return request


async def test_two_operators_end_what_nobody_proved():
    world = memory_services()
    ids = [(await lapsed(world, person)).id for person in (MIRA, TOM)]
    assert await world.ending_unproven(FIRST, ids, confirm=False) == dict.fromkeys(ids, "proposed")
    assert {(await now(world, one)).state for one in ids} == {State.IDENTITY_PENDING}
    assert await world.ending_unproven(SECOND, ids, confirm=True) == dict.fromkeys(ids, "ended")
    for one in ids:
        ended = await now(world, one)
        assert (ended.state, ended.reason) == (State.REFUSED, "identity_not_established")
        assert ended.attention == ()
        entries = (await world.requests.history(one))[-2:]
        assert [(entry.happening.value, entry.actor) for entry in entries] == [
            ("verdict_proposed", FIRST.principal.object_id),
            ("ended_unproven", SECOND.principal.object_id),
        ]


async def test_nobody_ends_alone_and_nothing_is_ended_unproposed():
    world = memory_services()
    request = await lapsed(world)
    assert await world.ending_unproven(FIRST, [request.id], confirm=True) == {request.id: "not_proposed"}
    await world.ending_unproven(FIRST, [request.id], confirm=False)
    assert await world.ending_unproven(FIRST, [request.id], confirm=True) == {request.id: "own_proposal"}
    assert (await now(world, request.id)).state is State.IDENTITY_PENDING


async def test_all_of_it_can_be_repeated():
    world = memory_services()
    request = await lapsed(world)
    for caller, confirm, outcome in (
        (FIRST, False, "proposed"),
        (THIRD, False, "proposed"),
        (SECOND, True, "ended"),
        (SECOND, True, "ended"),
        (FIRST, False, "ended"),
    ):
        assert await world.ending_unproven(caller, [request.id, request.id], confirm=confirm) == {request.id: outcome}
    kinds = happenings(await world.requests.history(request.id))
    assert (kinds.count("verdict_proposed"), kinds.count("ended_unproven")) == (1, 1)


async def test_what_is_within_its_time_proven_or_not_there_is_left_alone():
    world = memory_services()
    within, gone = await asked(world), "00000000-0000-4000-8000-00000000dead"
    proven = await asked(world, TOM)
    await world.confirm_identity(proven.id, code_of(world, proven.id))
    found = await world.ending_unproven(FIRST, [within.id, proven.id, gone], confirm=False)
    assert found == {within.id: "not_lapsed", proven.id: "not_lapsed", gone: "not_found"}
    assert (await now(world, within.id)).verdicts == ()


async def test_a_new_code_takes_proposal_and_mark_away_and_the_request_can_be_proven():
    world = memory_services()
    request = await lapsed(world)
    proposed = await world.ending_unproven(FIRST, [request.id], confirm=False)
    assert proposed == {request.id: "proposed"}
    again = await world.resend_code(request.id)
    assert (again.attention, again.verdicts) == ((), ())
    assert await world.ending_unproven(SECOND, [request.id], confirm=True) == {request.id: "not_lapsed"}
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id, 2))
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_what_was_ended_for_lack_of_proof_can_still_be_proven():
    world = memory_services()
    request = await lapsed(world)
    await world.ending_unproven(FIRST, [request.id], confirm=False)
    await world.ending_unproven(SECOND, [request.id], confirm=True)
    again = await world.resend_code(request.id)
    assert (again.state, again.reason, again.verdicts) == (State.IDENTITY_PENDING, None, ())
    await world.confirm_identity(request.id, code_of(world, request.id, 2))
    assert (await now(world, request.id)).state is State.RECEIVED


async def test_the_end_cannot_be_confirmed_as_a_refusal():
    world = memory_services()
    request = await lapsed(world)
    await world.ending_unproven(FIRST, [request.id], confirm=False)
    verdict = (await now(world, request.id)).verdicts[0]
    with pytest.raises(Conflict, match="not_while_identity_pending"):
        await world.deciding_parts.confirm(SECOND, request.id, ConfirmVerdict(verdictHash=verdict.hash))


async def test_nobody_ends_a_request_that_claims_to_be_their_own():
    world = memory_services()
    olga = Person(given="Olga", surname="de Wit", email="olga@spinpanel.example", tenant=HOME)
    request = await asked(world, olga, signed_in=True)
    await world.drain()
    await world.sweep(days=8)
    found = await world.ending_unproven(olga.caller("Privacy.Operator"), [request.id], confirm=False)
    assert found == {request.id: "not_allowed"}


async def test_the_person_was_told_how_to_prove_it_before():
    world = memory_services()
    request = await lapsed(world)
    assert (await now(world, request.id)).told[-1].notice == "identity_not_established"


@pytest.mark.parametrize(("caller", "error"), [(NOBODY, NotSignedIn), (MIRA.caller("Privacy.Operator"), NotAllowed)])
async def test_operators_of_ours_alone_end(caller, error):
    world = memory_services()
    request = await lapsed(world)
    with pytest.raises(error):
        await world.ending_unproven(caller, [request.id], confirm=False)
