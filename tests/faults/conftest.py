"""The matrix's table, printed at the end of a run."""

import pytest


@pytest.fixture
def told(tabled):
    """Take a line of the table: what went wrong, over how many seams, lives and crashes, and how many lives healed."""
    head = f"{'fault':<32}{'seams':>8}{'lives':>8}{'crashes':>9}{'healed':>8}"

    def put(line: tuple[str, int, int, int, int]) -> None:
        what, seams, lives, crashes, healed = line
        tabled("fault matrix, memory adapters", head, f"{what:<32}{seams:>8}{lives:>8}{crashes:>9}{healed:>8}")

    return put
