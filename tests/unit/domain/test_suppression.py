"""Small counts are left out, and so is whatever they could be computed from."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.domain.suppression import suppressed

LEAST = 5


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        pytest.param({"a": 12, "b": 7}, {"a": 12, "b": 7}, id="all are large"),
        pytest.param({"a": 12, "b": 0}, {"a": 12, "b": None}, id="none is not told as none"),
        pytest.param({"a": 12, "b": 7, "c": 1}, {"a": 12, "b": None, "c": None}, id="one small hides the next larger"),
        pytest.param({"a": 9, "b": 3, "c": 2}, {"a": 9, "b": None, "c": None}, id="small ones hide each other"),
        pytest.param({"a": 20, "b": 4}, {"a": None, "b": None}, id="one small of two hides both"),
    ],
)
def test_what_is_told_of_counts(counts, told):
    row = suppressed(counts, LEAST)
    assert row.counts == told
    assert row.total == sum(counts.values())


def test_a_total_that_is_small_itself_is_left_out():
    row = suppressed({"a": 3, "b": 1}, LEAST)
    assert row.total is None
    assert set(row.counts.values()) == {None}


@given(some.dictionaries(some.sampled_from("abcdef"), some.integers(0, 40), min_size=1))
def test_nobody_can_compute_a_small_group_from_what_is_told(counts):
    row = suppressed(counts, LEAST)
    told = {name: count for name, count in row.counts.items() if count is not None}
    assert all(count == counts[name] >= LEAST for name, count in told.items())
    if row.total is not None:
        left = row.total - sum(told.values())
        assert left == 0 or left >= LEAST
