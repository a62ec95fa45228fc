"""Whose a row is, is told from what was planted: twins and namesakes are kept apart."""

import pytest

from samples.people import PEOPLE
from samples.raw import Held
from samples.records.shapes import Blob, Row, compact
from samples.traces import marks_of, theirs, touched, values_of

ANNA, TWIN, JAN = (PEOPLE[short] for short in ("anna", "anna-alpenblick", "jan"))


def held(place, *texts):
    return Held(place, " ".join(texts).encode())


def test_marks_are_nobody_elses():
    marks = [marks_of(person) for person in PEOPLE.values()]
    assert len(frozenset().union(*marks)) == sum(map(len, marks))
    assert JAN.email in marks_of(JAN)
    assert ANNA.email not in marks_of(ANNA)


@pytest.mark.parametrize(
    ("one", "is_annas"),
    [
        pytest.param(held("a", ANNA.oid), True, id="by id"),
        pytest.param(held("a", ANNA.oid.upper()), True, id="by id in capitals"),
        pytest.param(held(f"tickets/{ANNA.email}/1", "question"), True, id="by the address in its name"),
        pytest.param(held("a", ANNA.email, ANNA.tenant), True, id="by an address in her tenant"),
        pytest.param(held("a", ANNA.email, TWIN.tenant), False, id="by an address in the twin's tenant"),
        pytest.param(held("a", ANNA.email, TWIN.oid), False, id="with the twin's id"),
        pytest.param(held("a", ANNA.name), False, id="by a name alone"),
        pytest.param(held("a", JAN.email), False, id="somebody else"),
    ],
)
def test_what_is_theirs(one, is_annas):
    assert theirs(ANNA)(one) is is_annas


def test_untouched_is_what_stays_to_the_byte_and_in_order():
    mine, first, second = held("a", JAN.oid), held("b", "1"), held("b", "2")
    before = [mine, first, second]
    assert touched(before, [first, second], theirs(JAN)) == []
    assert touched(before, [first, held("c", "new"), second], theirs(JAN)) == []
    assert touched(before, [second], theirs(JAN)) == ["b"]
    assert touched(before, [first, held("b", "2 ")], theirs(JAN)) == ["b"]
    assert touched(before, [second, first], theirs(JAN)) == ["b"]


def test_values_are_found_in_json_and_in_hostile_text():
    row = Row("leads", "2025", "a/b", {"lead": compact({"name": ["Anna", "x"]}), "text": "{{ 7 * 7 }}"})
    assert set(values_of(row)) == {b"Anna", b"{{ 7 * 7 }}", b"a%2Fb"}
    assert set(values_of(Blob("ideas", "ideas/1.txt", b"mail it", metadata={"submitter": "anna@a.example"}))) == {
        b"mail it",
        b"ideas/1.txt",
        b"anna@a.example",
    }
