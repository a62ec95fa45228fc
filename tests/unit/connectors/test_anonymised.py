"""What is left of a record that is anonymised."""

import pytest

from shared.connectors._anonymised import Anonymised, month_of
from shared.domain.data_map import Dataset

TEXT = {"en": "x", "nl": "x"}


def anonymised(**fields):
    return Anonymised(
        Dataset(
            id="things",
            title=TEXT,
            tenancy="none",
            fields=[
                {"name": name.replace("__", "."), "category": "user", "anonymise": action}
                for name, action in fields.items()
            ],
            found_by=[{"identifier": "email", "how": "field"}],
            purposes=[TEXT | {"id": "testing"}],
            legal_basis="A6-1-b",
            authorisation="user",
            source=TEXT,
            retention={"period": "P30D", "counted_from": "created", "action": "delete", "source": TEXT},
        )
    )


@pytest.mark.parametrize(
    ("fields", "before", "after"),
    [
        pytest.param({"a": "remove"}, {"a": 1, "unnamed": 2}, {}, id="removed"),
        pytest.param({"a": "keep"}, {"a": {"b": [1, None]}, "unnamed": 2}, {"a": {"b": [1, None]}}, id="kept-whole"),
        pytest.param({"a": "constant"}, {"a": {"b": "Anna"}}, {"a": "[erased]"}, id="constant"),
        pytest.param({"a": "constant"}, {}, {}, id="no-constant-for-what-was-not-there"),
        pytest.param({"a": "constant"}, {"a": None}, {}, id="no-constant-for-nothing"),
        pytest.param({"a": "month"}, {"a": "2026-11-14T12:00:00Z"}, {"a": "2026-11-01T00:00:00Z"}, id="month"),
        pytest.param({"a": "month"}, {"a": "last week, said Anna"}, {}, id="no-time-leaves-nothing"),
        pytest.param({"a": "month"}, {"a": 1794657600}, {}, id="a-number-is-no-time"),
        pytest.param({"a": "month"}, {"a": {"of": "Anna"}}, {}, id="an-object-is-no-time"),
        pytest.param({"a__b": "keep"}, {"a": {"b": 1, "c": "Anna"}}, {"a": {"b": 1}}, id="a-part"),
        pytest.param({"a__b": "keep"}, {"a": "Anna"}, {}, id="no-part-in-a-text"),
        pytest.param({"a__b": "keep"}, {"a": [{"b": 1}, "Anna", {"c": 2}]}, {"a": [{"b": 1}, {}]}, id="in-lists"),
        pytest.param(
            {"a": "keep", "a__b": "remove"}, {"a": {"b": "Anna", "c": 1}}, {"a": {"c": 1}}, id="but-for-a-part"
        ),
        pytest.param(
            {"a": "keep", "a__b": "constant"}, {"a": {"b": "Anna"}}, {"a": {"b": "[erased]"}}, id="kept-and-constant"
        ),
        pytest.param({"a": "remove", "a__b": "keep"}, {"a": {"b": 1, "c": "Anna"}}, {"a": {"b": 1}}, id="but-one-part"),
    ],
)
def test_a_document_keeps_what_the_map_keeps(fields, before, after):
    assert anonymised(**fields).document(before) == after


@pytest.mark.parametrize(
    ("fields", "before", "after"),
    [
        pytest.param({"a": "keep"}, '{"b": 1}', '{"b": 1}', id="text-as-it-is"),
        pytest.param({"a__b": "keep"}, '{"b": 1, "c": "Anna"}', '{"b": 1}', id="json-in-part"),
        pytest.param({"a__b": "keep"}, '{"b": ', None, id="broken-json"),
        pytest.param({"a__b": "keep"}, "7", None, id="json-without-parts"),
        pytest.param({"a__b": "remove"}, '{"b": 1}', None, id="no-part-left"),
        pytest.param({"a": "constant", "a__b": "keep"}, '{"b": 1}', "[erased]", id="constant-over-parts"),
        pytest.param({"a": "keep"}, 7, 7, id="number"),
        pytest.param({"a": "keep"}, None, None, id="nothing"),
    ],
)
def test_a_column_keeps_what_the_map_keeps(fields, before, after):
    assert anonymised(**fields).column("a", before) == after


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11-14T12:30:15.2500000Z", "2026-11-01T00:00:00Z"),
        ("2026-11-30T23:30:00-05:00", "2026-12-01T00:00:00Z"),
        ("2026-11-14T12:30:15", "2026-11-01T00:00:00Z"),
        ("2026-11-14", "2026-11-01"),
        ("0001-01-01T00:00:00+14:00", None),
        ("Anna", None),
        ("", None),
    ],
)
def test_a_time_is_cut_to_its_month(text, month):
    assert month_of(text) == month
