"""An erasure over HTTP: its plan, its approval, tasks closed by hand, brakes, and what nobody gets to see."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from builders import CONTOSO, HOME, MIRA, TOM, Person
from checked import CANARY, call
from erasing_world import Failing, begin, erasing_world, planned, run_on, started

from shared.domain.errors import Permanent
from shared.domain.request import RequestId
from shared.domain.states import State

OLGA = Person(given="Olga", surname="de Wit", email="olga@spinpanel.example", tenant=HOME, object_id="e" * 8)
BY_HAND = {"outcome": "erased", "counts": {"letters": 2}, "evidence": "Deleted by hand, ticket OPS-17"}


def introduced(world):
    world.tokens.introduce("mira", MIRA.principal())
    world.tokens.introduce("tom", TOM.principal())
    world.tokens.introduce("olga", OLGA.principal("Privacy.Operator"))
    return world


async def ask(path: str, function: str, token: str, request_id: str, method: str = "GET", **given):
    at = f"/api/v1/{path.format(id=request_id)}"
    return await call(function, method, at, token=token, request_id=request_id, **given)


async def plan_of(request_id: str, token: str = "mira"):
    return await ask("requests/{id}/plan", "plan_show", token, request_id)


async def approve(request_id: str, body, token: str = "olga"):
    return await ask("ops/requests/{id}/approval", "ops_approve", token, request_id, "POST", body=body)


async def close(task_id: str, body, token: str = "olga"):
    return await call(
        "ops_close", "POST", f"/api/v1/ops/tasks/{task_id}/close", token=token, body=body, task_id=task_id
    )


async def test_a_whole_erasure_over_http_from_its_request_to_its_certificate():
    world = introduced(erasing_world())
    asked = await call(
        "request_submit",
        "POST",
        "/api/v1/requests",
        body={"rights": ["erasure"], "email": MIRA.email},
        token="mira",
    )
    assert asked.status == 202
    request_id = asked.json["id"]
    await world.drain()
    code = {"code": world.references.code(RequestId(request_id), 1)}
    proven = await ask("requests/{id}/verification", "identity_confirm", "mira", request_id, "POST", body=code)
    assert proven.status == 200
    await world.drain()
    shown = (await ask("requests/{id}", "request_show", "mira", request_id)).json
    assert (shown["status"], {one["work"] for one in shown["services"]}) == ("in_progress", {"survey"})
    plan = (await plan_of(request_id)).json
    assert plan["hash"] == shown["planHash"]
    assert plan["coolingOffUntil"] == shown["coolingOffUntil"]
    assert (plan["approved"], "startedAt" in plan) == (False, False)
    decided = {one["dataset"]: one for one in plan["decisions"]}
    assert (decided["tickets"]["action"], decided["tickets"]["count"]) == ("anonymise", 1)
    assert (decided["invoices"]["exemption"], decided["invoices"]["until"]) == ("17-3-b", "2033-12-31")
    assert decided["letters"]["recipients"] == ["courier"]
    await run_on(world, RequestId(request_id))
    shown = (await ask("requests/{id}", "request_show", "mira", request_id)).json
    assert shown["status"] == "completed"
    assert {one["status"] for one in shown["services"]} == {"done"}
    assert {one["work"] for one in shown["services"]} == {"survey", "erase", "inform"}
    assert shown["certificate"]["kind"] == "certificate"
    assert "export" not in shown
    assert (await plan_of(request_id)).json["approved"] is True
    await fetched(world, shown["certificate"]["id"], RequestId(request_id))


async def fetched(world, certificate_id: str, request_id: RequestId):
    """Open the certificate by its link and read what it says."""
    certificate = (await world.requests.read(request_id)).row.certificate
    secret = world.references.link_secret(request_id, certificate.link_issue, certificate.kind)
    opened = await call(
        "export_open",
        "POST",
        f"/api/v1/exports/{certificate_id}/open",
        token="mira",
        body={"secret": secret},
        export_id=certificate_id,
    )
    assert opened.status == 303
    size = await world.packages.size(certificate.name) or 0
    with zipfile.ZipFile(io.BytesIO(await world.packages.read(certificate.name, 0, size))) as held:
        assert json.loads(held.read("certificate.json"))["certificate"]["outcome"] == "complete"


async def test_what_has_begun_is_withdrawn_no_more_and_the_answer_says_why():
    world = introduced(erasing_world())
    request_id = await started(world)
    answer = await ask("requests/{id}/withdrawal", "request_withdraw", "mira", request_id, "POST")
    assert (answer.status, answer.json["code"]) == (409, "erasure_has_begun")


async def test_a_plan_is_for_its_person_and_for_operators():
    world = introduced(erasing_world())
    request_id = await planned(world)
    assert (await plan_of(request_id, "tom")).status == 404
    assert (await plan_of(request_id, "olga")).status == 404
    seen = await ask("ops/requests/{id}/plan", "ops_plan", "olga", request_id)
    assert seen.json == (await plan_of(request_id)).json
    assert (await ask("ops/requests/{id}/plan", "ops_plan", "mira", request_id)).status == 403


async def test_an_operator_approves_by_the_hash_of_what_they_saw():
    world = introduced(erasing_world(erasure_approval="operator"))
    request_id = await planned(world)
    await begin(world, request_id)
    detail = (await ask("ops/requests/{id}", "ops_show", "olga", request_id)).json
    assert detail["attention"] == ["approval_pending"]
    stale = await approve(request_id, {"planHash": "0" * 64})
    assert (stale.status, stale.json["code"]) == (409, "plan_changed")
    assert (await approve(request_id, {"planHash": detail["planHash"]})).status == 202
    await world.drain()
    history = (await ask("ops/requests/{id}", "ops_show", "olga", request_id)).json["history"]
    (approved,) = [one for one in history if one["event"] == "approved"]
    assert (approved["actor"], approved["about"]) == (OLGA.object_id, detail["planHash"])
    assert (await world.requests.read(request_id)).row.state is State.COMPLETED


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({}, ["planHash"], id="nothing"),
        pytest.param({"planHash": CANARY}, ["planHash"], id="no hash"),
        pytest.param({"planHash": "A" * 64}, ["planHash"], id="in capitals"),
        pytest.param({"plan_hash": "0" * 64}, ["planHash", "body"], id="another name"),
    ],
)
async def test_an_approval_without_a_hash_is_refused(body, fields):
    world = introduced(erasing_world(erasure_approval="operator"))
    request_id = await planned(world)
    answer = await approve(request_id, body)
    assert answer.status == 400
    assert [one["field"] for one in answer.json["errors"]] == fields
    assert CANARY not in answer.whole
    assert (await world.requests.read(request_id)).row.erasure.approved_hash is None


async def test_a_halted_erasure_is_planned_anew_over_http():
    world = introduced(erasing_world())
    request_id = await planned(world)
    early = await ask("ops/requests/{id}/plan", "ops_plan_anew", "olga", request_id, "POST")
    assert early.status == 409
    await world.halt_erasure.case(await world.requests.load(request_id), "hold", "tickets")
    detail = (await ask("ops/requests/{id}", "ops_show", "olga", request_id)).json
    assert (detail["status"], detail["attention"]) == ("in_progress", ["drift_hold"])
    assert (await ask("ops/requests/{id}/plan", "ops_plan_anew", "olga", request_id, "POST")).status == 202
    await world.drain()
    plan = (await ask("ops/requests/{id}/plan", "ops_plan", "olga", request_id)).json
    assert (await approve(request_id, {"planHash": plan["hash"]})).status == 202
    await world.drain()
    assert (await world.requests.read(request_id)).row.state is State.COMPLETED


async def manual(world) -> str:
    """A request with a task that waits for an operator; returns the task's name outside."""
    world.connectors = {"memory": Failing(world.store, "letters", Permanent("access_denied"))}
    request_id = await started(world)
    await world.drain()
    detail = (await ask("ops/requests/{id}", "ops_show", "olga", request_id)).json
    (task,) = [one for one in detail["tasks"] if one["status"] == "manual"]
    assert (task["id"], task["reason"], task["work"]) == ("mailing", "access_denied", "erase")
    return task["taskId"]


