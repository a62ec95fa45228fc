"""A second proof: when it is asked, from where, and what it opens."""

from uuid import UUID

import pytest
from asking import answered, asked, code_of, now, proven
from builders import MIRA, TOM, put, user_row
from measuring_world import looked_up, measuring_world, of_account
from takeovers import APP, OLD, THIRD, codes_to, guarded_services, operator, second_code, told

from shared.domain.ask import Ask, Correction
from shared.domain.errors import CodeRejected, Conflict, NotFound, NotSignedIn
from shared.domain.states import State
from shared.messages.commands import PlanRequest
from shared.messages.inputs import SubmitRequest
from shared.use_cases.guarding_accounts import SECOND_PROOF

CHANGED = {"previousAddress": OLD, "address": MIRA.email}


async def planned(world, person=MIRA, **how):
    """A signed-in request without an address, as far as its planning came."""
    request = await asked(world, person, signed_in=True, email=False, **how)
    await world.drain()
    return await now(world, request.id)


def is_held(request) -> bool:
    return request.state is State.IDENTITY_PENDING and request.second_proof == "asked"


@pytest.mark.parametrize("happening", ["password_reset", "sign_in_method_added", "address_changed"])
@pytest.mark.parametrize("right", ["access", "portability", "erasure"])
async def test_after_a_sign_of_takeover_a_sign_in_alone_starts_nothing(happening, right):
    world = guarded_services()
    await told(world, happening, **(CHANGED if happening == "address_changed" else {}))
    request = await planned(world, rights=(right,))
    assert is_held(request)
    assert not (await world.requests.load(request.id)).tasks


@pytest.mark.parametrize("right", ["restriction", "withdraw_consent", "objection"])
async def test_what_stops_a_use_waits_for_no_second_proof(right):
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await planned(world, rights=(right,))
    assert request.second_proof is None
    assert request.state is not State.IDENTITY_PENDING


async def test_without_a_sign_nothing_more_is_asked():
    world = guarded_services()
    request = await planned(world)
    assert request.second_proof is None
    assert request.state is State.COMPLETED


@pytest.mark.parametrize(("days", "held"), [(14, True), (14.01, False)])
async def test_a_sign_counts_for_fourteen_days(days, held):
    world = guarded_services()
    await told(world, days_ago=days)
    assert is_held(await planned(world)) is held


async def test_the_length_of_that_is_a_setting():
    world = guarded_services(takeover_window="P1D")
    await told(world, days_ago=2)
    assert (await planned(world)).state is State.COMPLETED


async def test_a_sign_of_somebody_elses_account_holds_up_nobody():
    world = guarded_services()
    await told(world, person=MIRA)
    assert is_held(await planned(world, person=MIRA))
    assert (await planned(world, person=TOM)).state is State.COMPLETED


async def test_the_code_goes_to_the_address_before_the_change_and_to_no_other():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await planned(world)
    assert len(codes_to(world, OLD)) == 1
    assert codes_to(world, MIRA.email) == []
    await world.confirm_identity(request.id, await second_code(world, request))
    await world.drain()
    request = await now(world, request.id)
    assert (request.state, request.second_proof) == (State.COMPLETED, "given")


async def test_of_several_changes_the_address_before_the_first_counts():
    world = guarded_services()
    await told(world, "address_changed", previousAddress=OLD, address=THIRD, days_ago=3)
    await told(world, "address_changed", previousAddress=THIRD, address=MIRA.email, days_ago=2)
    await planned(world)
    assert len(codes_to(world, OLD)) == 1
    assert codes_to(world, THIRD) == codes_to(world, MIRA.email) == []


async def test_where_nobody_says_what_it_changed_to_the_address_before_the_first_change_counts_all_the_same():
    world = guarded_services()
    await told(world, "address_changed", previousAddress=OLD, days_ago=3)
    await told(world, "address_changed", previousAddress=THIRD, days_ago=2)
    await planned(world)
    assert (len(codes_to(world, OLD)), codes_to(world, THIRD)) == (1, [])


async def test_where_no_address_changed_the_one_on_record_is_asked():
    world = guarded_services()
    await told(world, "password_reset")
    request = await planned(world)
    assert is_held(request)
    assert len(codes_to(world, MIRA.email)) == 1
    await world.confirm_identity(request.id, await second_code(world, request))
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


