"""What the whole run shares."""

import pytest
from running_azurite import RunningAzurite


@pytest.fixture(scope="session")
async def azurite(tmp_path_factory):
    """Storage, started once and ended with the run."""
    running = await RunningAzurite(tmp_path_factory.mktemp("azurite")).start()
    yield running
    await running.stop()
