"""Redaction: never is anything left that was to go."""

import pytest

from shared.use_cases.redacting import redacted

RECORD = {
    "body": "whole",
    "a.b": "flat",
    "from": {"name": "Tom", "mails": [{"to": "x", "cc": "y"}, {"to": "z"}]},
    "raw": '{"name": "Tom"}',
    "none": None,
}


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        pytest.param({"body": "-"}, {"body": "-"}, id="a field"),
        pytest.param({"a.b": "-"}, {"a.b": "-"}, id="a field with a dot in its name"),
        pytest.param({"from": "-"}, {"from": "-"}, id="all below"),
        pytest.param({"from.name": "-"}, {"from": RECORD["from"] | {"name": "-"}}, id="one below"),
        pytest.param(
            {"from.mails.to": "-"},
            {"from": {"name": "Tom", "mails": [{"to": "-", "cc": "y"}, {"to": "-"}]}},
            id="through a list",
        ),
        pytest.param({"raw.name": "-"}, {"raw": "-"}, id="text that holds it"),
        pytest.param({"none.name": "-"}, {}, id="nothing there"),
        pytest.param({"missing": "-"}, {}, id="no such field"),
    ],
)
def test_a_path_is_replaced_wherever_it_leads_and_nothing_else(fields, changed):
    before = {**RECORD}
    assert redacted(RECORD, fields) == RECORD | changed
    assert before == RECORD
