"""What the connector for services outside sends, what it takes for an answer, and which settings it works with."""

import json
from datetime import timedelta

import pytest
from builders import data_map, dataset, service

from shared.adapters.memory_egress import MemoryEgress
from shared.connectors.http_service import CALLED_BACK_WITHIN, HttpService
from shared.domain.errors import DataMapInvalid, Permanent, Transient
from shared.domain.identity import Identifier, Standing
from shared.ports.connector import Erasure, Rectification, Ticket
from shared.ports.egress import Answer

URL = "https://vendor.example/privacy/v1"
TENANT = "0a9c5f1e-0000-4000-8000-000000000001"
TASK = "3f2b8c1e-0000-4000-8000-000000000001.erase-0.0.vendor"
AT_ONCE = {"url": URL, "answers": "at_once"}


def identifier(value="anna@x.example", tenant=TENANT, standing=Standing.PROVEN):
    return Identifier(kind="email", value=value, tenant=tenant, standing=standing, source="a test")


class Vendor:
    """A vendor that answers what it is told to, in this order."""

    def __init__(self, *answers, tenancy="tenant", **settings):
        self.answers = list(answers)
        self.reach = MemoryEgress(self._next)
        self.connector = HttpService(self)
        rows = dataset(
            "rows",
            tenancy=tenancy,
            fields=["email", "list"],
            settings={"name": "subscribers"},
            found_by=[{"identifier": "email", "how": "field", "at": {"name": "mail"}}],
        )
        made = data_map([service("vendor", rows, connector="http_service", settings=AT_ONCE | settings)])
        self.service = made.services[0]
        self.dataset = self.service.datasets[0]

    def egress(self):
        return self.reach

    async def _next(self, sent):
        status, body, *headers = self.answers.pop(0)
        told = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Answer(status=status, headers=dict(*headers), body=told)

    @property
    def bodies(self):
        return [json.loads(sent.body) for sent in self.reach.sent]

    async def export(self, *identifiers):
        pages = self.connector.export(self.service, self.dataset, identifiers or [identifier()])
        return [page async for page in pages]

    async def count(self, *identifiers):
        return [one.count async for one in self.connector.count(self.service, self.dataset, identifiers)]

    async def erase(self, *identifiers, position=None, task=TASK):
        async def may_proceed():
            """Nothing stops it."""

        ticket = Ticket(id=task, callback_url="https://p.example/cb", callback_token="c1.1.s")
        erasure = Erasure(action="delete", may_proceed=may_proceed, ticket=ticket)
        found = identifiers or [identifier()]
        (step,) = [one async for one in self.connector.erase(self.service, self.dataset, found, erasure, position)]
        return step

    async def rectify(self, *identifiers, values=None, position=None, answer=None):
        async def may_proceed():
            """Nothing stops it."""

        ticket = Ticket(id=TASK, callback_url="https://p.example/cb", callback_token="c1.1.s")
        asked = Rectification(values=values or {"list": "b"}, may_proceed=may_proceed, ticket=ticket, answer=answer)
        found = identifiers or [identifier()]
        (step,) = [one async for one in self.connector.rectify(self.service, self.dataset, found, asked, position)]
        return step


async def test_identifiers_go_under_the_services_names_with_their_tenant_and_each_once():
    vendor = Vendor((200, {"count": 0}))
    anywhere = identifier("ben@x.example", tenant=None)
    claimed = identifier("claimed@x.example", standing=Standing.CLAIMED)
    await vendor.count(identifier(), identifier(), anywhere, claimed)
    assert vendor.bodies == [
        {
            "dataset": "subscribers",
            "identifiers": [
                {"name": "mail", "value": "anna@x.example", "tenant": TENANT},
                {"name": "mail", "value": "ben@x.example"},
            ],
        }
    ]
    assert vendor.reach.sent[0].url == f"{URL}/count"


async def test_nobody_to_look_for_is_asked_about_nobody():
    vendor = Vendor()
    claimed = identifier(standing=Standing.CLAIMED)
    assert [list(page.records) for page in await vendor.export(claimed)] == [[]]
    assert await vendor.count(claimed) == [0]
    assert (await vendor.erase(claimed)).position is None
    assert vendor.reach.sent == []


async def test_an_erasure_has_one_key_at_every_attempt_and_another_for_another_task():
    done = (200, {"status": "done", "count": 1, "remaining": 0})
    vendor = Vendor(done, done, done)
    for task in (TASK, TASK, TASK.replace("erase-0", "erase-1")):
        await vendor.erase(task=task)
    keys = [sent.headers["Idempotency-Key"] for sent in vendor.reach.sent]
    assert keys[0] == keys[1] != keys[2]
    assert [body["task"] for body in vendor.bodies] == [key.partition(":")[0] for key in keys]
    assert TASK.partition(".")[0] not in "".join(keys)
    assert all("callback" not in body for body in vendor.bodies)


