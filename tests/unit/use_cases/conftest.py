"""Every test of a use case leaves no graph behind."""

import pytest

from shared import wiring


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)
