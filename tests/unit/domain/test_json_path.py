"""Dotted paths into JSON, and numbers that lose nothing."""

import json

import pytest

from shared.domain.json_path import DEEPEST, parse_json, projected, strings_at, tree_of, values_at

DOCUMENT = {
    "owner": "anna",
    "tags": [{"owner": "ben"}, {"owner": ["cas", "dirk"]}, "loose", {"other": 1}],
    "text": '{"owner": {"id": 42}}',
    "broken": '{"owner": ',
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("owner", ["anna"]),
        ("tags.owner", ["ben", "cas", "dirk"]),
        ("text.owner.id", [42]),
        ("broken.owner", []),
        ("owner.name", []),
        ("absent", []),
        ("none", [None]),
        ("none.more", []),
    ],
)
def test_values_are_found_through_lists_and_json_text(path, found):
    assert list(values_at(DOCUMENT, path)) == found


def test_only_texts_and_whole_numbers_can_be_identifiers():
    assert list(strings_at({"a": ["x", 7, True, 1.5, None, {"b": "y"}]}, "a")) == ["x", "7"]


def test_a_projection_holds_what_is_named_and_nothing_beside_it():
    tree = tree_of(["owner.deeper", "tags.owner", "text"])
    assert projected(DOCUMENT, tree) == {
        "tags": [{"owner": "ben"}, {"owner": ["cas", "dirk"]}, {}],
        "text": '{"owner": {"id": 42}}',
    }


def test_a_whole_branch_wins_over_its_parts():
    assert projected({"a": {"b": 1, "c": 2}}, tree_of(["a.b", "a"])) == {"a": {"b": 1, "c": 2}}


@pytest.mark.parametrize("text", ["1.5", "0.1", "1e-7", "1.10", "12345678901234567890", "-0.0"])
def test_numbers_that_fit_stay_numbers(text):
    assert parse_json(text) == json.loads(text)
    assert not isinstance(parse_json(text), str)


@pytest.mark.parametrize("text", ["0.12345678901234567890123", "1e999", "123456789.123456789123456789"])
def test_numbers_that_no_float_holds_stay_as_they_were_written(text):
    assert parse_json(text) == text


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "[" * 100_000])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_json(text)


@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_what_is_nested_beyond_all_sense_is_refused_before_anybody_walks_it(opening):
    closing = "}" if opening.startswith("{") else "]"
    assert list(values_at(parse_json(opening * DEEPEST + "1" + closing * DEEPEST), "b")) in ([], [1])
    for depth in (DEEPEST + 1, 1_100, 3_000, 100_000):
        with pytest.raises(ValueError, match="nested too deeply"):
            parse_json(opening * depth + "1" + closing * depth)


def test_many_brackets_side_by_side_are_no_depth():
    assert len(parse_json("[" + ",".join(["[[1]]"] * 1000) + "]")) == 1000


def test_a_number_whose_exponent_no_decimal_holds_stays_as_it_was_written():
    assert parse_json('{"n": [1e9999999999999999999, 1e-9999999999999999999]}') == {
        "n": ["1e9999999999999999999", "1e-9999999999999999999"]
    }
