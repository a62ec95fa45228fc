"""What a service that listens to its own lane gets to know, and when nothing at all."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from asking import happenings, now
from builders import CONTOSO, FABRIKAM, MIRA, NOBODY, FixedMaps, data_map, put, user_row
from lane_world import (
    OTHER_CLIENT,
    SERVICE,
    TWIN,
    ask,
    done,
    end_labs,
    erasing_task,
    first_task,
    lane_messages,
    lane_world,
    service_caller,
    services,
)

from shared.domain.erasure import Action
from shared.domain.errors import Gone, NotAllowed, NotFound, NotSignedIn, StaleState
from shared.domain.request import RequestId
from shared.domain.service_task import Work
from shared.domain.states import State


def shown(claim) -> dict[str, list[tuple[str, str, str | None]]]:
    return {one.id: [(each.kind, each.value, each.tenant) for each in one.identifiers] for one in claim.datasets}


class Held:
    """Holds one dataset of everybody."""

    def __init__(self, *datasets: str) -> None:
        self.datasets = frozenset(datasets)

    async def held(self, request_id, part):
        return self.datasets


async def test_a_copy_is_claimed_with_the_identifiers_that_its_datasets_declare_and_a_link_to_one_blob():
    world = lane_world(upload_valid_for=timedelta(minutes=10))
    message = await first_task(world, "access")
    claim = await world.claim_task(SERVICE, message.task_id)
    assert (claim.work, claim.may_proceed, claim.task_id) == (Work.EXPORT, True, message.task_id)
    assert shown(claim) == {
        "events": [("entra_object_id", MIRA.object_id, CONTOSO)],
        "opens": [("email", MIRA.email, None)],
    }
    assert all(one.action is None and one.at_most is None for one in claim.datasets)
    link = urlsplit(claim.upload.url)
    assert link.path == f"/{message.request_id}/uploads/export.0.telemetry.ndjson"
    assert parse_qs(link.query)["sp"] == ["cw"]
    assert claim.upload.expires_at == world.clock() + timedelta(minutes=10)
    assert claim.received_at == (await now(world, str(message.request_id))).received_at


async def test_a_dry_run_and_an_erasure_are_claimed_without_a_link():
    world = lane_world()
    survey = await first_task(world, "erasure")
    claim = await world.claim_task(SERVICE, survey.task_id)
    assert (claim.work, claim.upload, set(shown(claim))) == (Work.SURVEY, None, {"events", "opens"})
    world = lane_world(drift_factor=2, drift_extra=10)
    claim = await world.claim_task(SERVICE, (await erasing_task(world, events=40)).task_id)
    assert (claim.work, claim.may_proceed, claim.upload) == (Work.ERASE, True, None)
    assert shown(claim)["events"] == [("entra_object_id", MIRA.object_id, CONTOSO)]
    assert [(one.id, one.action, one.at_most) for one in claim.datasets] == [
        ("events", Action.DELETE, 80),
        ("opens", Action.DELETE, 10),
    ]


async def test_every_claim_is_a_line_of_the_requests_history():
    world = lane_world()
    message = await first_task(world, "access")
    for _ in range(2):
        await world.claim_task(SERVICE, message.task_id)
    entries = await world.requests.history(RequestId(str(message.request_id)))
    claims = [one for one in entries if one.happening == "task_claimed"]
    assert [(one.actor, one.about) for one in claims] == [(SERVICE.principal.app, message.task)] * 2
    assert MIRA.email not in repr(entries)


async def test_nothing_of_another_tenants_namesake_is_handed_out():
    world = lane_world()
    put(world.store, "users", user_row(TWIN))
    message = await first_task(world, "access")
    assert len((await now(world, str(message.request_id))).parts) == 2
    claim = await world.claim_task(SERVICE, message.task_id)
    known = [one for ones in shown(claim).values() for one in ones]
    assert {tenant for _, _, tenant in known} == {CONTOSO, None}
    assert TWIN.object_id not in repr(claim)
    assert FABRIKAM not in repr(claim)


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        pytest.param(NOBODY, NotSignedIn, id="nobody"),
        pytest.param(MIRA.caller("Privacy.Service"), NotAllowed, id="a-person-with-the-role"),
        pytest.param(service_caller(role="Privacy.Operator"), NotAllowed, id="without-the-role"),
        pytest.param(service_caller(tenant=CONTOSO), NotAllowed, id="a-role-of-another-tenant"),
        pytest.param(service_caller(OTHER_CLIENT), NotFound, id="another-service"),
    ],
)
async def test_a_task_is_its_services_alone(caller, refusal):
    world = lane_world()
    message = await first_task(world, "access")
    with pytest.raises(refusal):
        await world.claim_task(caller, message.task_id)
    with pytest.raises(refusal):
        await world.answer_task(caller, message.task_id, done())
    assert "task_claimed" not in happenings(await world.requests.history(RequestId(str(message.request_id))))


async def test_what_is_no_task_of_its_own_is_not_found():
    world = lane_world()
    request_id = (await first_task(world, "access")).request_id
    names = ["directory", "labs", "nothing"]
    odd = ["", "x", str(request_id), f"{request_id}.", f"{request_id}.export.0.telemetry/..", "é" * 300]
    for task_id in [*(f"{request_id}.export.0.{name}" for name in names), *odd]:
        with pytest.raises(NotFound):
            await world.claim_task(SERVICE, task_id)


async def test_a_service_that_left_the_data_map_claims_nothing():
    world = lane_world()
    message = await first_task(world, "access")
    world.maps.map = data_map(services()[:3])
    with pytest.raises(NotFound):
        await world.claim_task(SERVICE, message.task_id)


async def test_a_task_is_not_claimed_after_its_end():
    world = lane_world()
    survey = await first_task(world, "erasure")
    await world.answer_task(SERVICE, survey.task_id, done(events=1, opens=0))
    with pytest.raises(Gone, match="task_ended"):
        await world.claim_task(SERVICE, survey.task_id)
    await end_labs(world, RequestId(str(survey.request_id)), "survey1.0.labs", trials=0)
    assert await lane_messages(world)
    with pytest.raises(Gone, match="task_ended"):
        await world.claim_task(SERVICE, survey.task_id)


async def test_a_task_is_not_claimed_once_its_request_was_withdrawn():
    world = lane_world()
    message = await first_task(world, "access")
    await world.withdraw_request(MIRA.caller(), RequestId(str(message.request_id)))
    with pytest.raises(Gone):
        await world.claim_task(SERVICE, message.task_id)


async def test_a_withdrawal_between_reading_and_claiming_wins():
    world = lane_world()
    message = await first_task(world, "access")
    request_id = RequestId(str(message.request_id))
    commit, withdrawn = world.requests.commit, []

    async def late(move):
        if not withdrawn:
            withdrawn.append(True)
            await world.withdraw_request(MIRA.caller(), request_id)
        await commit(move)

    world.requests.commit = late
    with pytest.raises(Gone):
        await world.claim_task(SERVICE, message.task_id)


async def test_a_hold_found_at_the_moment_of_deleting_stops_the_erasure_and_hands_nothing_out():
    world = lane_world()
    message = await erasing_task(world)
    world.claim_task = replace(world.claim_task, holds=Held("events"))
    claim = await world.claim_task(SERVICE, message.task_id)
    assert (claim.may_proceed, list(claim.datasets)) == (False, [])
    request = await now(world, str(message.request_id))
    assert request.state is State.HALTED
    assert request.erasure.halted == ("drift_hold",)
    with pytest.raises(Gone):
        await world.claim_task(SERVICE, message.task_id)


async def test_a_dataset_that_the_map_tells_otherwise_by_now_stops_the_erasure():
    world = lane_world()
    message = await erasing_task(world)
    changed = services()
    changed[3]["datasets"][0]["erasure"] = {"action": "anonymise"}
    world.maps.map = FixedMaps(data_map(changed)).current()
    claim = await world.claim_task(SERVICE, message.task_id)
    assert (claim.may_proceed, list(claim.datasets)) == (False, [])
    assert (await now(world, str(message.request_id))).erasure.halted == ("drift_map_changed",)


async def test_a_request_that_never_rests_is_told_to_come_back():
    world = lane_world()
    message = await first_task(world, "access")

    async def never(_):
        raise StaleState("moved")

    world.requests.commit = never
    with pytest.raises(StaleState):
        await world.claim_task(SERVICE, message.task_id)


async def test_without_a_sign_in_only_what_the_address_opens_is_searched():
    world = lane_world()
    await ask(world, "access", signed_in=False)
    (message,) = await lane_messages(world)
    claim = await world.claim_task(SERVICE, message.task_id)
    assert shown(claim) == {"opens": [("email", MIRA.email, None)]}
