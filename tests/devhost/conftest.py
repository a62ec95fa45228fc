"""A small stack that the tests of this folder share."""

import pytest
from small_stack import write_app

from devhost.stack import Stack


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The folder of an app with one function, `hello`, and one queue, `parcels`."""
    return write_app(tmp_path_factory.mktemp("small") / "app")


@pytest.fixture(scope="session")
async def shared(app, tmp_path_factory):
    """A running stack: leave it running."""
    async with Stack(tmp_path_factory.mktemp("shared"), app=app) as running:
        yield running
