"""Hosts that tests start, and end with them."""

from contextlib import AsyncExitStack

import pytest
from apps import HTTP_APP
from running_host import RunningHost


@pytest.fixture
async def start_host(tmp_path):
    """Start a host over an app's source; it ends with the test."""
    async with AsyncExitStack() as stack:

        async def start(source, *, until="ready http", **options):
            host = await RunningHost(tmp_path, source, **options).start(until)
            stack.push_async_callback(host.stop)
            return host

        yield start


@pytest.fixture(scope="session")
async def http_host(tmp_path_factory):
    """A host with many HTTP functions, shared because none of them changes anything."""
    host = await RunningHost(tmp_path_factory.mktemp("http"), HTTP_APP).start()
    yield host
    assert await host.stop() == 0