async def test_a_callback_is_asked_for_where_the_service_calls_back_and_needs_no_job():
    vendor = Vendor((202, {}), answers="callback")
    step = await vendor.erase()
    assert vendor.bodies[0]["callback"] == {"url": "https://p.example/cb", "token": "c1.1.s"}
    assert (step.ask_again, step.stated) == (CALLED_BACK_WITHIN, True)


async def test_a_job_is_asked_about_as_often_as_the_map_says():
    vendor = Vendor((202, {"job": "j-1"}), (202, {"status": "pending"}), answers="polling", poll_every="PT5M")
    step = await vendor.erase()
    assert step.ask_again == timedelta(minutes=5)
    assert (await vendor.erase(position=step.position)).position == step.position
    asked = vendor.reach.sent[1]
    assert (asked.method, asked.url, asked.body) == ("GET", f"{URL}/erasure/j-1", b"")


async def test_a_correction_carries_its_values_and_is_asked_about_at_its_own_path():
    vendor = Vendor((202, {"job": "j-1"}), (404, b""), (200, {"status": "done", "count": 2, "remaining": 0}))
    vendor.service = vendor.service.model_copy(
        update={"settings": AT_ONCE | {"answers": "polling", "poll_every": "PT5M"}}
    )
    first = await vendor.rectify()
    assert first.ask_again == timedelta(minutes=5)
    second = await vendor.rectify(position=first.position)
    assert (second.count, second.position) == (2, None)
    assert [sent.url for sent in vendor.reach.sent] == [
        f"{URL}/rectification",
        f"{URL}/rectification/j-1",
        f"{URL}/rectification",
    ]
    keys = [sent.headers.get("Idempotency-Key") for sent in vendor.reach.sent]
    assert keys[0] == keys[2]
    told = json.loads(vendor.reach.sent[0].body)
    assert (told["values"], told["dataset"], "action" in told) == ({"list": "b"}, "subscribers", False)


async def test_a_correction_that_is_called_back_shows_its_count_or_nothing():
    vendor = Vendor((202, {}), answers="callback")
    position = (await vendor.rectify()).position
    told = {"status": "done", "datasets": [{"id": "subscribers", "count": 3, "remaining": 0}]}
    step = await vendor.rectify(position=position, answer=json.dumps(told).encode())
    assert (step.count, step.position) == (3, None)
    told["datasets"][0]["remaining"] = 1
    with pytest.raises(Permanent, match="no_evidence"):
        await vendor.rectify(position=position, answer=json.dumps(told).encode())


async def test_what_a_service_finds_people_by_is_not_changed_there():
    vendor = Vendor()
    with pytest.raises(Permanent, match="field_is_a_key"):
        await vendor.rectify(values={"mail": "new@x.example"})
    assert vendor.reach.sent == []


async def test_nobody_to_look_for_is_corrected_nowhere():
    vendor = Vendor()
    assert (await vendor.rectify(identifier(standing=Standing.CLAIMED))).count == 0
    assert vendor.reach.sent == []


@pytest.mark.parametrize("job", [None, "", "../../admin", "a/b", "a?b", "j" * 129, 7, {"a": 1}])
async def test_a_job_that_could_lead_elsewhere_is_no_job(job):
    vendor = Vendor((202, {"job": job}), answers="polling", poll_every="PT5M")
    with pytest.raises(Permanent, match="no_evidence"):
        await vendor.erase()


@pytest.mark.parametrize("count", [None, -1, True, 1.5, "1", [1], 10**13])
@pytest.mark.parametrize("claim", ["count", "remaining"])
async def test_only_whole_numbers_are_counts(claim, count):
    vendor = Vendor((200, {"status": "done", "count": 0, "remaining": 0} | {claim: count}))
    with pytest.raises(Permanent, match="no_evidence"):
        await vendor.erase()
    vendor = Vendor((200, {"count": count}))
    with pytest.raises(Permanent, match="answer_unreadable"):
        await vendor.count(identifier())


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="no records"),
        pytest.param([], id="a list"),
        pytest.param({"records": {}}, id="records are no list"),
        pytest.param({"records": ["anna"]}, id="a record that is a text"),
        pytest.param({"records": [], "cursor": 7}, id="a cursor that is a number"),
        pytest.param({"records": [], "cursor": "c" * 2049}, id="a cursor without end"),
        pytest.param({"records": [{}] * 10_001}, id="too many at once"),
        pytest.param(b'{"records": [' + b"[" * 50_000 + b"]" * 50_000 + b"]}", id="nested without end"),
        pytest.param(b'{"records": [{"list": NaN}]}', id="no number"),
        pytest.param(b"\xff\xfe\xfd", id="no text"),
    ],
)
async def test_an_export_of_another_shape_is_refused(answer):
    with pytest.raises(Permanent, match="answer_unreadable"):
        await Vendor((200, answer)).export()


