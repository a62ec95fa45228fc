"""What the whole run shares."""

import os

import pytest
from running_azurite import RunningAzurite
from running_postgres import NoPostgres, RunningPostgres


@pytest.fixture(scope="session")
async def azurite(tmp_path_factory):
    """Storage, started once and ended with the run."""
    running = await RunningAzurite(tmp_path_factory.mktemp("azurite")).start()
    yield running
    await running.stop()


@pytest.fixture(scope="session")
async def postgres():
    """PostgreSQL, started once and ended with the run. Where there is none, CI fails and others skip."""
    try:
        running = await RunningPostgres().start()
    except NoPostgres as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
    yield running
    await running.stop()
