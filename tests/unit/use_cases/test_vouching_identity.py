"""Lost accounts: two operators establish who asks by facts of the account."""

import pytest
from asking import answered, asked, code_of, datasets, happenings, manifest_of, now
from builders import MIRA, NAMESAKE, NOBODY, TOM
from pydantic import ValidationError
from takeovers import OLGA, OTTO, codes_to, guarded_services, operator, told

from shared.domain.errors import Conflict, InvalidInput, NotAllowed, NotSignedIn
from shared.domain.identity import OBJECT_ID, Standing
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest, VouchIdentity
from shared.use_cases.guarding_accounts import SECOND_PROOF
from shared.use_cases.two_operators import PROPOSED

ELSEWHERE = "mira.new@example.org"
NOTE = "Named the newest invoice when called back."


def facts(*which: str, **more) -> VouchIdentity:
    return VouchIdentity.model_validate({"facts": which or ("invoice_number", "sign_up_month")} | more)


BY_ADDRESS = facts(email=MIRA.email, note=NOTE)
BY_ACCOUNT = facts(tenant=MIRA.tenant, objectId=MIRA.object_id)


async def lost(world, rights=("access",)):
    """A request from an address that nobody has on record."""
    submitted = SubmitRequest(rights=rights, email=ELSEWHERE)
    request = await world.submit(submitted, NOBODY, "en", "api", b"{}", None)
    await world.drain()
    return await now(world, request.id)


async def vouched(world, request, given=BY_ADDRESS):
    await world.vouching_identity(operator(OLGA), request.id, given)
    await world.vouching_identity(operator(OTTO), request.id, given)
    await world.drain()
    return await now(world, request.id)


async def test_one_operator_alone_opens_nothing_however_often_they_say_it():
    world = guarded_services()
    request = await lost(world)
    for _ in range(2):
        after = await world.vouching_identity(operator(OLGA), request.id, BY_ADDRESS)
    await world.drain()
    after = await now(world, request.id)
    assert (after.state, after.owner_ref) == (State.IDENTITY_PENDING, None)
    assert PROPOSED["identity"] in after.attention


async def test_two_open_what_is_keyed_by_the_address_and_the_answer_goes_where_they_write_from():
    world = guarded_services()
    request = await vouched(world, await lost(world))
    assert request.state is State.COMPLETED
    assert PROPOSED["identity"] not in request.attention
    found = datasets(await manifest_of(world, request.id))
    assert found["tickets"] == "included"
    person = (await world.dossiers.of(request)).people[0]
    (email,) = [one for one in person if one.kind == "email"]
    assert (email.value, email.standing, email.source) == (MIRA.email, Standing.PROVEN, "operators")
    assert ELSEWHERE not in [one.value for one in person]
    secret = world.references.link_secret(request.id, request.export.link_issue)
    assert [mail.to for mail in world.mailer.sent if secret in mail.text] == [ELSEWHERE]


async def test_two_open_an_account_by_tenant_and_object_id():
    world = guarded_services()
    request = await vouched(world, await lost(world), BY_ACCOUNT)
    assert request.state is State.COMPLETED
    assert request.owner_ref == world.references.subject(OBJECT_ID, MIRA.object_id, MIRA.tenant)
    assert not request.signed_in
    assert datasets(await manifest_of(world, request.id))["activity"] == "included"


async def test_the_address_they_write_from_opens_nothing_by_being_claimed():
    world = guarded_services()
    submitted = SubmitRequest(rights=("access",), email=TOM.email)
    request = await world.submit(submitted, NOBODY, "en", "api", b"{}", None)
    await world.drain()
    request = await vouched(world, request)
    people = (await world.dossiers.of(request)).people
    assert TOM.email not in [one.value for person in people for one in person]


async def test_both_addresses_hear_of_it():
    world = guarded_services()
    request = await vouched(world, await lost(world))
    stop = world.references.stop_secret(request.id)
    assert {mail.to for mail in world.mailer.sent if stop in mail.text} == {MIRA.email, ELSEWHERE}


async def test_a_fresh_code_for_the_package_goes_where_they_write_from():
    world = guarded_services()
    request = await vouched(world, await lost(world))
    before = len(codes_to(world, ELSEWHERE))
    await world.resend_code(request.id)
    await world.drain()
    assert len(codes_to(world, ELSEWHERE)) == before + 1
    assert codes_to(world, MIRA.email) == []
    token, _ = await world.confirm_identity(request.id, code_of(world, request.id, 2))
    caller = await world.identify(token, "n", lenient=False)
    secret = world.references.link_secret(request.id, request.export.link_issue)
    assert await world.deliver_export.open(caller, request.export.id, secret)