async def test_an_export_that_goes_round_in_circles_is_refused():
    page = (200, {"records": [{"tenant": TENANT, "email": "a"}], "cursor": "same"})
    with pytest.raises(Permanent, match="answer_unreadable"):
        await Vendor(page, page).export()


async def test_records_of_another_tenant_are_left_out_and_fields_outside_the_map_too():
    rows = [
        {"tenant": TENANT.upper(), "email": "a", "list": "mine", "password": "x"},
        {"tenant": TENANT.replace("0a", "0b"), "email": "a", "list": "another tenant's"},
        {"email": "a", "list": "nobody's"},
    ]
    (page,) = await Vendor((200, {"records": rows})).export()
    assert page.records == [{"tenant": TENANT.upper(), "email": "a", "list": "mine"}]


async def test_a_number_that_no_float_holds_comes_without_loss():
    body = f'{{"records": [{{"tenant": "{TENANT}", "list": 0.1000000000000000055511151231257827}}]}}'.encode()
    (page,) = await Vendor((200, body)).export()
    assert page.records[0]["list"] == "0.1000000000000000055511151231257827"


@pytest.mark.parametrize(
    ("status", "told", "error", "code", "wait"),
    [
        (429, "7", Transient, "throttled", 7),
        (503, "99999", Transient, "throttled", 3600),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", Transient, "throttled", None),
        (500, "²", Transient, "status_500", None),
        (408, "", Transient, "status_408", None),
        (401, "", Permanent, "access_denied", None),
        (404, "", Permanent, "store_missing", None),
        (400, "", Permanent, "refused_400", None),
        (204, "", Permanent, "refused_204", None),
    ],
)
async def test_a_status_says_whether_it_may_pass(status, told, error, code, wait):
    with pytest.raises(error, match=code) as caught:
        await Vendor((status, b"anna@x.example", {"retry-after": told})).erase()
    assert getattr(caught.value, "retry_after", None) == wait


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_service_without_a_count_cannot_tell(status):
    assert await Vendor((status, b"")).count(identifier()) == [None]


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        pytest.param({"url": ""}, "asked", id="no URL"),
        pytest.param({"url": "http://vendor.example"}, "https", id="no TLS"),
        pytest.param({"url": "http://127.0.0.1.evil.example"}, "https", id="no TLS to something like this machine"),
        pytest.param({"url": "vendor.example"}, "url", id="no scheme"),
        pytest.param({"url": "https://[vendor.example"}, "url", id="half an address"),
        pytest.param({"url": "https://u:p@vendor.example"}, "url", id="a password"),
        pytest.param({"url": "https://vendor.example/?a=b"}, "url", id="a query"),
        pytest.param({"answers": "sometimes"}, "answers", id="another way"),
        pytest.param({"answers": "polling"}, "poll_every", id="polling without a period"),
        pytest.param({"poll_every": "PT1M"}, "poll_every", id="a period without polling"),
        pytest.param({"answers": "polling", "poll_every": "soon"}, "poll_every", id="no period"),
        pytest.param({"answers": "polling", "poll_every": "PT0S"}, "poll_every", id="no time at all"),
        pytest.param({"store": "spindata"}, "asked", id="an unknown setting"),
        pytest.param({"credential": ""}, "asked", id="an empty credential"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(settings, word):
    vendor = Vendor(**settings)
    with pytest.raises(DataMapInvalid, match=f"service vendor: settings: .*{word}"):
        vendor.connector.check(vendor.service, vendor.dataset)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"credential": "vendor"},
        {"answers": "callback"},
        {"answers": "polling", "poll_every": "PT30S"},
        {"url": "http://127.0.0.1:8123/v1"},
        {"url": "http://[::1]:8123"},
    ],
)
def test_settings_that_work_are_taken(settings):
    vendor = Vendor(**settings)
    vendor.connector.check(vendor.service, vendor.dataset)


@pytest.mark.parametrize("name", ["n" * 41, "two words", "two\r\nlines", "żółw"])
def test_a_name_that_cannot_stand_in_a_header_is_refused(name):
    vendor = Vendor()
    named = vendor.dataset.model_copy(update={"settings": {"name": name}})
    with pytest.raises(DataMapInvalid, match="dataset rows: settings: name"):
        vendor.connector.check(vendor.service, named)
