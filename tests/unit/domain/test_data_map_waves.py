"""In what order services are erased, as the data map says it."""

from itertools import pairwise

import pytest
from builders import by, data_map, dataset, service
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

NAMES = [f"s{number}" for number in range(7)]


def holding(name: str, *datasets: str, **after: list[str]):
    """A service whose datasets are named for it, each erased after the ones given."""
    made = [
        dataset(one, tenancy="none", fields=["x"], found_by=[by("email", "x")], erase_after=after.get(one, []))
        for one in datasets or (name,)
    ]
    return service(name, *made)


def chain(after: dict[str, list[str]]):
    return data_map([holding(name, name, **{name: after.get(name, [])}) for name in NAMES])


def test_services_that_wait_for_nobody_are_one_wave():
    assert chain({}).waves() == dict.fromkeys(NAMES, 0)


def test_who_waits_comes_right_after_the_last_it_waits_for():
    waves = chain({"s1": ["s0"], "s2": ["s1"], "s3": ["s0", "s2"]}).waves()
    assert waves == dict.fromkeys(NAMES, 0) | {"s1": 1, "s2": 2, "s3": 3}


def test_everything_else_is_whatever_does_not_wait_for_everything_else_itself():
    waves = chain({"s0": ["*"], "s1": ["*"], "s2": ["s3"]}).waves()
    assert waves == dict.fromkeys(NAMES, 0) | {"s2": 1, "s0": 2, "s1": 2}


def test_after_everything_else_there_may_be_an_order_among_the_last():
    waves = chain({"s0": ["*", "s1"], "s1": ["*"]}).waves()
    assert (waves["s1"], waves["s0"]) == (1, 2)


def test_a_service_waits_as_a_whole_for_what_one_of_its_datasets_waits_for():
    made = data_map([holding("a", "a1", "a2", a2=["b1"]), holding("b", "b1")])
    assert made.waves() == {"b": 0, "a": 1}


def test_datasets_of_one_service_that_wait_for_each_other_are_no_circle():
    made = data_map([holding("a", "a1", "a2", a1=["a2"], a2=["a1"]), holding("b", "b1")])
    assert made.waves() == {"a": 0, "b": 0}


@pytest.mark.parametrize(
    ("after", "circle"),
    [
        pytest.param({"s1": ["s2"], "s2": ["s1"]}, "s1, s2", id="two"),
        pytest.param({"s1": ["s2"], "s2": ["s3"], "s3": ["s1"], "s4": ["s3"]}, "s1, s2, s3, s4", id="and who waits"),
        pytest.param({"s0": ["*"], "s3": ["s0"]}, "s0, s3", id="with everything else"),
    ],
)
def test_a_circle_is_refused_and_those_in_it_are_named(after, circle):
    with pytest.raises(ValidationError, match=f"services wait for one another to be erased: {circle}$|{circle} \\["):
        chain(after)


def test_waiting_for_a_dataset_that_is_not_there_is_refused_by_name():
    with pytest.raises(ValidationError, match="dataset s1 is erased after one that is not there"):
        chain({"s1": ["nowhere"]})


@given(st.permutations(NAMES), st.data())
def test_nobody_is_erased_before_what_it_waits_for(order, data):
    after = {
        name: data.draw(st.lists(st.sampled_from(order[:place]), unique=True))
        for place, name in enumerate(order)
        if place
    }
    waves = chain(after).waves()
    assert waves.keys() == set(NAMES)
    assert all(waves[before] < waves[name] for name, ones in after.items() for before in ones)
    assert all(waves[name] == max((waves[one] + 1 for one in after.get(name, [])), default=0) for name in NAMES)


@given(st.permutations(NAMES))
def test_a_circle_of_any_services_is_found(order):
    after = {name: [before] for before, name in pairwise([*order, order[0]])}
    with pytest.raises(ValidationError, match="wait for one another"):
        chain(after)
