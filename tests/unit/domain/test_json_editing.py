"""Values inside JSON text are changed to the byte, in the type they have."""

import pytest

from shared.domain.corrected_values import fitted, says
from shared.domain.errors import Permanent
from shared.domain.json_editing import edited


@pytest.mark.parametrize(
    ("text", "values", "after"),
    [
        pytest.param('{"a":"x", "b":1.10}', {"a": "y"}, '{"a":"y", "b":1.10}', id="a text"),
        pytest.param('{"a" : 1,"b":  1.0e2 }', {"a": "12"}, '{"a" : 12,"b":  1.0e2 }', id="a number"),
        pytest.param('{"a":1.5}', {"a": "2"}, '{"a":2.0}', id="a fraction"),
        pytest.param('{"a":true}', {"a": "False"}, '{"a":false}', id="a truth"),
        pytest.param('{"a":1.00000000000000000001}', {"a": "2.5"}, '{"a":2.5}', id="a number no float holds"),
        pytest.param('{"a":"x"}', {"a": 'zoë "\n'}, '{"a":"zo\\u00eb \\"\\n"}', id="what needs escaping"),
        pytest.param('{"a":"zoë"}', {"a": "zoë"}, '{"a":"zoë"}', id="what says so already"),
        pytest.param('{"a":1.50}', {"a": "1.5"}, '{"a":1.50}', id="the same number, otherwise written"),
        pytest.param('{"a":null}', {"a": "x"}, '{"a":"x"}', id="nothing yet"),
        pytest.param('{"b":1}', {"a": "x"}, '{"b":1, "a": "x"}', id="no such field yet"),
        pytest.param("{}", {"a.b": "x"}, '{"a": {"b": "x"}}', id="no such path yet"),
        pytest.param('{"a":{"b":"x","c":2}}', {"a.b": "y"}, '{"a":{"b":"y","c":2}}', id="nested"),
        pytest.param('{"a":[{"b":"x"},{"b":"z"}]}', {"a.b": "y"}, '{"a":[{"b":"y"},{"b":"y"}]}', id="in a list"),
        pytest.param(
            '{"a":"{\\"b\\": 1, \\"c\\": 1.50}"}',
            {"a.b": "2"},
            '{"a":"{\\"b\\": 2, \\"c\\": 1.50}"}',
            id="JSON in a string",
        ),
        pytest.param('{"a":"x","a":"y"}', {"a": "z"}, '{"a":"z","a":"z"}', id="a name that stands twice"),
        pytest.param('{"a":"x","b":"y"}', {"b": "2", "a": "1"}, '{"a":"1","b":"2"}', id="two fields"),
        pytest.param('[{"a":"x"},7,{"a":"z"}]', {"a": "y"}, '[{"a":"y"},7,{"a":"y"}]', id="a list of objects"),
        pytest.param('{"a":[]}', {"a.b": "y"}, '{"a":[]}', id="no place for it"),
    ],
)
def test_only_the_value_changes(text, values, after):
    assert edited(text, values) == after
    assert edited(after, values) == after


def test_of_a_list_only_what_was_chosen_changes():
    text = '[ {"of":"anna","a":1} ,{"of":"ben","a":1.0}]'
    assert edited(text, {"a": "2"}, lambda one: one["of"] == "anna") == '[ {"of":"anna","a":2} ,{"of":"ben","a":1.0}]'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('{"a":1}', "canary", id="a number"),
        pytest.param('{"a":1}', "1.5", id="a whole number"),
        pytest.param('{"a":true}', "canary", id="a truth"),
        pytest.param('{"a":"2026-11-01T10:00:00Z"}', "canary", id="a time"),
        pytest.param('{"a":{"b":1}}', "canary", id="an object"),
        pytest.param('{"a":[1]}', "canary", id="a list"),
    ],
)
def test_what_does_not_fit_is_refused_without_being_repeated(text, value):
    with pytest.raises(Permanent, match=r"^value_does_not_fit$"):
        edited(text, {"a": value})


def test_a_path_through_a_plain_value_is_refused():
    for text in ('{"a":1}', '{"a":"text"}', '{"a":"{broken"}', '{"a":[1]}'):
        with pytest.raises(Permanent, match="value_does_not_fit"):
            edited(text, {"a.b": "x"})


def test_what_is_no_json_is_no_json():
    with pytest.raises(ValueError, match="Expecting"):
        edited('{"a":', {"a": "x"})


@pytest.mark.parametrize(
    ("value", "text", "does"),
    [
        ("Anna", "Anna", True),
        ("0612", "612", False),
        ("10.50", "10.5", True),
        (12, "12", True),
        (12, "canary", False),
        (1.5, "1.50", True),
        (True, "true", True),
        (1, "true", False),
        ("2026-11-01T09:00:00Z", "2026-11-01T10:00:00+01:00", True),
        ("2026-11-01T09:00:00Z", "2026-11-01T10:00:00Z", False),
        ("2026-11-01T09:00:00Z", "not a time", False),
        (None, "", False),
        (["a"], "a", False),
    ],
)
def test_a_field_says_what_was_asked_for_or_not(value, text, does):
    assert says(value, text) is does


def test_a_field_without_a_value_takes_the_text():
    assert fitted("12", None) == "12"
