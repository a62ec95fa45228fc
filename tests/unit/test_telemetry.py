"""The trace that goes along over the bus."""

import pytest

from shared.telemetry import traceparent, within_trace

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_trace_lasts_as_long_as_the_work():
    with within_trace(TRACE):
        assert traceparent() == TRACE
        with within_trace(None):
            assert traceparent() is None
        assert traceparent() == TRACE
    assert traceparent() is None


@pytest.mark.parametrize("given", ["|anna@noordzee.example.1_", f"{TRACE}\n", TRACE.upper(), "00-aa-bb-01", "x" * 9000])
def test_what_a_caller_may_have_made_up_goes_nowhere(given):
    with within_trace(given):
        assert traceparent() is None
