"""Links: looked at freely, opened by secret and proof, renewed, revoked, and gone in time."""

import pytest
from asking import answered, asked, happenings, now, proven
from builders import HOME, MIRA, NOBODY, TOM, memory_services, session_of

from shared.domain.errors import CodeRejected, Conflict, Gone, InvalidInput, NotFound, Permanent, ProofNeeded
from shared.domain.states import State
from shared.ports.world import Principal
from shared.use_cases.caller import Caller

WRONG = "0" * 43


async def delivered(rights=("access",), **overrides):
    world = memory_services(**overrides)
    request = await answered(world, rights=rights)
    session = Caller(network="n", session=world.references.session(session_of(world, request.id), world.clock()))
    return world, request, session


def secret(world, request, issue=1) -> str:
    return world.references.link_secret(request.id, issue)


async def test_a_link_opens_with_its_secret_and_a_fresh_proof_in_both_forms():
    world, request, session = await delivered()
    for given in (secret(world, request), world.references.typed_secret(request.id, 1).lower()):
        url = await world.deliver_export.open(session, request.export.id, given)
        assert f"{request.id}/package.zip" in url
        assert "seconds=300" in url
    assert (await now(world, request.id)).export.downloads == 2


async def test_looking_spends_nothing():
    world, request, _ = await delivered()
    for _ in range(3):
        await world.deliver_export.look(request.export.id)
    assert await now(world, request.id) == request


@pytest.mark.parametrize("caller", [NOBODY, TOM.caller(), MIRA.caller()], ids=["nobody", "another", "another proof"])
async def test_the_secret_alone_opens_nothing(caller):
    world, request, _ = await delivered()
    with pytest.raises(ProofNeeded):
        await world.deliver_export.open(caller, request.export.id, secret(world, request))
    assert (await now(world, request.id)).export.downloads == 0


async def test_a_proof_grows_old():
    world, request, session = await delivered()
    world.clock.advance(minutes=16)
    with pytest.raises(ProofNeeded):
        await world.deliver_export.open(session, request.export.id, secret(world, request))


async def test_where_it_is_set_so_the_link_alone_opens():
    world, request, _ = await delivered(delivery_proof="link")
    assert await world.deliver_export.open(NOBODY, request.export.id, secret(world, request))


async def test_wrong_secrets_are_counted_even_of_those_who_are_proven_and_a_renewed_link_counts_anew():
    world, request, session = await delivered(link_tries=2)
    for left in (1, 0):
        with pytest.raises(CodeRejected) as rejected:
            await world.deliver_export.open(session, request.export.id, WRONG)
        assert rejected.value.tries_left == left
    with pytest.raises(Gone, match="tries_spent"):
        await world.deliver_export.open(session, request.export.id, secret(world, request))
    await world.deliver_export.renew(session, request.id)
    assert await world.deliver_export.open(session, request.export.id, secret(world, request, 2))


async def test_a_renewed_link_is_mailed_and_voids_the_one_before():
    world, request, session = await delivered()
    await world.deliver_export.renew(session, request.id)
    await world.drain()
    assert secret(world, request, 2) in world.mailer.sent[-1].text
    with pytest.raises(CodeRejected):
        await world.deliver_export.open(session, request.export.id, secret(world, request, 1))


async def test_links_are_renewed_a_number_of_times_only():
    world, request, session = await delivered()
    for _ in range(19):
        await world.deliver_export.renew(session, request.id)
    with pytest.raises(Conflict, match="links_spent"):
        await world.deliver_export.renew(session, request.id)


async def test_a_link_is_taken_back_by_its_person_or_an_operator_twice_without_harm():
    world, request, session = await delivered()
    operator = Principal(tenant=HOME, object_id="o", roles=frozenset({"Privacy.Operator"}))
    for caller in (session, session, Caller(network="n", principal=operator)):
        await world.deliver_export.revoke(caller, request.export.id)
    assert happenings(await world.requests.history(request.id)).count("link_revoked") == 1
    with pytest.raises(Gone, match="revoked"):
        await world.deliver_export.open(session, request.export.id, secret(world, request))


async def test_somebody_elses_link_is_not_there_to_take_back():
    world, request, _ = await delivered()
    with pytest.raises(NotFound):
        await world.deliver_export.revoke(TOM.caller(), request.export.id)


