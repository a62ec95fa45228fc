"""A broker in a process of its own, and SDK clients that the whole directory shares."""

import json

import pytest
from azure.servicebus.aio import ServiceBusClient
from running_broker import CONFIG, Bus, RunningBroker

from devhost.servicebus.broker import Broker
from devhost.servicebus.config import load_config


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    running = RunningBroker(tmp_path_factory.mktemp("broker")).start()
    yield running
    code, said = running.end()
    assert (code, said) == (0, "")


@pytest.fixture(scope="session")
async def bus(broker):
    async with ServiceBusClient.from_connection_string(broker.connection_string, retry_total=0) as client:
        shared = Bus(client)
        await shared.warm(*queue_names())
        yield shared
        await shared.close()


@pytest.fixture
def own_broker(tmp_path):
    """A broker for one test, which may kill it."""
    running = RunningBroker(tmp_path)
    yield running
    if running.process is not None:
        if running.process.poll() is None:
            running.process.kill()
        running.process.communicate(timeout=10)


@pytest.fixture
async def inner_broker(tmp_path):
    """A broker in this process, without its socket."""
    broker = Broker(load_config(CONFIG), tmp_path / "bus.sqlite", "local")
    yield broker
    broker.stop()


def queue_names():
    """The queues whose tests use the usual receiver; one that waits elsewhere would take their messages."""
    namespace = json.loads(CONFIG.read_text())["UserConfig"]["Namespaces"][0]
    return [queue["Name"] for queue in namespace["Queues"] if queue["Name"] != "handed-over"]
