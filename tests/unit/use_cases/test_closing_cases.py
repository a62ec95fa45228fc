"""What becomes of an erasure that was answered: its files expire, then its traces go, then its case file."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asking import happenings, now
from builders import MIRA
from erasing_world import OPERATOR, erased, erasing_world, planned, receipts, run_on

from shared.domain.dossier import Dossier
from shared.domain.errors import Gone, NotAllowed, NotFound, Transient
from shared.domain.identity import EMAIL, OBJECT_ID
from shared.domain.states import State
from shared.use_cases.caller import AUDITOR

KEPT = 30
CASE_FILE = 5 * 365 + 1


async def days_later(world, days: int, step: int = 1):
    """Let days pass with a sweep on each, and one more for what follows at once."""
    for _ in range(0, days, step):
        await world.sweep(days=step)
        await world.drain()
    await world.sweep()
    await world.sweep(minutes=5)


async def indexed(world) -> list[list[str]]:
    """What is found under Mira's account, and what under her address."""
    references = [
        world.references.subject_in_all_versions(OBJECT_ID, MIRA.object_id, MIRA.tenant),
        world.references.subject_in_all_versions(EMAIL, MIRA.email, None),
    ]
    return [list(await world.subjects.requests(one)) for one in references]


async def test_a_certificate_can_be_fetched_until_it_expires_and_not_longer():
    world = erasing_world()
    request = await erased(world)
    assert request.certificate.expires_at == world.clock() + timedelta(days=KEPT)
    await days_later(world, KEPT - 1)
    assert await world.packages.names(request.id) == [request.certificate.name]
    await days_later(world, 1)
    assert await world.packages.names(request.id) == []
    assert (await now(world, request.id)).certificate.deleted_at is not None
    assert "package_expired" in happenings(await world.requests.history(request.id))


async def test_once_its_certificate_expired_nothing_leads_to_the_person():
    world = erasing_world()
    request = await erased(world)
    assert await indexed(world) == [[request.id], [request.id]]
    assert (await world.dossiers.of(request)).email == MIRA.email
    assert await world.exports.request_of(request.certificate.id) == request.id
    assert request.parts[0].tenant == MIRA.tenant
    await days_later(world, KEPT)
    after = await now(world, request.id)
    assert after.traces_gone_at is not None
    assert (after.dossier, after.owner_ref, after.body_hash) == (b"", None, "")
    assert {part.tenant for part in after.parts} == {None}
    assert await indexed(world) == [[], []]
    with pytest.raises(Gone):
        await world.keys.of(request.id)
    with pytest.raises(NotFound):
        await world.exports.request_of(request.certificate.id)
    assert world.turns.held == {}
    told = (await world.requests.load(request.id)).request.row.model_dump_json()
    assert not [one for one in (MIRA.email, MIRA.object_id, MIRA.tenant, MIRA.surname) if one in told]


async def test_a_turn_that_a_crash_left_behind_is_given_back_with_the_other_traces():
    world = erasing_world()
    request = await erased(world)
    reference = world.references.subject(EMAIL, MIRA.email, None)
    world.turns.held[reference] = request.id
    await days_later(world, KEPT)
    assert world.turns.held == {}


async def test_what_is_left_is_the_case_file_with_its_receipts_and_unbroken_history():
    world = erasing_world()
    request = await erased(world)
    before = await receipts(world, request.id)
    history = list(await world.requests.history(request.id))
    await days_later(world, KEPT)
    assert await receipts(world, request.id) == before
    after = list(await world.requests.history(request.id))
    assert after[: len(history)] == history
    assert after[-1].happening == "traces_erased"
    assert after[-1].hash == (await now(world, request.id)).head
    assert (await world.requests.load(request.id)).plan.hash == request.erasure.plan_hash


async def test_a_person_whose_traces_are_gone_is_a_stranger_to_the_request():
    world = erasing_world()
    request = await erased(world)
    assert (await world.owning.case(MIRA.caller(), request.id)).request.row.id == request.id
    await days_later(world, KEPT)
    with pytest.raises(NotFound):
        await world.owning.case(MIRA.caller(), request.id)
    assert await world.owning.all(MIRA.caller()) == []