async def test_an_operator_closes_a_task_by_the_name_it_is_shown_under():
    world = introduced(erasing_world())
    task_id = await manual(world)
    closed = await close(task_id, BY_HAND)
    assert (closed.status, closed.json) == (
        200,
        {"taskId": task_id, "status": "done", "reason": "access_denied", "closedBy": OLGA.object_id},
    )
    again = await close(task_id, BY_HAND)
    assert (again.status, again.json["code"]) == (410, "task_ended")


async def test_a_task_that_is_still_tried_is_not_closed():
    world = introduced(erasing_world())
    request_id = await started(world)
    answer = await close(f"{request_id}.erase1-0.0.mailing", BY_HAND)
    assert (answer.status, answer.json["code"]) == (409, "not_manual")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"outcome": CANARY}, "outcome", id="unknown outcome"),
        pytest.param({"evidence": "short"}, "evidence", id="no evidence"),
        pytest.param({"evidence": CANARY * 1000}, "evidence", id="a book"),
        pytest.param({"counts": {"letters": -1}}, "counts.letters", id="fewer than none"),
        pytest.param({"counts": {"letters": "2x"}}, "counts.letters", id="no number"),
        pytest.param({"counts": [CANARY]}, "counts", id="no counts"),
        pytest.param({"counts": {}}, "counts", id="nothing counted"),
        pytest.param({"counts": {"letters": 2, "users": 1}}, "counts", id="another dataset"),
        pytest.param({"who": CANARY}, "body", id="unknown field"),
    ],
)
async def test_evidence_that_cannot_be_accepted_is_refused_and_not_repeated(change, field):
    world = introduced(erasing_world())
    task_id = await manual(world)
    answer = await close(task_id, BY_HAND | change)
    assert answer.status == 400
    assert [one["field"] for one in answer.json["errors"]] == [field]
    assert CANARY not in answer.whole
    assert "OPS-17" not in answer.whole


