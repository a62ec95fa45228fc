"""A whole erasure in which a vendor in its own process has a part, however it answers and whatever it does wrong."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from builders import MIRA, TOM, FixedMaps, by, call, data_map, dataset, memory_services, service

from samples.vendor_service.running import running_vendor
from shared import wiring
from shared.adapters.egress_rules import EgressRules
from shared.adapters.https_egress import HttpsEgress
from shared.connectors.http_service import HttpService
from shared.domain.service_task import TaskState, Work
from shared.messages.inputs import SubmitRequest

WITHIN = 15.0
DATASETS = ("subscribers", "clicks")


def services(vendor, mode):
    directory = service(
        "directory",
        dataset(
            "users",
            fields=["oid", "mail"],
            found_by=[by("entra_object_id", "oid")],
            yields=[{"identifier": "email", "field": "mail"}],
        ),
    )
    held = [
        dataset(
            name,
            fields=["email", "list"],
            settings={"name": name},
            found_by=[{"identifier": "email", "how": "field", "at": {"name": "email"}}],
            tenant_field="tenantId",
        )
        for name in DATASETS
    ]
    for one in held:
        one["fields"][0]["name"] = "tenantId"
    polls = {"poll_every": "PT1M"} if mode == "polling" else {}
    settings = {"url": vendor.url, "answers": mode} | polls
    return [directory, service("news", *held, connector="http_service", settings=settings, time_limit="P2D")]


class World:
    """The service over memory, one vendor, and the route it calls back at."""

    def __init__(self, vendor, mode, public_url):
        self.vendor, self.statuses = vendor, []
        self.it = memory_services(
            cooling_off=timedelta(0), public_url=public_url, maps=FixedMaps(data_map(services(vendor, mode)))
        )
        self.it.egress = HttpsEgress(EgressRules(lambda: [vendor.url], {}, [vendor.url]))
        stores = self.it
        self.it.connectors = {"memory": self.it.store, "http_service": HttpService(self)}
        self.egress = lambda: stores.egress
        for name in DATASETS:
            rows = [
                {"email": one.email, "tenantId": one.tenant, "list": f"{one.given} {name}"} for one in (MIRA, TOM, MIRA)
            ]
            vendor.shelf.add(name, rows)
        self.others = {name: vendor.raw(name).splitlines(keepends=True)[1] for name in DATASETS}

    async def fault(self, path, kind, times=1):
        await self.it.egress.call("PUT", f"{self.vendor.url}/faults/{path}?kind={kind}&times={times}")

    async def asked(self):
        request = await self.it.submit(SubmitRequest(rights=("erasure",)), MIRA.caller(), "en", "api", b"{}", None)
        self.id = request.id
        return self

    async def task(self):
        case = await self.it.requests.load(self.id)
        return next((one for one in case.of(Work.ERASE) if one.service == "news"), None)

    async def until(self, holds, *, minutes=5):
        """Let the service work, its time pass and the vendor's too, until this holds."""
        deadline = time.monotonic() + WITHIN
        while True:
            await self.it.drain()
            request, task = (await self.it.requests.read(self.id)).row, await self.task()
            if holds(request, task):
                return request, task
            assert time.monotonic() < deadline, (request.state, task)
            await asyncio.sleep(0.02)
            await self.it.sweep(minutes=minutes)

    async def handle(self, request):
        wiring.override(self.it)
        task_id = request.match_info["task_id"]
        answer = await call(
            "callback_take",
            "POST",
            f"/api/v1/callbacks/{task_id}",
            body=await request.read(),
            headers={
                "Content-Type": request.headers["Content-Type"],
                "X-Privacy-Callback": request.headers["X-Privacy-Callback"],
            },
            task_id=task_id,
        )
        self.statuses.append(answer.status)
        return web.Response(status=answer.status)


@asynccontextmanager
async def world(folder, mode, **vendor_options):
    application = web.Application()
    runner = web.AppRunner(application)
    made = []

    async def handle(request):
        return await made[0].handle(request)

    application.router.add_post("/api/v1/callbacks/{task_id}", handle)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    async with running_vendor(folder, mode, **vendor_options) as vendor:
        made.append(World(vendor, mode, url))
        try:
            yield await made[0].asked()
        finally:
            await made[0].it.egress.close()
            await runner.cleanup()
            wiring.override(None)


def ended(request, task):
    return request.state.is_final


def must_be_gone(it, task):
    shown = {one.dataset: (one.count, one.verified) for one in task.receipts}
    assert shown == dict.fromkeys(DATASETS, (2, "looked_again"))
    for name in DATASETS:
        assert it.vendor.raw(name) == it.others[name]


@pytest.mark.parametrize("mode", ["at_once", "polling", "callback"])
async def test_every_dataset_goes_and_the_receipts_say_so(tmp_path, mode):
    async with world(tmp_path, mode, takes=0.1) as it:
        request, task = await it.until(ended)
        assert (request.state.value, task.state) == ("completed", TaskState.DONE)
        must_be_gone(it, task)
        assert it.statuses.count(204) == (2 if mode == "callback" else 0)


async def test_a_wrong_token_and_a_doubled_callback_change_nothing(tmp_path):
    async with world(tmp_path, "callback", takes=0.1) as it:
        await it.fault("callback", "wrong_token")
        await it.until(lambda request, task: 404 in it.statuses, minutes=0)
        task = await it.task()
        assert (task.state, task.answer) == (TaskState.WAITING, None)
        await it.fault("callback", "twice")
        request, task = await it.until(ended, minutes=60)
        assert request.state.value == "completed"
        must_be_gone(it, task)


async def test_an_empty_callback_leaves_the_task_waiting(tmp_path):
    async with world(tmp_path, "callback", takes=0.1) as it:
        await it.fault("callback", "empty")
        await it.until(lambda request, task: 400 in it.statuses, minutes=0)
        task = await it.task()
        assert (task.state, task.answer, task.receipts) == (TaskState.WAITING, None, ())


async def test_a_callback_past_the_time_limit_still_counts_until_an_operator_closes_the_task(tmp_path):
    async with world(tmp_path, "callback", takes=1.0) as it:
        await it.until(lambda request, task: task is not None and task.state is TaskState.WAITING, minutes=0)
        await it.it.sweep(days=3)
        await it.it.drain()
        task = await it.task()
        assert (task.state, task.reason) == (TaskState.MANUAL, "time_limit")
        await it.until(lambda request, task: 204 in it.statuses, minutes=0)
        request, task = await it.until(ended, minutes=60)
        assert request.state.value == "completed"
        must_be_gone(it, task)


@pytest.mark.parametrize("kind", ["garbage", "empty", "claims_with_rest", "bomb", "redirect", "gave_up"])
async def test_what_is_no_evidence_waits_for_an_operator(tmp_path, kind):
    async with world(tmp_path, "at_once") as it:
        await it.fault("erasure", kind, times=99)
        _, task = await it.until(lambda request, task: task is not None and task.state is TaskState.MANUAL)
        assert task.receipts == ()
        assert task.reason in {"no_evidence", "answer_too_large", "redirected", "vendor_failed"}


@pytest.mark.parametrize("kind", ["throttled", "broken"])
async def test_what_passes_is_tried_again(tmp_path, kind):
    async with world(tmp_path, "at_once") as it:
        await it.fault("erasure", kind, times=2)
        request, task = await it.until(ended)
        assert request.state.value == "completed"
        must_be_gone(it, task)
