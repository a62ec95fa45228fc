"""How limits on processing end: by their person at once, by a decision only after they were told."""

from datetime import timedelta

import pytest
from asking import asked, code_of, happenings, now
from builders import HOME, MIRA, NOBODY, TOM, Person, put, user_row
from measuring_world import OPERATOR, changes, looked_up, measuring_world, settled

from shared.domain.errors import Conflict, NotAllowed, NotFound, NotSignedIn, Permanent, ProofNeeded, Transient
from shared.domain.references import Session
from shared.domain.states import State
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict
from shared.use_cases.caller import Caller

WHY = "The address was checked against your letter, and it is right."
SECOND = Person(
    given="Ton",
    surname="Vos",
    email="ton@spinpanel.example",
    tenant=HOME,
    object_id="ffffffff-0000-4000-8000-00000000000f",
).caller("Privacy.Operator")


async def restricted(world) -> bool:
    return (await looked_up(world, "visits")).limits.restricted


async def objected(world) -> tuple[str, ...]:
    return (await looked_up(world, "visits")).limits.objections


async def weighed(world):
    """A request whose objection to an interest waits to be weighed."""
    return await settled(world, "objection", objection={"purposes": ["statistics"]})


async def refuse(world, request, part: int | None = 0) -> None:
    """Two people refuse it."""
    given = ProposeVerdict(part=part, outcome="refused", ground="compelling_grounds", text="We count for your safety.")
    proposed = await world.deciding_parts.propose(OPERATOR, request.id, given)
    [verdict] = proposed.verdicts
    confirm = ConfirmVerdict.model_validate({"part": part, "verdictHash": verdict.hash})
    await world.deciding_parts.confirm(SECOND, request.id, confirm)
    await world.drain()


async def test_its_person_ends_a_restriction_at_once_and_services_hear_of_it():
    world = measuring_world()
    request = await settled(world, "restriction")
    assert await restricted(world)
    before = await looked_up(world, "visits")
    await world.lifting_measures.lift_own(MIRA.caller(), request.id)
    after = await looked_up(world, "visits")
    assert not after.limits.restricted
    assert after.version == before.version + 1
    assert (after.handle, after.version) in changes(world)
    assert happenings(await world.requests.history(request.id))[-1] == "lifted"


@pytest.mark.parametrize(("caller", "refusal"), [(NOBODY, NotSignedIn), (TOM.caller(), NotFound), (OPERATOR, NotFound)])
async def test_nobody_else_ends_it_for_them(caller, refusal):
    world = measuring_world()
    request = await settled(world, "restriction")
    with pytest.raises(refusal):
        await world.lifting_measures.lift_own(caller, request.id)
    assert await restricted(world)


async def test_a_session_from_a_code_of_a_while_ago_is_no_proof_for_it():
    world = measuring_world()
    request = await settled(world, "restriction")
    proven = world.clock()
    session = Session(request_id=request.id, proven_at=proven, expires_at=proven + timedelta(hours=1))
    world.clock.advance(minutes=16)
    with pytest.raises(ProofNeeded):
        await world.lifting_measures.lift_own(Caller(network="n-1", session=session), request.id)
    assert await restricted(world)


async def test_what_is_not_in_force_cannot_be_ended_and_a_withdrawn_consent_is_not_given_this_way():
    world = measuring_world()
    request = await settled(world, "restriction")
    await world.lifting_measures.lift_own(MIRA.caller(), request.id)
    with pytest.raises(Conflict):
        await world.lifting_measures.lift_own(MIRA.caller(), request.id)
    withdrawn = await settled(world, "withdraw_consent")
    with pytest.raises(Conflict):
        await world.lifting_measures.lift_own(MIRA.caller(), withdrawn.id)
    assert (await looked_up(world, "readers")).limits.withdrawals == ("news",)


async def test_a_decision_to_end_a_restriction_is_told_first_and_carried_out_days_later():
    world = measuring_world()
    request = await settled(world, "restriction")
    announced = await world.lifting_measures.announce(OPERATOR, request.id, WHY)
    assert announced.lifting.at == world.clock() + timedelta(days=3)
    assert WHY.encode() not in announced.lifting.text
    await world.drain()
    assert WHY in world.mailer.sent[-1].text
    await world.sweep(days=2, hours=23)
    assert await restricted(world)
    await world.sweep(hours=2)
    assert not await restricted(world)
    assert happenings(await world.requests.history(request.id))[-3:] == ["lifting_announced", "notified", "lifted"]
    told = await looked_up(world, "visits")
    assert (told.handle, told.version) in changes(world)


async def test_announcing_it_twice_announces_it_once():
    world = measuring_world()
    request = await settled(world, "restriction")
    first = await world.lifting_measures.announce(OPERATOR, request.id, WHY)
    world.clock.advance(hours=1)
    again = await world.lifting_measures.announce(OPERATOR, request.id, "Something else altogether")
    assert again.lifting == first.lifting
    assert happenings(await world.requests.history(request.id)).count("lifting_announced") == 1


