"""What the whole run shares."""

import os
from collections.abc import Callable

import pytest
from hypothesis import settings
from running_azurite import RunningAzurite
from running_postgres import NoPostgres, RunningPostgres

# How long one example takes says something of the machine alone.
settings.register_profile("everywhere", deadline=None)
settings.load_profile("everywhere")


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


@pytest.fixture
def tabled(request) -> Callable[[str, str, str], None]:
    """Put a line under a title and a head into what is printed at the end of the run, whichever process runs this."""

    def put(title: str, head: str, line: str) -> None:
        request.node.user_properties.append(("table", [title, head, line]))

    return put


def pytest_terminal_summary(terminalreporter):
    """Print what tests put into tables."""
    tables: dict[tuple[str, str], list[str]] = {}
    for report in [one for reports in terminalreporter.stats.values() for one in reports]:
        for name, value in getattr(report, "user_properties", ()):
            if name == "table" and report.when == "call":
                tables.setdefault((value[0], value[1]), []).append(value[2])
    for (title, head), lines in sorted(tables.items()):
        terminalreporter.section(title)
        for line in (head, *lines):
            terminalreporter.write_line(line)
