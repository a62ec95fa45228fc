"""Values as parts of keys and names of blobs."""

import pytest

from shared.connectors._ways import in_key

VALUES = [
    ".",
    "..",
    "%2E",
    "%2E%2E",
    "...",
    "a/b",
    "a%2Fb",
    "a%2fb",
    "a\\b",
    "a?b",
    "a#b",
    "a%b",
    "a%25b",
    "a\x00b",
    "é",
]


def test_no_two_values_become_one_key():
    keys = [in_key(value) for value in VALUES]
    assert len(set(keys)) == len(VALUES)


@pytest.mark.parametrize("value", VALUES)
def test_no_value_leads_out_of_the_place_its_template_gives_it(value):
    key = in_key(value)
    assert key not in {".", ".."}
    assert not set(key) & set("/\\#?\x00")


@pytest.mark.parametrize("value", ["o'brien@x.example", "a b+c&d=e", "zoë.łukasz@żółw.example", "v1.2"])
def test_what_keys_can_hold_stays_as_it_is(value):
    assert in_key(value) == value