async def test_evidence_is_never_shown_again():
    world = introduced(erasing_world())
    task_id = await manual(world)
    assert "OPS-17" not in (await close(task_id, BY_HAND)).whole
    request_id = task_id.partition(".")[0]
    for path, function, token in (
        ("ops/requests/{id}", "ops_show", "olga"),
        ("requests/{id}", "request_show", "mira"),
    ):
        assert "OPS-17" not in (await ask(path, function, token, request_id)).whole


async def test_a_brake_is_seen_and_let_go():
    world = introduced(erasing_world(brake_limit=1, cooling_off=timedelta(0)))
    for person in (MIRA, TOM):
        await planned(world, person=person)
    shown = await call("ops_brakes", "GET", "/api/v1/ops/brakes", token="olga")
    assert [one["id"] for one in shown.json["brakes"]] == [CONTOSO]
    released = await call("ops_release", "POST", f"/api/v1/ops/brakes/{CONTOSO}/release", token="olga", brake=CONTOSO)
    assert released.status == 204
    assert (await call("ops_brakes", "GET", "/api/v1/ops/brakes", token="olga")).json == {"brakes": []}
    again = await call("ops_release", "POST", f"/api/v1/ops/brakes/{CONTOSO}/release", token="olga", brake=CONTOSO)
    assert again.status == 404


async def test_no_answer_about_an_erasure_says_who_it_is_about():
    world = introduced(erasing_world())
    task_id = await manual(world)
    request_id = task_id.partition(".")[0]
    await close(task_id, BY_HAND)
    await world.drain()
    seen = [
        await ask("ops/requests/{id}", "ops_show", "olga", request_id),
        await ask("ops/requests/{id}/plan", "ops_plan", "olga", request_id),
        await ask("requests/{id}", "request_show", "mira", request_id),
        await plan_of(request_id),
    ]
    for answer in seen:
        assert answer.status == 200
        assert not [word for word in (MIRA.email, MIRA.object_id, MIRA.surname, MIRA.tenant) if word in answer.whole]
