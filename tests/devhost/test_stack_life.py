"""A stack's life: it starts, mends itself, ends whole, and keeps what it was given, however it ended."""

import os
import signal

import httpx
import psutil
import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables.aio import TableServiceClient
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.storage.blob.aio import BlobServiceClient
from small_stack import PATIENCE, ended, eventually, family, write_app

from devhost.errors import StackError
from devhost.stack import Stack

pytestmark = pytest.mark.stack


def hello(stack):
    """What the app answers, or None while it does not."""
    try:
        return httpx.get(f"{stack.url}/api/hello", timeout=PATIENCE).text
    except httpx.TransportError:
        return None


class Contents:
    """What somebody keeps in a stack's stores and on its bus."""

    def __init__(self, stack):
        told = stack.told
        trusting = {"connection_verify": told["ca_file"]}
        key = told["storage_keys"]["spindata"]
        named = AzureNamedKeyCredential("spindata", key)
        self.tables = TableServiceClient(told["env"]["STORE_SPINDATA_TABLES_URL"], credential=named, **trusting)
        shared = {"account_name": "spindata", "account_key": key}
        self.blobs = BlobServiceClient(told["env"]["STORE_SPINDATA_BLOBS_URL"], credential=shared, **trusting)
        self.bus = ServiceBusClient.from_connection_string(told["env"]["ServiceBus"])

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        for client in (self.tables, self.blobs, self.bus):
            await client.close()

    async def put(self, text):
        async with self.bus.get_queue_sender("parcels") as sender:
            await sender.send_messages(ServiceBusMessage(text))
        container = self.blobs.get_container_client("kept")
        await container.create_container()
        await container.upload_blob("blob", text)
        table = await self.tables.create_table("kept")
        await table.create_entity({"PartitionKey": "row", "RowKey": "row", "text": text})

    async def get(self):
        row = await self.tables.get_table_client("kept").get_entity("row", "row")
        blob = await self.blobs.get_blob_client("kept", "blob").download_blob(encoding="utf-8")
        async with self.bus.get_queue_receiver("parcels") as receiver:
            (message,) = await receiver.receive_messages(max_wait_time=PATIENCE)
            await receiver.complete_message(message)
        return row["text"], await blob.readall(), str(message)


async def test_a_running_stack_answers(shared):
    assert hello(shared) == "hello"
    assert shared.told["url"] == shared.url


async def test_what_it_tells_of_itself_is_for_this_user_alone(shared):
    holding_secrets = [shared.data / name for name in ("stack.json", "secrets.json")]
    assert {path.stat().st_mode & 0o777 for path in holding_secrets} == {0o600}


async def test_everything_listens_on_this_machine_alone(shared):
    listening = {
        one.laddr.ip
        for process in family(shared)
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


@pytest.mark.parametrize("part", ["host", "bus", "storage"])
async def test_a_part_that_is_killed_is_started_again(shared, part):
    first = shared.told["pids"][part]
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: shared.told["pids"][part] != first)
    assert await eventually(lambda: hello(shared)) == "hello"


async def test_two_stacks_stand_side_by_side_and_each_ends_whole(tmp_path, app, shared):
    async with Stack(tmp_path / "other", app=app) as other:
        assert hello(other) == hello(shared) == "hello"
        assert not set(other.told["ports"].values()) & set(shared.told["ports"].values())
        async with Contents(other) as kept:
            await kept.put("parcel")
        processes = family(other)
        assert len(processes) >= 5, "its own, storage, bus, host and worker"
    assert [one for one in processes if one.is_running()] == []
    assert hello(shared) == "hello"
    with pytest.raises(StackError, match="no stack is running"):
        _ = other.told
    async with Stack(tmp_path / "other", app=app) as again, Contents(again) as kept:
        assert await kept.get() == ("parcel", "parcel", "parcel")


async def test_a_killed_stack_takes_its_processes_along_and_loses_nothing(tmp_path, app):
    stack = Stack(tmp_path, app=app)
    await stack.start()
    async with Contents(stack) as kept:
        await kept.put("parcel")
    processes = family(stack)
    await stack.kill()
    await ended(processes)
    async with stack, Contents(stack) as kept:
        assert await kept.get() == ("parcel", "parcel", "parcel")


async def test_a_stack_may_be_started_while_the_killed_one_is_still_ending(tmp_path, app):
    stack = Stack(tmp_path, app=app)
    await stack.start()
    token = stack.token("noordzee", "anna")
    await stack.kill()
    async with stack:
        assert hello(stack) == "hello"
        assert stack.token("noordzee", "anna").split(".")[0] == token.split(".")[0], "signed by another key"


async def test_settings_given_reach_the_app(tmp_path):
    source = """
import os
import azure.functions as func

app = func.FunctionApp()


@app.route(route="hello", auth_level=func.AuthLevel.ANONYMOUS)
async def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"{os.environ['COLOUR']} {os.environ['MAIL_KIND']}")
"""
    app = write_app(tmp_path / "app", source)
    settings = {"COLOUR": "red=green", "MAIL_KIND": "none"}
    async with Stack(tmp_path / "data", app=app, settings=settings) as stack:
        assert hello(stack) == "red=green none"


async def test_a_stack_that_cannot_start_says_why_and_leaves_nothing(tmp_path):
    stack = Stack(tmp_path / "data", app=write_app(tmp_path / "app", "raise ValueError('no')"))
    with pytest.raises(StackError, match="host did not start: ValueError"):
        await stack.start()
    left = [one for one in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(one.info["cmdline"] or [])]
    assert left == []