async def test_a_package_ends_at_its_second_and_the_sweep_deletes_it():
    world, request, session = await delivered()
    kept_for = world.settings.package_kept_for.total_seconds()
    world.clock.advance(seconds=kept_for - 1)
    fresh = Caller(network="n", session=world.references.session(session_of(world, request.id), world.clock()))
    assert await world.deliver_export.open(fresh, request.export.id, secret(world, request))
    world.clock.advance(seconds=1)
    with pytest.raises(Gone, match="expired"):
        await world.deliver_export.open(fresh, request.export.id, secret(world, request))
    with pytest.raises(Gone, match="expired"):
        await world.deliver_export.renew(session, request.id)
    assert await world.packages.names(request.id) != []
    await world.sweep()
    assert await world.packages.names(request.id) == []
    after = await now(world, request.id)
    assert (after.state, after.export.deleted_at) == (State.COMPLETED, world.clock())


async def test_an_unfinished_package_is_not_there():
    world = memory_services()
    request = await answered(world)
    with pytest.raises(NotFound):
        await world.deliver_export.look("00000000-0000-4000-8000-00000000dead")
    assert await world.deliver_export.look(request.export.id)


@pytest.mark.parametrize("email", [False, True])
async def test_a_link_that_no_mailbox_takes_is_not_asked_of_whoever_signed_in_for_their_own_alone(email):
    world = memory_services()
    request = await (proven if email else asked)(world, signed_in=True, email=email)

    async def refused(_):
        raise Permanent("mail_refused_550")

    world.mailer.send = refused
    await world.drain()
    export_id = (await now(world, request.id)).export.id
    for stranger in (NOBODY, TOM.caller()):
        with pytest.raises((InvalidInput, ProofNeeded)):
            await world.deliver_export.open(stranger, export_id, None)
    if email:
        with pytest.raises(InvalidInput):
            await world.deliver_export.open(MIRA.caller(), export_id, None)
    else:
        assert f"{request.id}/package.zip" in await world.deliver_export.open(MIRA.caller(), export_id, None)


BOTH = ("access", "erasure")


async def handed_over():
    """A copy before an erasure, and who may open it."""
    world, request, session = await delivered(rights=BOTH)
    assert request.state is State.HANDED_OVER
    return world, request, session


async def certified():
    """A copy that was downloaded and an erasure that is done, and who may open both."""
    world, request, session = await handed_over()
    await world.deliver_export.open(session, request.export.id, secret(world, request))
    await world.drain()
    await world.sweep(seconds=world.settings.cooling_off.total_seconds())
    await world.drain()
    request = await now(world, request.id)
    assert request.state is State.COMPLETED
    token = session_of(world, request.id)
    return world, request, Caller(network="n", session=world.references.session(token, world.clock()))


async def test_a_certificate_opens_with_a_secret_of_its_own_and_counts_its_own_downloads():
    world, request, session = await certified()
    mailed = world.references.link_secret(request.id, 1, "certificate")
    assert mailed in world.mailer.sent[-1].text
    with pytest.raises(CodeRejected):
        await world.deliver_export.open(session, request.certificate.id, secret(world, request))
    with pytest.raises(CodeRejected):
        await world.deliver_export.open(session, request.export.id, mailed)
    for given in (mailed, world.references.typed_secret(request.id, 1, "certificate")):
        assert request.certificate.name in await world.deliver_export.open(session, request.certificate.id, given)
    after = await now(world, request.id)
    assert (after.certificate.downloads, after.certificate.failed_tries) == (2, 1)
    assert (after.export.downloads, after.export.failed_tries) == (1, 1)


async def test_renewing_mails_a_fresh_link_for_whatever_is_still_there():
    world, request, session = await certified()
    mails = len(world.mailer.sent)
    await world.deliver_export.renew(session, request.id)
    await world.drain()
    text = "".join(one.text for one in world.mailer.sent[mails:])
    for kind in ("package", "certificate"):
        assert world.references.link_secret(request.id, 2, kind) in text
    await world.deliver_export.revoke(session, request.export.id)
    after = await now(world, request.id)
    assert (after.export.revoked_at, after.certificate.revoked_at) == (world.clock(), None)
    given = world.references.link_secret(request.id, 2, "certificate")
    assert await world.deliver_export.open(session, request.certificate.id, given)


async def test_an_erasure_behind_a_copy_goes_on_once_the_copy_was_downloaded():
    world, request, _ = await handed_over()
    await world.sweep(minutes=10)
    await world.drain()
    assert (await now(world, request.id)).state is State.HANDED_OVER
    fresh = Caller(network="n", session=world.references.session(session_of(world, request.id), world.clock()))
    await world.deliver_export.open(fresh, request.export.id, secret(world, request))
    await world.drain()
    assert (await now(world, request.id)).state is State.COOLING_OFF