@pytest.mark.parametrize("told_of", [{"address": MIRA.email}, {}], ids=["named", "not named"])
async def test_an_address_that_changed_is_never_asked_and_operators_look(told_of):
    world = guarded_services()
    await told(world, "address_changed", **told_of)
    request = await planned(world)
    assert is_held(request)
    assert SECOND_PROOF in request.attention
    assert codes_to(world, MIRA.email) == []
    with pytest.raises(Conflict):
        await world.confirm_identity(request.id, code_of(world, request.id))


async def test_whoever_proved_an_address_alone_is_asked_at_another_and_gets_no_new_code_at_the_first():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await proven(world)
    first = len(codes_to(world, MIRA.email))
    await world.drain()
    assert is_held(await now(world, request.id))
    assert (len(codes_to(world, OLD)), len(codes_to(world, MIRA.email))) == (1, first)
    await world.resend_code(request.id)
    await world.drain()
    assert (len(codes_to(world, OLD)), len(codes_to(world, MIRA.email))) == (2, first)
    with pytest.raises(CodeRejected):
        await world.confirm_identity(request.id, code_of(world, request.id, 1))


async def test_where_no_address_is_left_to_ask_no_code_is_mailed_or_taken():
    world = guarded_services()
    await told(world, "password_reset", address=MIRA.email)
    request = await answered(world)
    assert is_held(request)
    assert SECOND_PROOF in request.attention
    mails = len(world.mailer.sent)
    with pytest.raises(Conflict, match=SECOND_PROOF):
        await world.resend_code(request.id)
    await world.drain()
    assert len(world.mailer.sent) == mails


async def test_a_sign_in_and_a_code_at_the_address_held_all_along_are_two_proofs():
    world = guarded_services()
    await told(world, "password_reset")
    request = await answered(world, signed_in=True)
    assert (request.state, request.second_proof) == (State.COMPLETED, None)


async def test_a_sign_in_and_a_code_at_an_address_of_ones_own_choice_are_one():
    world = guarded_services()
    await told(world, "password_reset")
    submitted = SubmitRequest(rights=("access",), email="attacker@example.org")
    request = await world.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    assert is_held(await now(world, request.id))
    assert len(codes_to(world, MIRA.email)) == 1


async def test_a_second_proof_names_nobody_and_opens_nothing():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await planned(world)
    owner = request.owner_ref
    token, session = await world.confirm_identity(request.id, await second_code(world, request))
    assert session.expires_at == session.proven_at
    with pytest.raises(NotSignedIn):
        await world.identify(token, "n", lenient=False)
    assert (await now(world, request.id)).owner_ref == owner
    reference = world.references.subject("email", OLD, None)
    assert await world.subjects.requests([reference]) == []
    await world.drain()
    dossier = await world.dossiers.of(await now(world, request.id))
    assert OLD not in [one.value for person in dossier.people for one in person]


async def test_whoever_gets_the_second_code_can_say_it_was_not_them():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await planned(world)
    await world.confirm_identity.disown(request.id, await second_code(world, request))
    assert (await now(world, request.id)).state is State.WITHDRAWN


async def test_after_a_second_proof_a_fresh_code_goes_to_ones_own_address_again():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await answered(world)
    await world.confirm_identity(request.id, await second_code(world, request))
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    world.mailer.sent.clear()
    await world.resend_code(request.id)
    await world.drain()
    assert codes_to(world, OLD) == []
    _, session = await world.confirm_identity(request.id, await second_code(world, request))
    assert session.expires_at > session.proven_at


async def test_a_person_signed_in_alone_opens_their_package_by_their_sign_in_after_a_second_proof():
    world = guarded_services()
    del world.store.drawers["memory", "users"]
    put(world.store, "users", user_row(MIRA, mail=None, upn=None))
    await told(world, "address_changed", previousAddress=OLD)
    request = await planned(world)
    await world.confirm_identity(request.id, await second_code(world, request))
    await world.drain()
    request = await now(world, request.id)
    assert request.state is State.COMPLETED
    assert await world.deliver_export.open(MIRA.caller(), request.export.id, None)


# ── Addresses that were corrected ────────────────────────────────────────────────────────────────────────────────────


async def corrected(world, address: str, previous: str | None = OLD) -> None:
    await world.noting_account_events.corrected("00000000-0000-4000-8000-00000000c0de", (), previous, address)


