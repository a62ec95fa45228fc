"""Somebody empties the bus while requests are on their way, and every one of them ends all the same."""

import asyncio

import pytest
from message_bus import MessageBus
from persistent_person import PersistentPerson
from person import Outbox
from storage_accounts import StorageAccounts

from samples.people import PEOPLE

pytestmark = pytest.mark.stack

WHO = ("anna", "bram", "max", "guest", "shaun", "carmen")
TAKEN = 4  # of every entity


async def goes(stack, outbox, who, key, *, by_mail):
    """One person's way from asking to the package."""
    bearer = None if by_mail else stack.token(who.tenant, who.oid)
    async with PersistentPerson(stack.url, outbox, stack.told["ca_file"], bearer) as person:
        receipt = await person.ask(who.email if by_mail else None, Idempotency_Key=key)
        if by_mail:
            await person.prove(who.email, receipt["id"])
        ended = await person.ended(receipt["id"])
        letter = await outbox.newest(who.email, saying=ended["export"]["id"])
        return ended, await person.fetch(*letter.link)


async def test_requests_end_although_every_entity_was_emptied_under_them(start_stack):
    async with (
        start_stack(REISSUE_AFTER="PT2S", SWEEP_SCHEDULE="*/1 * * * * *") as stack,
        MessageBus(stack.told) as bus,
        StorageAccounts(stack.told) as storage,
    ):
        outbox = Outbox(stack.outbox)
        async with asyncio.TaskGroup() as crowd:
            going = [
                crowd.create_task(goes(stack, outbox, PEOPLE[short], f"{short}-{by_mail}", by_mail=by_mail))
                for short in WHO
                for by_mail in (True, False)
            ]
            await bus.steal(TAKEN)
        ended = [one.result() for one in going]
        assert {request["status"] for request, _ in ended} == {"completed"}
        cases = [case for request, _ in ended for case in request["cases"]]
        assert [case["status"] for case in cases] == ["completed"] * len(WHO), "one for each who signed in"
        ids = {request["id"] for request, _ in ended} | {case["id"] for case in cases}
        packages = [name for name in await storage.blob_names("spinexports") if name.startswith("packages/")]
        assert sorted(packages) == sorted(f"packages/{one}/package.zip" for one in ids)
        await bus.calm()
        assert await bus.dead() == {}
