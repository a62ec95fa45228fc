"""The plan of an erasure: pure, bound to its hash, and nothing in it that nobody decided."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import data_map
from erasing_world import erasure_services
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.data_map import Exemption
from shared.domain.erasure import (
    HELD,
    Action,
    Decision,
    ErasurePlan,
    Found,
    definition,
    drift,
    most_allowed,
    plan,
    retained_until,
)

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
MAP = data_map(erasure_services())
DATASETS = [dataset.id for _, dataset in MAP.datasets()]
SOURCE = {"en": "Tax law", "nl": "Belastingwet"}

counts = st.none() | st.integers(0, 5000)
found_of = st.builds(Found, count=counts, recipients=st.frozensets(st.sampled_from(["courier", "analytics", "other"])))
surveys = st.dictionaries(st.tuples(st.integers(0, 2), st.sampled_from(DATASETS)), found_of, min_size=1)
holds = st.frozensets(st.tuples(st.integers(0, 2), st.sampled_from(DATASETS)))


def planned(found, held=(), at=NOW, in_map=MAP) -> dict[tuple[int, str], Decision]:
    made = plan(in_map, found, held, at)
    return {(one.part, one.dataset): one for one in made.decisions}


@given(surveys, holds)
def test_the_same_input_makes_the_same_plan_in_whatever_order_it_came(found, held):
    backwards = dict(reversed(found.items()))
    first, again = plan(MAP, found, held, NOW), plan(MAP, backwards, set(held), NOW)
    assert again == first
    assert again.hash == first.hash


@given(surveys, holds)
def test_a_plan_decides_exactly_what_was_searched_and_counts_what_was_found(found, held):
    decided = planned(found, held)
    assert decided.keys() == found.keys()
    assert {key: one.count for key, one in decided.items()} == {key: one.count for key, one in found.items()}


@given(surveys, holds)
def test_what_is_held_is_retained_and_nothing_of_it_is_ever_told(found, held):
    for key, decision in planned(found, held).items():
        kept = key in held or decision.dataset == "invoices"
        assert (decision.action is Action.RETAIN) == kept
        assert not (kept and decision.recipients)
        assert (decision.exemption == HELD) == (key in held)


@given(surveys, holds)
def test_a_plan_that_was_written_down_is_the_same_plan(found, held):
    made = plan(MAP, found, held, NOW)
    assert ErasurePlan.model_validate_json(made.model_dump_json()) == made
    assert ErasurePlan.model_validate_json(made.model_dump_json()).hash == made.hash


@given(surveys, holds)
def test_waves_are_those_in_which_something_goes_in_order(found, held):
    made = plan(MAP, found, held, NOW)
    assert made.waves == sorted({one.wave for one in made.decisions if one.action is not Action.RETAIN})
    assert {one.service: one.wave for one in made.decisions}.items() <= MAP.waves().items()


# ── The hash ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ONE = Decision(
    part=0,
    service="crm",
    dataset="contacts",
    action=Action.DELETE,
    count=3,
    wave=1,
    definition="d",
    recipients=("courier",),
)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"part": 1}, id="part"),
        pytest.param({"service": "erp"}, id="service"),
        pytest.param({"dataset": "leads"}, id="dataset"),
        pytest.param({"action": Action.ANONYMISE}, id="action"),
        pytest.param({"count": 4}, id="count"),
        pytest.param({"count": None}, id="no count"),
        pytest.param({"exemption": "17-3-b"}, id="exemption"),
        pytest.param({"until": date(2033, 12, 31)}, id="until"),
        pytest.param({"wave": 0}, id="wave"),
        pytest.param({"definition": "e"}, id="definition"),
        pytest.param({"recipients": ()}, id="recipients"),
    ],
)
def test_any_change_of_any_decision_changes_the_hash(change):
    before = ErasurePlan(map_version="1", decisions=(ONE, ONE))
    after = ErasurePlan(map_version="1", decisions=(ONE, ONE.model_copy(update=change)))
    assert after.hash != before.hash
    assert set(change) <= set(Decision.model_fields)


def test_every_field_of_a_decision_is_part_of_the_hash():
    assert set(ONE.model_dump()) == set(Decision.model_fields)


def test_the_map_and_the_order_of_decisions_are_part_of_the_hash():
    other = ONE.model_copy(update={"dataset": "leads"})
    made = ErasurePlan(map_version="1", decisions=(ONE, other))
    assert ErasurePlan(map_version="2", decisions=(ONE, other)).hash != made.hash
    assert ErasurePlan(map_version="1", decisions=(other, ONE)).hash != made.hash
    assert ErasurePlan(map_version="1", decisions=(ONE,)).hash != made.hash
    assert len(made.hash) == 64


# ── Retaining ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_law_keeps_is_retained_on_its_ground_and_until_its_day():
    decision = planned({(0, "invoices"): Found(count=4)})[0, "invoices"]
    assert (decision.action, decision.exemption, decision.until, decision.count) == (
        Action.RETAIN,
        "17-3-b",
        date(2033, 12, 31),
        4,
    )


def test_a_hold_comes_before_the_law_and_ends_nobody_knows_when():
    decision = planned({(0, "invoices"): Found(count=4)}, {(0, "invoices")})[0, "invoices"]
    assert (decision.action, decision.exemption, decision.until) == (Action.RETAIN, HELD, None)


def test_a_hold_on_one_part_is_none_on_another():
    decided = planned({(0, "tickets"): Found(count=1), (1, "tickets"): Found(count=1)}, {(1, "tickets")})
    assert [decided[part, "tickets"].action for part in (0, 1)] == [Action.ANONYMISE, Action.RETAIN]


@pytest.mark.parametrize(
    ("at", "counted_from", "until"),
    [
        pytest.param(datetime(2026, 1, 1, tzinfo=UTC), "fiscal_year_end", date(2033, 12, 31), id="first day"),
        pytest.param(datetime(2026, 12, 31, 23, tzinfo=UTC), "fiscal_year_end", date(2033, 12, 31), id="last day"),
        pytest.param(datetime(2026, 11, 2, tzinfo=UTC), "request", date(2033, 11, 2), id="from the request"),
        pytest.param(datetime(2028, 2, 29, tzinfo=UTC), "request", date(2035, 2, 28), id="leap day"),
    ],
)
def test_retention_ends_with_a_calendar_year_or_that_many_years_after_the_request(at, counted_from, until):
    exemption = Exemption(ground="17-3-b", source=SOURCE, years=7, counted_from=counted_from)
    assert retained_until(exemption, at) == until


@given(st.integers(0, 36_500), st.integers(1, 100))
def test_retention_is_never_past_and_never_a_day_that_is_not(days, years):
    at = NOW + timedelta(days=days)
    for counted_from in ("request", "fiscal_year_end"):
        until = retained_until(Exemption(ground="17-3-e", source=SOURCE, years=years, counted_from=counted_from), at)
        assert until > at.date()
        assert until.year == at.year + years


# ── Drift ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_fits_still_fits():
    for (_, name), decision in planned({(0, name): Found(count=1) for name in DATASETS}).items():
        assert drift(MAP.service(decision.service), decision, held=False) is None, name


def changed_in(change) -> dict[str, str | None]:
    services = erasure_services()
    change({one["id"]: one for one in services})
    changed = data_map(services)
    decided = planned({(0, name): Found(count=1) for name in DATASETS})
    return {name: drift(changed.service(one.service), one, held=False) for (_, name), one in decided.items()}


def test_a_changed_dataset_is_drift_of_that_dataset_alone():
    def renamed(services):
        services["support"]["datasets"][0]["fields"][1]["anonymise"] = "keep"

    assert {name for name, code in changed_in(renamed).items() if code} == {"tickets"}


def test_a_changed_service_is_drift_of_all_its_datasets():
    def moved(services):
        services["support"]["settings"] = {"store": "elsewhere"}

    assert changed_in(moved) == dict.fromkeys(DATASETS) | {"tickets": "map_changed", "calls": "map_changed"}


def test_a_dataset_or_service_that_left_the_map_is_drift():
    def gone(services):
        services["directory"]["datasets"].pop()

    assert {name for name, code in changed_in(gone).items() if code == "map_changed"} == {"signups"}
    decision = planned({(0, "letters"): Found(count=1)})[0, "letters"]
    assert drift(None, decision, held=False) == "map_changed"


def test_a_new_hold_is_drift_and_one_that_was_planned_with_is_none():
    found = {(0, "tickets"): Found(count=1)}
    free, kept = planned(found)[0, "tickets"], planned(found, {(0, "tickets")})[0, "tickets"]
    service = MAP.service("support")
    assert drift(service, free, held=True) == "hold"
    assert drift(service, kept, held=True) is None
    assert drift(service, kept, held=False) is None


def test_a_definition_is_of_one_dataset_in_one_service():
    told = {definition(service, dataset) for service, dataset in MAP.datasets()}
    assert len(told) == len(DATASETS)


@pytest.mark.parametrize(
    ("shown", "allowed"), [(0, 100), (1, 101), (99, 199), (100, 200), (101, 202), (100_000, 200_000)]
)
def test_twice_as_many_may_be_there_or_a_hundred_more(shown, allowed):
    assert most_allowed(shown, 2, 100) == allowed


@given(st.integers(0, 10**9), st.integers(1, 10), st.integers(0, 1000))
def test_what_the_plan_showed_is_always_allowed(shown, factor, extra):
    assert most_allowed(shown, factor, extra) >= shown


# ── Recipients ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dataset", "found", "told"),
    [
        pytest.param("activity", Found(count=2), ("analytics",), id="every record goes there"),
        pytest.param("activity", Found(count=0), (), id="nothing was there"),
        pytest.param("activity", Found(count=None), ("analytics",), id="nobody can tell"),
        pytest.param("letters", Found(count=2, recipients=frozenset({"courier"})), ("courier",), id="it was sent"),
        pytest.param("letters", Found(count=2), (), id="it was not sent"),
        pytest.param("letters", Found(count=2, recipients=frozenset({"host"})), (), id="to somebody not asked for"),
        pytest.param("users", Found(count=2), (), id="a recipient without a way to be told"),
        pytest.param("invoices", Found(count=2), (), id="retained"),
    ],
)
def test_only_who_really_received_what_now_goes_is_told(dataset, found, told):
    assert planned({(0, dataset): found})[0, dataset].recipients == told


def test_a_plan_says_nothing_of_when_it_was_made_but_for_how_long_things_are_kept():
    found = {(0, name): Found(count=1) for name in DATASETS}
    same_year = plan(MAP, found, (), NOW + timedelta(days=20))
    assert same_year.hash == plan(MAP, found, (), NOW).hash
    assert plan(MAP, found, (), NOW + timedelta(days=90)).hash != same_year.hash
