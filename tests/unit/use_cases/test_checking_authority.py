"""Representatives: nothing begins before their authority was checked, and the person represented gets the answer."""

import pytest
from asking import code_of, now
from builders import MIRA, NOBODY, TOM
from takeovers import OLGA, announced_to, codes_to, guarded_services, operator

from shared.domain.ask import Representative
from shared.domain.errors import Conflict, InvalidInput, NotAllowed, NotSignedIn
from shared.domain.states import State
from shared.messages.inputs import CheckAuthority, SubmitRequest
from shared.use_cases.checking_authority import REJECTED, TO_CHECK

PARENT = "parent@example.org"
EVIDENCE = "Saw the order of the court that names the guardian."


async def asked_for_another(world, *, caller=NOBODY, child=False, rights=("access",)):
    """A request about Mira by somebody else, whose address was proven, as far as its planning came."""
    representative = Representative(relation="parent", email=PARENT.upper(), child=child)
    submitted = SubmitRequest(rights=rights, email=MIRA.email, representative=representative)
    request = await world.submit(submitted, caller, "en", "api", b"{}", None)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    return await now(world, request.id)


def found(outcome: str = "checked", **more) -> CheckAuthority:
    return CheckAuthority.model_validate({"outcome": outcome, "evidence": EVIDENCE} | more)


def holders_of_the_link(world, request) -> list[str]:
    secret = world.references.link_secret(request.id, request.export.link_issue)
    return [mail.to for mail in world.mailer.sent if secret in mail.text]


async def test_nothing_is_looked_up_before_the_authority_was_checked():
    world = guarded_services()
    request = await asked_for_another(world)
    assert (request.state, request.authority) == (State.RECEIVED, "to_check")
    assert TO_CHECK in request.attention
    assert (await world.dossiers.of(request)).people == ()
    assert not (await world.requests.load(request.id)).tasks
    await world.sweep(days=1)
    await world.drain()
    assert (await now(world, request.id)).state is State.RECEIVED


async def test_once_it_was_checked_the_person_represented_gets_the_answer():
    world = guarded_services()
    request = await asked_for_another(world)
    await world.checking_authority(operator(), request.id, found())
    await world.drain()
    request = await now(world, request.id)
    assert (request.state, request.authority) == (State.COMPLETED, "checked")
    assert TO_CHECK not in request.attention
    assert holders_of_the_link(world, request) == [MIRA.email]


async def test_the_answer_goes_to_the_representative_where_an_operator_says_so_and_the_person_hears_of_it():
    world = guarded_services()
    request = await asked_for_another(world)
    await world.checking_authority(operator(), request.id, found(deliverTo="representative"))
    await world.drain()
    request = await now(world, request.id)
    assert holders_of_the_link(world, request) == [PARENT]
    assert len(announced_to(world, MIRA.email)) == 2
    await world.resend_code(request.id)
    await world.drain()
    assert len(codes_to(world, PARENT)) == 1


async def test_whoever_signed_in_for_somebody_else_opens_nothing_of_their_own():
    world = guarded_services()
    request = await asked_for_another(world, caller=TOM.caller())
    assert not request.signed_in
    await world.checking_authority(operator(), request.id, found())
    await world.drain()
    dossier = await world.dossiers.of(await now(world, request.id))
    assert (dossier.tenant, dossier.object_id) == (None, None)
    assert TOM.object_id not in [one.value for person in dossier.people for one in person]


async def test_a_representative_names_whom_they_ask_for_by_an_address():
    world = guarded_services()
    representative = Representative(relation="mandate", email=PARENT)
    submitted = SubmitRequest(rights=("access",), representative=representative)
    with pytest.raises(InvalidInput):
        await world.submit(submitted, TOM.caller(), "en", "api", b"{}", None)


async def test_authority_that_is_rejected_starts_nothing_and_is_left_to_two_to_refuse():
    world = guarded_services()
    request = await asked_for_another(world)
    await world.checking_authority(operator(), request.id, found("rejected", deliverTo="representative"))
    await world.drain()
    request = await now(world, request.id)
    assert (request.state, request.authority) == (State.RECEIVED, "to_check")
    assert REJECTED in request.attention
    assert TO_CHECK not in request.attention
    assert (await world.dossiers.of(request)).contact is None


async def test_evidence_is_sealed_and_who_looked_is_on_record():
    world = guarded_services()
    request = await asked_for_another(world, child=True)
    after = await world.checking_authority(operator(), request.id, found())
    dossier = await world.dossiers.of(after)
    assert dossier.authority_evidence == EVIDENCE
    assert (dossier.representative.email, dossier.representative.child) == (PARENT, True)
    assert EVIDENCE not in repr(after.model_dump())
    lines = {entry.happening.value: entry for entry in await world.requests.history(request.id)}
    assert lines["authority_checked"].actor == OLGA.object_id


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        pytest.param(NOBODY, NotSignedIn, id="nobody"),
        pytest.param(MIRA.caller("Privacy.Operator"), NotAllowed, id="an operator of another tenant"),
        pytest.param(OLGA.caller(), NotAllowed, id="a colleague without the role"),
    ],
)
async def test_nobody_else_checks(caller, refusal):
    world = guarded_services()
    request = await asked_for_another(world)
    with pytest.raises(refusal):
        await world.checking_authority(caller, request.id, found())


async def test_where_nobody_asks_for_another_there_is_nothing_to_check_and_nothing_twice():
    world = guarded_services()
    request = await asked_for_another(world)
    await world.checking_authority(operator(), request.id, found())
    with pytest.raises(Conflict, match="no_authority_to_check"):
        await world.checking_authority(operator(), request.id, found())