@pytest.mark.parametrize(
    "other",
    [facts(email=TOM.email), BY_ACCOUNT, facts(tenant=NAMESAKE.tenant, objectId=NAMESAKE.object_id)],
    ids=["another address", "an account", "another tenant"],
)
async def test_a_second_one_who_names_another_account_agrees_to_nothing(other):
    world = guarded_services()
    request = await lost(world)
    await world.vouching_identity(operator(OLGA), request.id, BY_ADDRESS)
    with pytest.raises(Conflict, match="differs_from_proposal"):
        await world.vouching_identity(operator(OTTO), request.id, other)
    assert (await now(world, request.id)).state is State.IDENTITY_PENDING


async def test_a_second_one_agrees_by_facts_of_their_own():
    world = guarded_services()
    request = await lost(world)
    await world.vouching_identity(operator(OLGA), request.id, BY_ADDRESS)
    await world.vouching_identity(
        operator(OTTO), request.id, facts("tenant_domain", "letter_on_record", email=MIRA.email)
    )
    kept = (await world.dossiers.of(await now(world, request.id))).account_facts
    assert kept.splitlines() == [f"invoice_number, sign_up_month: {NOTE}", "letter_on_record, tenant_domain"]


async def test_words_and_identifiers_are_sealed_and_the_history_names_both():
    world = guarded_services()
    request = await lost(world)
    proposed = await world.vouching_identity(operator(OLGA), request.id, BY_ADDRESS)
    after = await vouched(world, request)
    for row in (proposed, after):
        for secret in (NOTE, MIRA.email, ELSEWHERE, "invoice_number"):
            assert secret not in repr(row.model_dump())
    lines = {entry.happening.value: entry for entry in await world.requests.history(request.id)}
    assert lines["verdict_proposed"].actor == OLGA.object_id
    assert (lines["identity_vouched"].actor, lines["identity_vouched"].about) == (OTTO.object_id, OLGA.object_id)


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        pytest.param(NOBODY, NotSignedIn, id="nobody"),
        pytest.param(MIRA.caller("Privacy.Operator"), NotAllowed, id="an operator of another tenant"),
        pytest.param(OLGA.caller(), NotAllowed, id="a colleague without the role"),
    ],
)
async def test_nobody_else_vouches(caller, refusal):
    world = guarded_services()
    request = await lost(world)
    with pytest.raises(refusal):
        await world.vouching_identity(caller, request.id, BY_ADDRESS)


async def test_nobody_vouches_for_themselves():
    world = guarded_services()
    request = await lost(world)
    own = facts(tenant=OLGA.tenant, objectId=OLGA.object_id)
    await world.vouching_identity(operator(OTTO), request.id, own)
    with pytest.raises(NotAllowed):
        await world.vouching_identity(operator(OLGA), request.id, own)


async def test_where_no_second_proof_is_possible_two_operators_are_the_way_on():
    world = guarded_services()
    await told(world, "password_reset", address=MIRA.email)
    request = await answered(world)
    assert SECOND_PROOF in request.attention
    request = await vouched(world, request)
    assert (request.state, request.second_proof) == (State.COMPLETED, "given")
    assert SECOND_PROOF not in request.attention


async def test_an_identity_that_was_proven_is_not_replaced_by_another():
    world = guarded_services()
    await told(world, "password_reset", address=MIRA.email)
    request = await answered(world)
    with pytest.raises(Conflict, match="another_identity"):
        await world.vouching_identity(operator(), request.id, facts(email=TOM.email))


async def test_a_request_that_waits_for_no_proof_is_left_alone():
    world = guarded_services()
    request = await asked(world, signed_in=True, email=False)
    await world.drain()
    with pytest.raises(Conflict, match="not_while"):
        await world.vouching_identity(operator(), request.id, BY_ADDRESS)


@pytest.mark.parametrize("given", [{}, {"tenant": MIRA.tenant}, {"email": MIRA.email, "objectId": MIRA.object_id}])
async def test_exactly_one_account_is_named(given):
    world = guarded_services()
    request = await lost(world)
    with pytest.raises(InvalidInput):
        await world.vouching_identity(operator(), request.id, facts(**given))


@pytest.mark.parametrize(
    "which", [("invoice_number",), (), ("passport", "sign_up_month"), ("id_copy", "sign_up_month")]
)
def test_two_facts_are_needed_and_an_identity_document_is_none(which):
    with pytest.raises(ValidationError):
        VouchIdentity.model_validate({"facts": which, "email": MIRA.email})


async def test_a_code_that_was_on_its_way_is_closed():
    world = guarded_services()
    submitted = SubmitRequest(rights=("access",), email=ELSEWHERE)
    request = await world.submit(submitted, NOBODY, "en", "api", b"{}", None)
    await world.vouching_identity(operator(OLGA), request.id, BY_ADDRESS)
    await world.vouching_identity(operator(OTTO), request.id, BY_ADDRESS)
    assert set((await world.requests.load(request.id)).open) == {"plan_request"}
    assert "identity_vouched" in happenings(await world.requests.history(request.id))