async def test_the_case_file_is_deleted_after_its_period_and_not_before():
    world = erasing_world()
    request = await erased(world)
    until = request.case_file_until
    assert until == world.clock() + timedelta(days=CASE_FILE)
    await days_later(world, KEPT)
    world.clock.now = until - timedelta(seconds=1)
    await world.sweep()
    assert (await now(world, request.id)).id == request.id
    listed, _ = await world.deadlines.between(request.due_at, request.due_at, 10)
    assert list(listed) == [request.id]
    await world.sweep(seconds=1)
    with pytest.raises(NotFound):
        await world.requests.read(request.id)
    assert list(await world.requests.history(request.id)) == []
    listed, _ = await world.deadlines.between(request.due_at, request.due_at, 10)
    assert list(listed) == []
    assert await world.sweep(days=365) == 0


async def test_a_crash_in_the_middle_of_forgetting_is_made_good_by_the_next_sweep():
    for step in ("keys", "packages", "exports", "subjects"):
        world = erasing_world()
        request = await erased(world)
        await days_later(world, KEPT - 1)
        broken, method = getattr(world, step), {"keys": "shred", "packages": "names"}.get(step, "remove")
        works, failed = getattr(broken, method), []

        async def once(*given, works=works, failed=failed):
            if not failed:
                failed.append(given)
                raise Transient("table_down")
            return await works(*given)

        setattr(broken, method, once)
        await days_later(world, 2)
        assert failed, step
        assert (await now(world, request.id)).traces_gone_at is not None, step
        assert await indexed(world) == [[], []], step


async def test_a_crash_after_the_key_was_shredded_and_before_that_was_written_down_is_made_good():
    world = erasing_world()
    request = await erased(world)
    await days_later(world, KEPT - 1)
    shred, failed = world.keys.shred, []

    async def shred_and_die(request_id):
        await shred(request_id)
        if not failed:
            failed.append(request_id)
            raise Transient("table_down")

    world.keys.shred = shred_and_die
    await days_later(world, 2)
    assert failed == [request.id]
    assert (await now(world, request.id)).traces_gone_at is not None


async def test_an_answer_that_could_not_be_mailed_yet_keeps_what_it_needs():
    world = erasing_world()
    send, down = world.mailer.send, []

    async def fails(mail):
        if down:
            raise Transient("smtp_down")
        await send(mail)

    world.mailer.send = fails
    request_id = await planned(world)
    down.append(True)
    await run_on(world, request_id)
    await days_later(world, KEPT + 2)
    request = await now(world, request_id)
    assert request.state is State.COMPLETED
    assert request.traces_gone_at is None
    assert (await world.dossiers.of(request)).email == MIRA.email
    down.clear()
    await days_later(world, 2)
    assert (await now(world, request_id)).traces_gone_at is not None
    assert [one.to for one in world.mailer.sent].count(MIRA.email) == 3


async def test_a_copy_alone_leaves_its_request_as_it_is():
    world = erasing_world()
    request_id = await planned(world, "access")
    await days_later(world, 60, step=5)
    request = await now(world, request_id)
    assert request.state is State.COMPLETED
    assert request.export.deleted_at is not None
    assert request.traces_gone_at is None
    assert isinstance(await world.dossiers.of(request), Dossier)


async def test_a_case_file_is_for_an_auditor_to_see_and_no_longer_for_every_operator():
    world = erasing_world()
    request = await erased(world)
    case, _ = await world.oversee_requests.one(OPERATOR, request.id)
    assert case.request.row.traces_gone_at is None
    await days_later(world, KEPT)
    with pytest.raises(NotAllowed):
        await world.oversee_requests.one(OPERATOR, request.id)
    auditor = replace(OPERATOR, principal=replace(OPERATOR.principal, roles=frozenset({"Privacy.Operator", AUDITOR})))
    case, history = await world.oversee_requests.one(auditor, request.id)
    assert case.request.row.traces_gone_at is not None
    assert happenings(history)[-1] == "traces_erased"
