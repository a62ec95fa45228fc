"""The connector for services outside, against the sample vendor in its own process, over real HTTP."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from places import ELSEWHERE, HERE, dataset_of, fresh_name, identifier, service_of

from samples.vendor_service.running import running_vendor
from shared.adapters.egress_rules import Credential, EgressRules
from shared.adapters.https_egress import HttpsEgress
from shared.connectors.http_service import CALLED_BACK_WITHIN, HttpService
from shared.domain.errors import Permanent, StaleState, Transient
from shared.ports.connector import Erased, Erasure, Ticket

WITHIN = 10.0
TASK = "3f2b8c1e-0000-4000-8000-000000000001.erase-0.0.vendor"
ANNA, BEN = identifier("anna@x.example"), identifier("ben@x.example")
OF_ANNA = [{"name": "upn", "value": "anna@x.example", "tenant": HERE}]


def row(value, number, tenant=HERE):
    return {"upn": value, "tenantId": tenant, "number": number, "note": f"żółw of {value}", "secret": "k3y"}


class Asked:
    """One dataset of a vendor, with the connector that reaches it."""

    def __init__(self, vendor, answers, *, patience=10.0, **settings):
        self.vendor, self.name = vendor, fresh_name()
        limit = aiohttp.ClientTimeout(total=patience)
        held = {"VENDOR": Credential(origin=vendor.url, token="t0ken")}
        self.egress = HttpsEgress(EgressRules(lambda: [vendor.url], held, [vendor.url]), timeout=limit)
        self.connector = HttpService(self)
        ways = [{"identifier": "upn", "how": "field", "at": {"name": "upn"}}]
        self.dataset = dataset_of({"name": self.name}, ways)
        polls = {"poll_every": "PT1S"} if answers == "polling" else {}
        self.service = service_of(
            "http_service", self.dataset, {"url": vendor.url, "answers": answers} | polls | settings
        )
        self.connector.check(self.service, self.dataset)
        vendor.shelf.add(self.name, [])
        self.proceeded = 0
        self.callback = ("http://127.0.0.1:9/nobody", "c1.1.none")
        reach, self.egress = self.egress, lambda: reach
        self.close = reach.close

    def put(self, *rows):
        self.vendor.shelf.add(self.name, rows)

    async def fault(self, path, kind, times=1):
        target = f"{self.vendor.url}/faults/{path}?kind={kind}&times={times}"
        assert (await self.egress().call("PUT", target)).status == 204

    async def records(self, *identifiers, position=None):
        pages = self.connector.export(self.service, self.dataset, identifiers, position)
        return [record["number"] async for page in pages for record in page.records]

    async def count(self, *identifiers):
        (step,) = [step async for step in self.connector.count(self.service, self.dataset, identifiers)]
        return step.count

    async def erase(self, *identifiers, position=None, answer=None, action="delete", task=TASK, stopped=False):
        async def may_proceed():
            self.proceeded += 1
            if stopped:
                raise StaleState(task)

        url, token = self.callback
        ticket = Ticket(id=task, callback_url=url, callback_token=token)
        erasure = Erasure(action=action, may_proceed=may_proceed, ticket=ticket, answer=answer)
        steps = self.connector.erase(self.service, self.dataset, identifiers or [ANNA], erasure, position)
        (step,) = [step async for step in steps]
        return step

    async def until_done(self, step):
        deadline = time.monotonic() + WITHIN
        while step.position is not None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
            step = await self.erase(position=step.position)
        return step


@pytest.fixture(scope="module", params=["at_once", "polling", "callback"])
async def each_vendor(request, tmp_path_factory):
    async with running_vendor(tmp_path_factory.mktemp(request.param), request.param) as vendor:
        vendor_mode = request.param
        yield vendor, vendor_mode


@pytest.fixture
async def system(each_vendor):
    vendor, mode = each_vendor
    made = Asked(vendor, mode)
    async with called_back() as calls:
        made.calls = calls
        made.callback = (calls.url, "c1.7.secret")
        yield made
    await made.close()


@pytest.fixture(scope="module")
async def callback_vendor(tmp_path_factory):
    async with running_vendor(tmp_path_factory.mktemp("calling-back"), "callback") as vendor:
        yield vendor


@pytest.fixture
async def calling_back(callback_vendor):
    made = Asked(callback_vendor, "callback")
    await made.fault("callback", "never")
    yield made
    await made.close()


@asynccontextmanager
async def asked(folder, mode="at_once", *, settings=(), patience=10.0, **options):
    async with running_vendor(folder, mode, **options) as vendor:
        made = Asked(vendor, mode, patience=patience, **dict(settings))
        yield made
        await made.close()


class Calls:
    """Where the vendor calls back: what came, and how it was answered."""

    def __init__(self):
        self.came, self.answers = [], []

    async def handle(self, request):
        self.came.append((request.headers["X-Privacy-Callback"], await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 204)

    async def wait_for(self, count):
        deadline = time.monotonic() + WITHIN
        while len(self.came) < count:
            assert time.monotonic() < deadline, self.came
            await asyncio.sleep(0.01)
        return [body for _, body in self.came]


@asynccontextmanager
async def called_back():
    calls, application = Calls(), web.Application()
    application.router.add_post("/callback", calls.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    calls.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/callback"
    yield calls
    await runner.cleanup()


async def finished(system, **options):
    """Go through with an erasure, whichever way the vendor answers."""
    before = len(system.calls.came)
    step = await system.erase(**options)
    if system.service.settings["answers"] == "callback" and step.position is not None:
        body = (await system.calls.wait_for(before + 1))[-1]
        return await system.erase(position=step.position, answer=body)
    return await system.until_done(step)


async def test_what_is_theirs_goes_and_everybody_elses_stays_to_the_byte(system):
    system.put(row("anna@x.example", 1), row("ben@x.example", 2), row("anna@x.example", 3, ELSEWHERE))
    system.put(row("anna@x.example", 4))
    lines = system.vendor.raw(system.name).splitlines(keepends=True)
    assert await system.records(ANNA) == [1, 4]
    assert await system.count(ANNA) == 2
    assert await finished(system) == Erased(count=2, stated=True)
    assert await system.count(ANNA) == 0
    assert await system.records(ANNA) == []
    assert system.vendor.raw(system.name) == lines[1] + lines[2]
    assert system.proceeded == 1


async def test_an_unknown_person_is_a_statement_of_nothing(system):
    system.put(row("ben@x.example", 1))
    assert await system.count(ANNA) == 0
    assert await finished(system) == Erased(count=0, stated=True)
    assert await system.records(BEN) == [1]


async def test_a_repeat_says_the_same_and_erases_what_came_back(system):
    system.put(row("anna@x.example", 1))
    assert (await finished(system)).count == 1
    assert (await finished(system)).count == 1
    system.put(row("anna@x.example", 2))
    assert (await finished(system)).count == 2
    assert await system.count(ANNA) == 0


async def test_an_anonymised_record_is_found_no_more_and_stays(system):
    system.put(row("anna@x.example", 1), row("ben@x.example", 2))
    kept = system.vendor.raw(system.name).splitlines()[1]
    assert (await finished(system, action="anonymise")).count == 1
    assert await system.count(ANNA) == 0
    anonymised, other = system.vendor.raw(system.name).splitlines()
    assert other == kept
    assert json.loads(anonymised)["number"] == 1
    assert b"anna" not in anonymised


async def test_where_it_may_not_proceed_nothing_is_sent(system):
    system.put(row("anna@x.example", 1))
    with pytest.raises(StaleState):
        await system.erase(stopped=True)
    assert await system.count(ANNA) == 1
    assert system.calls.came == []


async def test_many_records_come_in_pages_that_go_on_in_another_process(system):
    system.put(*(row("anna@x.example", number) for number in range(1205)))
    pages = [page async for page in system.connector.export(system.service, system.dataset, [ANNA])]
    assert [len(page.records) for page in pages] == [500, 500, 205]
    assert await system.records(ANNA, position=pages[0].position) == list(range(500, 1205))


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("throttled", Transient, "throttled"),
        ("broken", Transient, "status_500"),
        ("denied", Permanent, "access_denied"),
        ("empty", Permanent, "no_evidence"),
        ("garbage", Permanent, "no_evidence"),
        ("claims_without_count", Permanent, "no_evidence"),
        ("claims_with_rest", Permanent, "no_evidence"),
        ("gave_up", Permanent, "vendor_failed"),
        ("huge", Permanent, "answer_too_large"),
        ("bomb", Permanent, "answer_too_large"),
        ("redirect", Permanent, "redirected"),
    ],
)
async def test_what_is_no_evidence_is_not_taken_for_any(system, kind, error, code):
    system.put(row("anna@x.example", 1))
    await system.fault("erasure", kind)
    with pytest.raises(error) as caught:
        await system.erase()
    assert caught.value.code == code
    assert await system.count(ANNA) == 1
    assert (await finished(system)).count == 1


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("throttled", Transient, "throttled"),
        ("broken", Transient, "status_500"),
        ("empty", Permanent, "answer_unreadable"),
        ("garbage", Permanent, "answer_unreadable"),
        ("claims_without_count", Permanent, "answer_unreadable"),
        ("bomb", Permanent, "answer_too_large"),
    ],
)
async def test_a_count_or_an_export_that_goes_wrong_is_no_zero(system, kind, error, code):
    for path, ask in (("count", system.count), ("export", system.records)):
        await system.fault(path, kind)
        with pytest.raises(error) as caught:
            await ask(ANNA)
        assert caught.value.code == code
        assert getattr(caught.value, "retry_after", None) == (7 if kind == "throttled" else None)


async def test_a_vendor_that_took_it_over_is_asked_again_and_only_then_done(tmp_path):
    async with asked(tmp_path, "polling", takes=0.2) as system:
        system.put(row("anna@x.example", 1))
        step = await system.erase()
        assert (step.count, step.ask_again, step.stated) == (0, timedelta(seconds=1), True)
        assert await system.count(ANNA) == 1
        again = await system.erase(position=step.position)
        assert (again.position, again.ask_again) == (step.position, timedelta(seconds=1))
        assert await system.until_done(again) == Erased(count=1, stated=True)
        assert system.proceeded == 1


async def test_a_vendor_that_forgot_its_job_is_asked_anew(tmp_path):
    async with asked(tmp_path, "polling", takes=3600) as system:
        system.put(row("anna@x.example", 1))
        step, name = await system.erase(), system.name
    async with asked(tmp_path, "polling") as system:
        system.dataset = system.dataset.model_copy(update={"settings": {"name": name}})
        again = await system.erase(position=step.position)
        assert again.position is not None
        assert system.proceeded == 1
        assert (await system.until_done(again)).count == 1


async def test_a_job_that_failed_is_no_evidence(tmp_path):
    async with asked(tmp_path, "polling", takes=3600) as system:
        step = await system.erase()
        for kind, code in (("gave_up", "vendor_failed"), ("claims_with_rest", "no_evidence"), ("empty", "no_evidence")):
            await system.fault("erasure", kind)
            with pytest.raises(Permanent, match=code):
                await system.erase(position=step.position)


async def test_a_vendor_calls_back_with_its_token_until_it_is_heard(tmp_path):
    async with asked(tmp_path, "callback", takes=0.1) as system, called_back() as calls:
        system.callback, calls.answers = (calls.url, "c1.7.secret"), [503, 409]
        system.put(row("anna@x.example", 1))
        step = await system.erase()
        assert (step.count, step.ask_again) == (0, CALLED_BACK_WITHIN)
        bodies = await calls.wait_for(3)
        assert len(set(bodies)) == 1
        assert {token for token, _ in calls.came} == {"c1.7.secret"}
        assert await system.erase(position=step.position, answer=bodies[0]) == Erased(count=1, stated=True)


async def test_a_callback_that_never_came_is_asked_for_again(tmp_path):
    async with asked(tmp_path, "callback") as system, called_back() as calls:
        system.callback = (calls.url, "c1.8.secret")
        system.put(row("anna@x.example", 1))
        await system.fault("callback", "never")
        step = await system.erase()
        deadline = time.monotonic() + WITHIN
        while await system.count(ANNA):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        assert calls.came == []
        assert await system.erase(position=step.position) == Erased(count=1, stated=True)
        assert system.proceeded == 2


DONE = {"id": "NAME", "count": 1, "remaining": 0}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(b"", "no_evidence", id="empty"),
        pytest.param(b"{", "no_evidence", id="no JSON"),
        pytest.param({"status": "failed", "code": "no_such_person"}, "vendor_failed", id="failed"),
        pytest.param({"status": "done", "datasets": [DONE | {"remaining": 1}]}, "no_evidence", id="a rest"),
        pytest.param({"status": "done", "datasets": [{"id": "NAME", "count": 1}]}, "no_evidence", id="no word of it"),
    ],
)
async def test_a_callback_that_shows_nothing_is_no_evidence(calling_back, answer, code):
    system = calling_back
    body = answer if isinstance(answer, bytes) else json.dumps(answer).replace("NAME", system.name).encode()
    system.put(row("anna@x.example", 1))
    step = await system.erase()
    with pytest.raises(Permanent, match=code):
        await system.erase(position=step.position, answer=body)


async def test_a_callback_about_another_dataset_leaves_this_one_waiting(calling_back):
    system = calling_back
    system.put(row("anna@x.example", 1))
    step = await system.erase()
    stale = json.dumps({"status": "done", "datasets": [DONE | {"id": "other"}]}).encode()
    waits = await system.erase(position=step.position, answer=stale)
    assert (waits.position, waits.ask_again, waits.count) == (step.position, CALLED_BACK_WITHIN, 0)


async def test_a_vendor_that_takes_over_against_its_word_is_no_evidence(tmp_path):
    async with asked(tmp_path) as system:
        await system.fault("erasure", "taken_over")
        with pytest.raises(Permanent, match="no_evidence"):
            await system.erase()


async def test_a_vendor_that_never_answers_is_given_up_in_time(tmp_path):
    async with asked(tmp_path, patience=0.5) as system:
        await system.fault("erasure", "slow")
        with pytest.raises(Transient, match="timed_out"):
            await system.erase()


async def test_a_vendor_that_cannot_count_says_so(tmp_path):
    async with asked(tmp_path, cannot_count=True) as system:
        assert await system.count(ANNA) is None


async def test_a_vendor_asks_for_its_credential(tmp_path):
    async with asked(tmp_path, token="t0ken", settings={"credential": "vendor"}) as system:
        assert await system.count(ANNA) == 0
        bare = system.service.model_copy(update={"settings": {"url": system.vendor.url, "answers": "at_once"}})
        system.service = bare
        with pytest.raises(Permanent, match="access_denied"):
            await system.count(ANNA)
