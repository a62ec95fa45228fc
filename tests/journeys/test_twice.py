"""Every command arrives again and again, at every stage and after the end: nothing happens twice."""

import asyncio
from uuid import UUID

import pytest
from message_bus import MessageBus

from samples.people import PEOPLE
from shared.adapters.azure_tables_rows import unpacked
from shared.domain.request import Request
from shared.messages.commands import AssembleExport, PlanRequest, RunServiceTask, SendCode, SendNotice

pytestmark = pytest.mark.stack

TIMES = 2


async def commands_of(storage, request_id):
    """Every command that a request may ever have been sent, by what its own rows say."""
    request = UUID(request_id)
    rows = [row for row in await storage.rows("spinstate", "Requests") if row["PartitionKey"] == request_id]
    tasks = [row["RowKey"].removeprefix("task:") for row in rows]
    [kept] = [unpacked(Request, row, "dossier") for row in rows if row["RowKey"] == "request"]
    told = {"answered", *(one.notice for one in kept.told)}
    return [
        SendCode(request_id=request, issue=1),
        PlanRequest(request_id=request),
        *(RunServiceTask(request_id=request, task=task, lane="stores") for task in tasks if "." in task),
        AssembleExport(request_id=request),
        *(SendNotice(request_id=request, notice=notice) for notice in told),
    ]


async def sent_again(bus, commands):
    """Send every command several times under new ids, and once under its own; return when all were handled."""
    await bus.send(commands * TIMES, anew=True)
    await bus.send(commands)
    await bus.calm()


async def everything_about(visitors, storage, someone, request_id):
    """What must not change: the whole history, the request as its person sees it, its package, its mails."""
    operator = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator")
    seen = (await operator.call("GET", f"/api/v1/ops/requests/{request_id}")).json()
    assert len(seen["history"]) >= 4
    package = await storage.read("spinexports", "packages", f"{request_id}/package.zip")
    names = await storage.blob_names("spinexports", request_id)
    mails = [one.message_id for one in visitors.outbox.letters() if request_id in one.text]
    return seen, await someone.show(request_id), package, names, mails


@pytest.mark.parametrize("by_mail", [True, False])
async def test_commands_sent_again_after_the_end_change_nothing(stack, visitors, storage, by_mail):
    who = PEOPLE["jan-finance"]
    if by_mail:
        someone, request_id = await visitors.proven(who.email)
    else:
        someone = await visitors.signed_in(who)
        request_id = (await someone.ask())["id"]
    ended = await someone.ended(request_id)
    both = [ended, *ended["cases"]]
    assert len(both) == 1 + (not by_mail)
    for one in both:
        await visitors.outbox.newest(who.email, saying=one["export"]["id"])
    async with MessageBus(stack.told) as bus:
        await bus.calm()
        before = [await everything_about(visitors, storage, someone, one["id"]) for one in both]
        commands = [command for one in both for command in await commands_of(storage, one["id"])]
        assert len(commands) >= 6 * len(both)
        assert by_mail or SendNotice(request_id=UUID(request_id), notice="announced") in commands
        await sent_again(bus, commands)
        assert [await everything_about(visitors, storage, someone, one["id"]) for one in both] == before
        assert await bus.dead() == {}


async def test_commands_sent_again_at_every_stage_change_nothing_but_the_work_they_ask_for(stack, visitors, storage):
    who, someone = PEOPLE["danielle"], await visitors.anyone()
    request_id = (await someone.ask(who.email))["id"]
    letter = await visitors.outbox.newest(who.email, saying=request_id)
    async with MessageBus(stack.told) as bus:
        await sent_again(bus, await commands_of(storage, request_id))
        operator = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator")
        seen = (await operator.call("GET", f"/api/v1/ops/requests/{request_id}")).json()
        assert seen["status"] == "identity_pending", "no command may stand in for a proof"
        await someone.confirm(request_id, letter.code)
        again = asyncio.create_task(_again_and_again(bus, storage, request_id))
        ended = await someone.ended(request_id)
        answer = await visitors.outbox.newest(who.email, saying=ended["export"]["id"])
        await again
        assert ended["status"] == "completed"
        await someone.download(*answer.link)
        seen = (await operator.call("GET", f"/api/v1/ops/requests/{request_id}")).json()
        happened = [entry["event"] for entry in seen["history"]]
        for once in ("identity_proven", "planned", "collected", "assembled"):
            assert happened.count(once) == 1, happened
        assert seen["waitsFor"] == []
        mails = [one for one in visitors.outbox.letters() if request_id in one.text]
        assert len({one.message_id for one in mails}) == 2, "one code and one answer"
        packages = [name for name in await storage.blob_names("spinexports", request_id) if "packages/" in name]
        assert packages == [f"packages/{request_id}/package.zip"]
        assert await bus.dead() == {}


async def _again_and_again(bus, storage, request_id):
    for _ in range(3):
        await sent_again(bus, await commands_of(storage, request_id))