async def test_what_nobody_could_be_told_of_does_not_end():
    world = measuring_world()
    request = await settled(world, "restriction")
    await world.lifting_measures.announce(OPERATOR, request.id, WHY)

    class Full:
        sent = ()

        async def send(self, mail) -> None:
            raise Permanent("mailbox_full")

    world.send_notice = type(world.send_notice)(
        **{name: getattr(world.send_notice, name) for name in world.send_notice.__slots__} | {"mailer": Full()}
    )
    await world.drain()
    for _ in range(3):
        await world.sweep(days=3)
    assert await restricted(world)
    assert "mail_refused" in (await now(world, request.id)).attention


async def test_an_operator_ends_no_restriction_of_their_own_nor_does_anybody_who_is_none():
    world = measuring_world()
    olga = OPERATOR.principal
    own = Person(given="Olga", surname="de Wit", email="olga@spinpanel.example", tenant=HOME, object_id=olga.object_id)
    put(world.store, "users", user_row(own))
    request = await settled(world, "restriction", person=own)
    with pytest.raises(NotAllowed):
        await world.lifting_measures.announce(OPERATOR, request.id, WHY)
    with pytest.raises(NotAllowed):
        await world.lifting_measures.announce(MIRA.caller("Privacy.Operator"), request.id, WHY)
    assert (await world.lifting_measures.announce(SECOND, request.id, WHY)).lifting is not None


async def test_an_objection_to_marketing_is_for_its_person_alone_to_end():
    world = measuring_world()
    request = await settled(world, "objection", objection={"purposes": ["news"]})
    with pytest.raises(Conflict):
        await world.lifting_measures.announce(OPERATOR, request.id, WHY)
    await world.lifting_measures.lift_own(MIRA.caller(), request.id)
    assert (await looked_up(world, "readers")).limits.objections == ()


async def test_an_objection_that_was_granted_stands_for_good():
    world = measuring_world()
    request = await weighed(world)
    given = ProposeVerdict(part=0, outcome="granted")
    await world.deciding_parts.propose(OPERATOR, request.id, given)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    await world.sweep(days=30)
    assert await objected(world) == ("statistics",)


async def test_an_objection_that_was_refused_holds_until_its_person_has_had_time_to_read_why():
    world = measuring_world()
    request = await weighed(world)
    await refuse(world, request)
    assert (await now(world, request.id)).state is State.REFUSED
    assert "settled" in [one.notice for one in (await now(world, request.id)).told]
    assert await objected(world) == ("statistics",)
    world.clock.advance(days=2, hours=23)
    assert await objected(world) == ("statistics",)
    world.clock.advance(hours=1)
    assert await objected(world) == ()


async def test_marketing_stays_stopped_where_the_rest_of_an_objection_was_refused():
    world = measuring_world()
    request = await settled(world, "objection")
    await refuse(world, request)
    world.clock.advance(days=4)
    assert await objected(world) == ()
    assert (await looked_up(world, "readers")).limits.objections == ("news",)


async def test_all_of_a_request_refused_ends_what_held_meanwhile_and_again_not_at_once():
    world = measuring_world()
    request = await weighed(world)
    await refuse(world, request, part=None)
    assert (await now(world, request.id)).state is State.REFUSED
    await world.sweep(hours=1)
    assert await objected(world) == ("statistics",)
    for _ in range(4):
        await world.sweep(days=1)
    assert await objected(world) == ()


async def test_a_request_that_was_withdrawn_holds_nothing_any_more():
    world = measuring_world()
    request = await weighed(world)
    await world.withdraw_request(MIRA.caller(), request.id)
    await world.drain()
    await world.sweep(hours=1)
    assert await objected(world) == ()


async def fails_once(world, how, *given) -> None:
    """Call something while the bus is down."""
    sent = world.bus.send

    async def down(commands, delay=None) -> None:
        raise Transient("bus_unreachable")

    world.bus.send = down
    with pytest.raises(Transient):
        await how(*given)
    world.bus.send = sent
    assert "lifted" not in happenings(await world.requests.history(given[-1]))


@pytest.mark.parametrize("again", ["its person", "the sweep"])
async def test_where_services_could_not_be_told_it_is_told_again_before_the_end_is_on_record(again):
    world = measuring_world()
    request = await settled(world, "restriction")
    told = len(changes(world))
    await fails_once(world, world.lifting_measures.lift_own, MIRA.caller(), request.id)
    assert len(changes(world)) == told
    if again == "the sweep":
        await world.sweep(minutes=4)
    else:
        await world.lifting_measures.lift_own(MIRA.caller(), request.id)
    now_is = await looked_up(world, "visits")
    assert not now_is.limits.restricted
    assert (now_is.handle, now_is.version) in changes(world)[told:]
    assert happenings(await world.requests.history(request.id)).count("lifted") == 1


async def test_a_request_that_is_not_answered_yet_is_withdrawn_instead():
    world = measuring_world()
    request = await asked(world, rights=("restriction",), signed_in=True)
    await world.drain()
    with pytest.raises(Conflict):
        await world.lifting_measures.lift_own(MIRA.caller(), request.id)
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    assert (await world.lifting_measures.lift_own(MIRA.caller(), request.id)).state is State.COMPLETED
