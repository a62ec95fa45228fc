"""The service over memory beside a vendor in its own process, which answers in each of its ways."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta

from aiohttp import web
from builders import MIRA, TOM, FixedMaps, by, call, data_map, dataset, memory_services, service

from samples.vendor_service.running import running_vendor
from shared import wiring
from shared.adapters.egress_rules import EgressRules
from shared.adapters.https_egress import HttpsEgress
from shared.connectors.http_service import HttpService
from shared.domain.service_task import Work
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
            fields=["email", {"name": "list", "category": "user", "rectify": "self"}],
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

    def __init__(self, vendor, mode, public_url, work):
        self.vendor, self.statuses, self.work = vendor, [], work
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

    async def asked(self, **submitted):
        request = await self.it.submit(SubmitRequest(**submitted), MIRA.caller(), "en", "api", b"{}", None)
        self.id = request.id
        return self

    async def task(self):
        case = await self.it.requests.load(self.id)
        return next((one for one in case.of(self.work) if one.service == "news"), None)

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
async def world(folder, mode, work=Work.ERASE, submitted=None, **vendor_options):
    """Run both for as long as the context lives; a request of Mira's is under way."""
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
        made.append(World(vendor, mode, url, work))
        try:
            yield await made[0].asked(**(submitted or {"rights": ("erasure",)}))
        finally:
            await made[0].it.egress.close()
            await runner.cleanup()
            wiring.override(None)


def ended(request, task):
    return request.state.is_final
