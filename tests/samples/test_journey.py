"""The demo's journey reads the mails as they are and fails in one line when a step does."""

from email.message import EmailMessage
from email.policy import SMTP

import httpx
import pytest

from samples.calling import StepFailed
from samples.journey import Journey

REQUEST = "0b7c0cf1-8a7e-4a0e-9d8f-1f8b4d1f3a11"
EXPORT = "5f2f9f62-0e52-4c4a-8a55-0d7f2a1f2b22"
RECEIPT = {"id": REQUEST, "status": "identity_pending", "receivedAt": "x", "dueAt": "y", "parts": []}
DONE = {"id": "directory", "work": "export", "status": "done"}
ENDED = {**RECEIPT, "status": "completed", "services": [DONE], "export": {"id": EXPORT}}
CERTIFIED = {
    **RECEIPT,
    "status": "completed",
    "services": [DONE | {"work": "survey"}, DONE | {"work": "erase"}],
    "coolingOffUntil": "2026-11-01T10:00:00Z",
    "certificate": {"id": EXPORT},
}
PLAN = {
    "coolingOffUntil": "2026-11-01T10:00:00Z",
    "decisions": [
        {"action": action, "count": count} for action, count in (("delete", 3), ("retain", 6), ("delete", 0))
    ],
}


def mailed(folder, number, text):
    message = EmailMessage()
    message["To"], message["Subject"] = "anna@noordzee.example", f"Mail {number}"
    message.set_content(text)
    (folder / f"20261101T10000{number}.000000Z-x.eml").write_bytes(message.as_bytes(policy=SMTP))


def answers(**changed):
    given = {
        ("POST", "/api/v1/requests"): httpx.Response(202, json=RECEIPT),
        ("POST", f"/api/v1/requests/{REQUEST}/verification"): httpx.Response(200, json={"accessToken": "fresh"}),
        ("GET", f"/api/v1/requests/{REQUEST}"): httpx.Response(200, json=ENDED),
        ("POST", f"/api/v1/exports/{EXPORT}"): httpx.Response(
            303, headers={"location": "https://blobs.example/p?sig=1"}
        ),
        ("GET", "/p"): httpx.Response(200, content=b"PK"),
    }
    return given | changed.get("other", {})


@pytest.fixture
async def journey(tmp_path):
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    mailed(outbox, 1, f"Your code:\n\n    ABCD EFGH\n\nRequest {REQUEST}\n")
    mailed(
        outbox,
        2,
        f"Open:\nhttp://app.example/api/v1/exports/{EXPORT}?language=nl#s3cret\n\n    S3 CRET\n\nRequest {REQUEST}\n",
    )
    mailed(outbox, 3, "Your code:\n\n    WRON GONE\n\nRequest of another\n")
    mailed(outbox, 4, f"Was it you?\n\n    PES8-8HBM-AG9W\n\nRequest {REQUEST}\nThis is our answer\n")
    clients, seen, told = [], [], []

    def build(given, token=None):
        def answer(request):
            body = request.content.decode()
            seen.append((request.method, request.url.path, body, request.headers.get("authorization")))
            found = given[request.method, request.url.path]
            return found.pop(0) if isinstance(found, list) else found

        clients.extend(
            httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://app.example") for _ in "ab"
        )
        made = Journey(
            app=clients[-2], storage=clients[-1], outbox=outbox, folder=tmp_path, say=told.append, token=token
        )
        return made, seen, told

    yield build
    for client in clients:
        await client.aclose()


async def test_the_code_and_the_link_are_taken_from_this_requests_mails(journey):
    made, seen, told = journey(answers())
    answered = await made.by_mail("anna@noordzee.example", "nl")
    assert answered.package.read_bytes() == b"PK"
    assert seen[1][2:] == ('{"code":"ABCD EFGH"}', None)
    assert seen[3][2:] == ('{"secret":"s3cret"}', "Bearer fresh")
    assert any("directory: export done" in line for line in told)


async def test_the_package_is_fetched_without_our_token(journey):
    made, seen, _ = journey(answers())
    await made.by_mail("anna@noordzee.example", "nl")
    assert seen[4] == ("GET", "/p", "", None)


async def test_an_erasure_is_followed_to_its_certificate_and_its_plan_is_told(journey):
    certified = httpx.Response(200, json=CERTIFIED)
    plan = httpx.Response(200, json=PLAN)
    changed = {
        ("GET", f"/api/v1/requests/{REQUEST}"): certified,
        ("GET", f"/api/v1/requests/{REQUEST}/plan"): plan,
    }
    made, seen, told = journey(answers(other=changed), "entra")
    answered = await made.erase("en", "anna@noordzee.example")
    assert answered.package.name == f"{REQUEST}-certificate.zip"
    assert '"rights":["erasure"]' in seen[0][2]
    assert {bearer for _, path, _, bearer in seen if path != "/p"} == {"Bearer entra"}
    assert "  directory: erase done" in told
    assert any("1 to delete, 1 to retain" in line for line in told)


async def test_a_refused_request_fails_the_journey(journey):
    refused = httpx.Response(200, json={**ENDED, "status": "refused", "reason": "identity_not_established"})
    made, _, _ = journey(answers(other={("GET", f"/api/v1/requests/{REQUEST}"): refused}), "token")
    with pytest.raises(StepFailed, match="ended as refused: identity_not_established"):
        await made.signed_in("en")


async def test_an_unexpected_answer_names_the_step(journey):
    broken = httpx.Response(500, text="boom")
    made, _, _ = journey(answers(other={("POST", "/api/v1/requests"): broken}))
    with pytest.raises(StepFailed, match=r"POST /api/v1/requests answered 500 instead of 202: boom"):
        await made.by_mail("anna@noordzee.example", "nl")


async def test_what_a_mail_says_about_a_request_is_waited_for_by_its_words(journey):
    made, _, told = journey(answers())
    await made.told(REQUEST, "This is our answer")
    assert told == ["mail to anna@noordzee.example: Mail 4"]


async def test_what_an_earlier_run_left_is_withdrawn_but_for_the_right_that_is_kept(journey):
    other = "9d0b8f0e-54c9-4f0e-8a27-1b9e0f4d6c01"
    listed = [
        {"id": REQUEST, "status": "in_progress", "parts": [{"right": "access"}]},
        {"id": other, "status": "in_progress", "parts": [{"right": "objection"}]},
        {"id": EXPORT, "status": "completed", "parts": [{"right": "access"}]},
    ]
    withdrawn = {"status": "withdrawn", "services": []}
    changed = {
        ("GET", "/api/v1/requests"): httpx.Response(200, json={"requests": listed}),
        ("DELETE", f"/api/v1/requests/{REQUEST}"): httpx.Response(200, json=RECEIPT),
        ("GET", f"/api/v1/requests/{REQUEST}"): [
            httpx.Response(200, json={"status": "received", "services": []}),
            httpx.Response(200, json=withdrawn),
        ],
    }
    made, seen, told = journey(answers(other=changed), "entra")
    await made.settle_all_but("objection")
    assert [path for method, path, _, _ in seen if method == "DELETE"] == [f"/api/v1/requests/{REQUEST}"]
    assert told[-1] == "request withdrawn"
    assert [one["id"] for one in await made.unanswered("objection")] == [other]
