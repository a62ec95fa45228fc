"""The graph of states: all can be reached, all can be left, and from all an end can be reached."""

import pytest

from shared.domain.states import FINAL, MOVES, Happening, State

EDGES = {(before, after) for (before, _), after in MOVES.items() if before is not after}
# What ends for us and can begin again: a new code after a refusal for lack of proof, a controller's late decision.
REOPENED = {
    (State.REFUSED, Happening.CODE_ISSUED),
    (State.UNANSWERED, Happening.GRANTED),
    (State.UNANSWERED, Happening.CONTROLLER_REFUSED),
}


def reached(start, edges):
    found, new = {start}, {start}
    while new:
        new = {after for before, after in edges if before in new} - found
        found |= new
    return found


def test_every_state_can_be_reached():
    assert reached(None, EDGES) - {None} == set(State)


@pytest.mark.parametrize("state", State)
def test_from_every_state_an_end_can_be_reached(state):
    assert reached(state, EDGES) & FINAL


@pytest.mark.parametrize("state", sorted(set(State) - FINAL))
def test_every_state_that_is_no_end_can_be_left(state):
    assert {after for before, after in EDGES if before is state}


def test_an_end_is_left_in_the_named_ways_alone():
    left = {(before, happening) for (before, happening), after in MOVES.items() if before in FINAL and before != after}
    assert left == REOPENED


def test_every_happening_is_in_the_table():
    assert {happening for _, happening in MOVES} == set(Happening)


@pytest.mark.parametrize("state", sorted(set(State) - FINAL - {State.ERASING, State.INFORMING, State.CERTIFYING}))
def test_a_person_can_withdraw_until_something_was_erased(state):
    assert MOVES[state, Happening.WITHDRAWN] is State.WITHDRAWN
