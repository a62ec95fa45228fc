"""Decisions by people: which ground can stand against which right, and what a second person confirms."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.verdict import GROUNDS, Ground, Outcome, UavgGround, Verdict, fits
from shared.rights import discovered

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OUTCOMES = get_args(Outcome.__value__)
ALL = (*get_args(UavgGround.__value__), *get_args(get_args(Ground.__value__)[1]))

# Right by right: the grounds that the law knows against it, beside those of every right.
ALWAYS = {"identity_not_established", "manifestly_unfounded", "manifestly_excessive"}
UAVG_41 = {f"uavg_41_{letter}" for letter in "abcdefghij"}
TABLE = {
    "access": {"rights_of_others"} | UAVG_41,
    "portability": {"rights_of_others", "right_not_applicable"} | UAVG_41,
    "rectification": {"accuracy_established", "right_not_applicable"} | UAVG_41,
    "erasure": {f"erasure_exempt_{letter}" for letter in "abcde"} | {"right_not_applicable"} | UAVG_41,
    "restriction": {"accuracy_established", "right_not_applicable"} | UAVG_41,
    "objection": {"compelling_grounds", "right_not_applicable"} | UAVG_41,
    "withdraw_consent": {"right_not_applicable"},
    "human_review": {"right_not_applicable"},
}


def verdict(**given):
    return Verdict(**{"part": 0, "outcome": "refused", "proposed_by": "one", "proposed_at": NOW} | given)


@pytest.mark.parametrize("right", sorted(TABLE))
def test_a_right_is_refused_on_the_grounds_that_the_law_knows_against_it_and_no_others(right):
    assert {ground for ground in ALL if fits("refused", ground, right)} == TABLE[right] | ALWAYS
    assert {ground for ground in ALL if fits("partly", ground, right)} == TABLE[right] | ALWAYS


def test_the_table_has_every_right_that_needs_a_ground_and_every_ground():
    assert set(TABLE) | {"complaint", "inquiry"} == set(discovered())
    assert set(GROUNDS) == set(ALL)


@pytest.mark.parametrize("right", sorted(discovered()))
def test_nothing_is_refused_without_a_ground_but_a_complaint_and_nothing_is_granted_with_one(right):
    assert fits("refused", None, right) is (right in {"complaint", "inquiry"})
    assert fits("granted", None, right)
    assert not any(fits("granted", ground, right) for ground in ALL)


@pytest.mark.parametrize("right", sorted(TABLE))
def test_a_fee_is_asked_for_what_is_manifestly_unfounded_or_excessive_alone(right):
    assert {ground for ground in ALL if fits("fee", ground, right)} == {"manifestly_unfounded", "manifestly_excessive"}


@pytest.mark.parametrize("right", ["complaint", "inquiry"])
def test_an_answer_to_a_complaint_costs_nothing_and_rests_on_words(right):
    assert not any(fits("fee", ground, right) for ground in (None, *ALL))
    assert not any(fits("refused", ground, right) for ground in ALL)


@pytest.mark.parametrize(("outcome", "two"), [("granted", False), ("partly", True), ("refused", True), ("fee", True)])
def test_what_goes_against_the_person_takes_two(outcome, two):
    assert verdict(outcome=outcome).against is two


DECISIONS = st.builds(
    verdict,
    part=st.none() | st.integers(0, 3),
    outcome=st.sampled_from(OUTCOMES),
    ground=st.none() | st.sampled_from(ALL),
    text_hash=st.none() | st.sampled_from(["a" * 64, "b" * 64]),
    corrections=st.lists(st.integers(0, 3), max_size=3).map(tuple),
)


@given(DECISIONS, DECISIONS)
def test_two_decisions_have_one_hash_only_where_they_say_the_same(one, other):
    said = {"part", "outcome", "ground", "text_hash", "corrections"}
    assert (one.hash == other.hash) is (one.model_dump(include=said) == other.model_dump(include=said))


def test_the_hash_says_nothing_of_who_and_when():
    later = verdict(proposed_by="two", proposed_at=NOW.replace(year=2027), confirmed_by="three", given_at=NOW)
    assert later.hash == verdict().hash
