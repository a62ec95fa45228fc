"""What is wrong is corrected where the map allows it, looked at again, and told to whoever received it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from asking import asked, now
from builders import CONTOSO, MIRA, NAMESAKE, TOM, put
from correcting_world import (
    BOX,
    HOOK,
    RIGHT,
    correctable_services,
    correcting,
    correcting_world,
    correction,
    profile,
    profiles_of,
)
from erasing_world import OPERATOR

from shared.domain.errors import InvalidInput, Permanent, Transient
from shared.domain.service_task import TaskState, Work
from shared.domain.states import Happening, State
from shared.domain.tenant import Tenant, Terms
from shared.domain.verdict import Verdict
from shared.messages.inputs import CloseTask
from shared.ports.connector import Page
from shared.ports.requests import Move

EVIDENCE = "Corrected by hand in the vendor's portal."


async def task_of(world, request, service="people"):
    case = await world.requests.load(request.id)
    return case.tasks[f"rectify.0.{service}"].row


async def decided(world, request, outcome, *corrections):
    """Let people have decided, and the request go on."""
    at = datetime(2026, 11, 3, tzinfo=UTC)
    verdict = Verdict(
        part=0, outcome=outcome, proposed_by="o-1", proposed_at=at, given_at=at, corrections=tuple(corrections)
    )
    read = await world.requests.read(request.id)
    after, entry = read.row.happened(Happening.VERDICT_GIVEN, world.clock(), verdicts=(*read.row.verdicts, verdict))
    await world.requests.commit(Move(etag=read.etag, request=after, entry=entry))
    await world.advance_request.of(request.id)
    await world.drain()
    return await now(world, request.id)


async def test_a_field_that_people_change_by_themselves_is_corrected_without_anybody():
    world = correcting_world()
    request = await correcting(world, correction())
    assert request.state is State.COMPLETED
    assert [row["name"] for row in profiles_of(world, MIRA)] == [RIGHT, RIGHT]
    for person in (TOM, NAMESAKE):
        assert [row["name"] for row in profiles_of(world, person)] == [person.surname] * 2
    assert profiles_of(world, MIRA)[0] == profile(MIRA) | {"name": RIGHT, "tenant": CONTOSO, "oid": MIRA.object_id}
    task = await task_of(world, request)
    assert (task.state, task.counts) == (TaskState.DONE, {"profiles": 2})


async def test_values_stand_neither_in_the_request_nor_in_its_history():
    world = correcting_world()
    request = await correcting(world, correction(value="very private"))
    case = await world.requests.load(request.id)
    kept = [str(case.request.row), *(str(task.row) for task in case.tasks.values())]
    kept += [str(entry) for entry in await world.requests.history(request.id)]
    assert [word for word in ("very private", MIRA.surname) if word in "".join(kept)] == []


async def test_every_service_and_dataset_that_is_named_is_corrected():
    world = correcting_world()
    request = await correcting(world, correction(), correction("greeting", "Ms Horvat", "letters"))
    assert request.state is State.COMPLETED
    assert profiles_of(world, MIRA)[0]["name"] == RIGHT
    # what belongs to no tenant is opened by a proven address alone
    assert [row["greeting"] for row in world.store.drawers["memory", "letters"].rows] == ["Mira", "Tom", "Mira"]


async def test_who_received_the_records_hears_what_they_should_say():
    world = correcting_world()
    await correcting(world, correction())
    (sent,) = world.egress.sent
    assert sent.url == HOOK
    assert json.loads(sent.body) == {
        "notification": sent.headers["Idempotency-Key"],
        "happening": "rectified",
        "datasets": ["profiles"],
        "identifiers": [{"kind": "entra_object_id", "value": MIRA.object_id}],
        "corrections": [correction()],
    }
    (mail,) = [one for one in world.mailer.sent if one.to == BOX]
    assert RIGHT in mail.text


async def test_whoever_received_none_of_the_records_hears_nothing():
    world = correcting_world()
    for row in world.store.drawers["memory", "profiles"].rows:
        row["sharedWith"] = []
    await correcting(world, correction())
    assert world.egress.sent == []
    assert [one.to for one in world.mailer.sent if one.to == BOX] == [BOX]


async def test_of_somebody_who_is_nowhere_nothing_is_corrected_and_nobody_told():
    world = correcting_world()
    world.store.drawers["memory", "profiles"].rows.clear()
    request = await correcting(world, correction())
    assert request.state is State.COMPLETED
    assert (await task_of(world, request)).counts == {"profiles": 0}
    assert world.egress.sent == []
    assert [one for one in world.mailer.sent if one.to == BOX] == []


@pytest.mark.parametrize(
    ("corrections", "statement"),
    [
        pytest.param([correction("title", "Head")], None, id="a field that is checked"),
        pytest.param([correction("signedIn", "never")], None, id="a record of what was"),
        pytest.param([correction()], "I married.", id="a statement beside it"),
        pytest.param([], "I never asked for that.", id="a statement alone"),
        pytest.param([], None, id="nothing in particular"),
    ],
)
async def test_what_is_not_theirs_to_say_alone_waits_for_a_person(corrections, statement):
    world = correcting_world()
    request = await correcting(world, *corrections, statement=statement)
    assert request.state is State.DECIDING
    assert request.parts[0].decide
    assert "decision_pending" in request.attention
    assert profiles_of(world, MIRA)[0]["name"] == MIRA.surname


async def test_what_was_granted_is_corrected_and_a_record_of_what_was_never():
    world = correcting_world()
    request = await correcting(world, correction("title", "Head"), correction("signedIn", "never"), correction())
    request = await decided(world, request, "granted")
    assert request.state is State.PARTIALLY_COMPLETED
    after = profiles_of(world, MIRA)[0]
    assert (after["title"], after["signedIn"], after["name"]) == ("Head", "2026-10-01", RIGHT)


async def test_of_what_was_granted_in_part_that_part_is_corrected():
    world = correcting_world()
    request = await correcting(world, correction("title", "Head"), correction("floor", "9"), correction())
    request = await decided(world, request, "partly", 1, 2)
    assert request.state is State.PARTIALLY_COMPLETED
    after = profiles_of(world, MIRA)[0]
    assert (after["title"], after["floor"], after["name"]) == ("Clerk", 9, RIGHT)


async def test_what_was_refused_stays_as_it_is():
    world = correcting_world()
    request = await correcting(world, correction("title", "Head"), correction())
    before = profiles_of(world, MIRA)
    request = await decided(world, request, "refused")
    assert request.state is State.REFUSED
    assert profiles_of(world, MIRA) == before
    assert (await world.requests.load(request.id)).of(Work.RECTIFY) == []


async def test_a_statement_is_kept_sealed_with_the_case():
    world = correcting_world()
    request = await correcting(world, statement="I never asked for that.")
    assert "never asked" not in str(request)
    assert (await world.dossiers.of(request)).ask("rectification").statement == "I never asked for that."


async def test_a_value_that_does_not_fit_waits_for_an_operator_who_closes_it():
    world = correcting_world()
    request = await correcting(world, correction("floor", "the third"))
    task = await task_of(world, request)
    assert (task.state, task.reason) == (TaskState.MANUAL, "value_does_not_fit")
    assert request.state is State.APPLYING
    closed = CloseTask(outcome="corrected", counts={"profiles": 2}, evidence=EVIDENCE)
    await world.oversee_erasures.close(OPERATOR, f"{request.id}.{task.key}", closed)
    await world.drain()
    request = await now(world, request.id)
    assert request.state is State.COMPLETED
    task = await task_of(world, request)
    assert (task.state, task.counts, task.closed_by) == (
        TaskState.DONE,
        {"profiles": 2},
        OPERATOR.principal.object_id,
    )
    assert EVIDENCE.encode() not in task.evidence


async def test_what_an_operator_could_not_correct_is_said():
    world = correcting_world()
    request = await correcting(world, correction("floor", "the third"))
    task = await task_of(world, request)
    for wrong in ("erased", "not_erased"):
        with pytest.raises(InvalidInput):
            await world.oversee_erasures.close(
                OPERATOR, f"{request.id}.{task.key}", CloseTask(outcome=wrong, evidence=EVIDENCE)
            )
    with pytest.raises(InvalidInput):
        await world.oversee_erasures.close(
            OPERATOR,
            f"{request.id}.{task.key}",
            CloseTask(outcome="corrected", counts={"letters": 1}, evidence=EVIDENCE),
        )
    given = CloseTask(outcome="not_corrected", evidence=EVIDENCE)
    await world.oversee_erasures.close(OPERATOR, f"{request.id}.{task.key}", given)
    await world.drain()
    request = await now(world, request.id)
    assert request.state is State.PARTIALLY_COMPLETED
    assert (await task_of(world, request)).state is TaskState.FAILED


async def test_nobody_closes_it_for_ever_and_the_answer_is_given_in_time():
    world = correcting_world()
    request = await correcting(world, correction("floor", "the third"))
    for _ in range(5 * 31):
        await world.sweep(hours=5)
        await world.drain()
    request = await now(world, request.id)
    assert request.state is State.PARTIALLY_COMPLETED
    assert request.ended_at <= request.due_at


async def test_many_records_are_corrected_and_looked_at_step_by_step():
    world = correcting_world()
    own = {"tenant": CONTOSO, "oid": MIRA.object_id}
    put(world.store, "profiles", *[own | profile(MIRA) for _ in range(20)])
    world.store.page_size = 3
    world.clock.step = world.settings.step_for / 3
    request = await correcting(world, correction())
    assert request.state is State.COMPLETED
    task = await task_of(world, request)
    assert task.counts == {"profiles": 22}
    assert task.chunk > 4
    assert {row["name"] for row in profiles_of(world, MIRA)} == {RIGHT}


async def test_a_service_that_is_gone_for_a_while_is_asked_again():
    world = correcting_world()
    rectify, times = world.store.rectify, []

    async def failing(*given):
        times.append(1)
        if len(times) < 3:
            raise Transient("throttled")
        async for step in rectify(*given):
            yield step

    world.store.rectify = failing
    request = await correcting(world, correction())
    for _ in range(5):
        world.bus.elapse(timedelta(minutes=2))
        await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    assert profiles_of(world, MIRA)[0]["name"] == RIGHT


async def test_what_does_not_say_so_at_a_second_look_is_never_called_corrected():
    world = correcting_world()
    export = world.store.export

    async def stale(*given):
        async for page in export(*given):
            yield Page(records=[one | {"name": MIRA.surname} for one in page.records], position=page.position)

    request = await asked(
        world,
        MIRA,
        signed_in=True,
        email=False,
        rights=("rectification",),
        details={"rectification": {"corrections": [correction()]}},
    )
    while (await now(world, request.id)).state is not State.APPLYING:
        for command in world.bus.deliver():
            await world.deliver(command)
    world.store.export = stale
    await world.drain()
    assert (await task_of(world, request)).state is TaskState.WAITING
    for _ in range(6):
        await world.sweep(minutes=5)
        await world.drain()
    task = await task_of(world, request)
    assert (task.state, task.reason, task.counts) == (TaskState.MANUAL, "not_confirmed", {})


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([correction("nothing")], id="no such field"),
        pytest.param([correction(dataset="nothing")], id="no such dataset"),
        pytest.param([correction("secret")], id="a field nobody is shown"),
        pytest.param([correction(), correction(value="canary")], id="one field twice"),
    ],
)
async def test_what_the_map_does_not_name_is_refused_at_once_without_an_echo(wrong):
    world = correcting_world()
    with pytest.raises(InvalidInput) as refused:
        await correcting(world, *wrong)
    assert "canary" not in str(refused.value)
    assert RIGHT not in str(refused.value)
    assert world.bus.deliver() == []


async def test_a_legal_hold_leaves_records_as_they_are():
    world = correcting_world()

    class Held:
        async def held(self, request_id, part):
            return frozenset({"profiles"})

    world.holds = Held()
    request = await correcting(world, correction())
    task = await task_of(world, request)
    assert (task.state, task.reason) == (TaskState.MANUAL, "hold")
    assert profiles_of(world, MIRA)[0]["name"] == MIRA.surname


async def test_a_refusal_of_the_store_is_an_operators():
    world = correcting_world()

    async def refused(*_):
        raise Permanent("access_denied")
        yield

    world.store.rectify = refused
    request = await correcting(world, correction())
    assert (await task_of(world, request)).reason == "access_denied"


# ── What a customer decides ──────────────────────────────────────────────────────────────────────────────────────────


def kept_for_a_customer():
    services = correctable_services()
    services[-2] |= {"role": "processor"}
    return services


async def linked(world, request):
    (case_id,) = (await now(world, request.id)).linked
    return await now(world, case_id)


async def test_what_lies_in_a_customers_data_waits_for_the_customer_and_not_for_us():
    world = correcting_world(kept_for_a_customer())
    request = await correcting(world, correction("title", "Head"))
    assert request.state is State.COMPLETED
    assert not any(part.decide for part in request.parts)
    case = await linked(world, request)
    assert (case.state, case.role) == (State.FORWARDED, "processor")
    assert profiles_of(world, MIRA)[0]["title"] == "Clerk"
    told = [mail.text for mail in world.mailer.sent if mail.to == MIRA.email]
    assert not [text for text in told if "user.job_title" in text]


async def test_what_a_customer_lets_us_answer_is_corrected_at_once_in_its_data_and_told_to_its_recipients():
    world = correcting_world(kept_for_a_customer())
    terms = (Terms(version=1, since=world.clock(), answers=frozenset({"rectification"})),)
    await world.tenants.write(Tenant(id=CONTOSO, name="Contoso", terms=terms), None)
    request = await correcting(world, correction("title", "Head"), correction("signedIn", "never"))
    case = await linked(world, request)
    assert case.state is State.PARTIALLY_COMPLETED
    assert [(row["title"], row["signedIn"]) for row in profiles_of(world, MIRA)] == [("Head", "2026-10-01")] * 2
    (sent,) = world.egress.sent
    assert json.loads(sent.body)["corrections"] == [correction("title", "Head")]
