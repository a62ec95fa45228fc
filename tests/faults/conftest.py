"""The matrix's table, printed at the end of a run."""

import pytest

TABLE = pytest.StashKey[list[tuple[str, int, int, int, int]]]()


@pytest.fixture
def told(request):
    """Take a line of the table: what went wrong, over how many seams, lives and crashes, and how many lives healed."""
    return request.config.stash.setdefault(TABLE, []).append


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash.get(TABLE, [])
    if not lines:
        return
    terminalreporter.section("fault matrix, memory adapters")
    terminalreporter.write_line(f"{'fault':<24}{'seams':>8}{'lives':>8}{'crashes':>9}{'healed':>8}")
    for what, seams, lives, crashes, healed in lines:
        terminalreporter.write_line(f"{what:<24}{seams:>8}{lives:>8}{crashes:>9}{healed:>8}")