@pytest.mark.parametrize(("days", "held"), [(29, True), (31, False)])
async def test_a_corrected_address_proves_nothing_by_itself_for_thirty_days(days, held):
    world = guarded_services()
    await corrected(world, MIRA.email)
    world.clock.advance(days=days)
    request = await answered(world)
    assert is_held(request) is held
    assert len(codes_to(world, OLD)) == (1 if held else 0)


async def test_a_corrected_address_does_not_serve_as_a_second_proof_either():
    world = guarded_services()
    await corrected(world, MIRA.email, previous=None)
    await told(world, "password_reset")
    request = await planned(world)
    assert is_held(request)
    assert SECOND_PROOF in request.attention


async def test_a_corrected_address_may_still_withdraw_a_consent():
    world = guarded_services()
    await corrected(world, MIRA.email)
    request = await answered(world, rights=("withdraw_consent",))
    assert request.second_proof is None


# ── Corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("field", "held"), [("mail", True), ("name", False)])
async def test_a_correction_waits_where_it_changes_what_somebody_is_known_by(field, held):
    world = guarded_services()
    await told(world, "password_reset")
    ask = Ask(corrections=(Correction(dataset="users", field=field, value="mira.new@contoso.example"),))
    submitted = SubmitRequest(rights=("rectification",), details={"rectification": ask})
    request = await world.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    await world.drain()
    assert is_held(await now(world, request.id)) is held


async def test_the_owner_still_sees_a_request_that_waits_and_nobody_else_does():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await planned(world)
    assert (await world.owning.case(MIRA.caller(), request.id)).request.row.id == request.id
    with pytest.raises(NotFound):
        await world.owning.case(operator(), request.id)


async def test_planning_that_comes_twice_asks_once():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await planned(world)
    await world.plan_request(PlanRequest(request_id=UUID(request.id)))
    await world.drain()
    assert len(codes_to(world, OLD)) == 1
    assert (await now(world, request.id)).verification.issue == 1


# ── What goes on meanwhile ───────────────────────────────────────────────────────────────────────────────────────────


async def held_with_a_withdrawal():
    world = measuring_world(app_clients=APP)
    await told(world, "address_changed", **CHANGED)
    request = await answered(world, signed_in=True, rights=("withdraw_consent", "access"))
    assert is_held(request)
    return world, request


async def test_a_consent_is_withdrawn_at_once_while_the_copy_beside_it_waits_for_a_second_proof():
    world, request = await held_with_a_withdrawal()
    assert (await looked_up(world, "readers")).limits.withdrawals == ("news",)
    await world.confirm_identity(request.id, await second_code(world, request))
    await world.drain()
    request = await now(world, request.id)
    assert {part.right: part.state for part in request.parts} == dict.fromkeys(
        ("withdraw_consent", "access"), State.COMPLETED
    )
    assert (await looked_up(world, "readers")).limits.withdrawals == ("news",)


async def test_where_it_was_somebody_else_a_restriction_set_meanwhile_ends_again():
    world = measuring_world(app_clients=APP)
    await told(world, "address_changed", **CHANGED)
    request = await planned(world, rights=("restriction", "access"))
    assert (await of_account(world)).limits.restricted
    await world.confirm_identity.disown(request.id, await second_code(world, request))
    await world.sweep(minutes=10)
    assert not (await of_account(world)).limits.restricted


async def test_the_clock_stands_still_while_a_second_proof_is_asked_and_runs_on_with_it():
    world = guarded_services()
    await told(world, "address_changed", **CHANGED)
    request = await planned(world)
    due = request.due_at
    assert [pause.reason for pause in request.pauses] == ["identity_doubt"]
    world.clock.advance(days=3)
    await world.resend_code(request.id)
    await world.confirm_identity(request.id, await second_code(world, request))
    request = await now(world, request.id)
    assert request.pauses[0].answered_at == world.clock()
    assert request.due_at > due


async def test_where_nobody_is_left_to_ask_operators_hear_of_it():
    world = guarded_services()
    await told(world, "address_changed", address=MIRA.email)
    await planned(world)
    desk = world.maps.current().privacy_contact.email
    assert [mail.to for mail in world.mailer.sent if mail.to == desk] == [desk]


async def test_an_erasure_behind_a_restriction_waits_and_the_restriction_does_not():
    world = measuring_world(app_clients=APP)
    await told(world, "password_reset")
    request = await planned(world, rights=("restriction", "erasure"))
    assert is_held(request)
    assert (await of_account(world)).limits.restricted
    assert len(world.store.drawers["memory", "users"].rows) == 3
