"""What limits on processing come to for one dataset, and when they hold."""

from datetime import UTC, datetime, timedelta

import builders
import pytest
from builders import by, text

from shared.domain.data_map import Dataset
from shared.domain.measure import Limits, Measure, limits

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PURPOSES = [text("News") | {"id": "news", "direct_marketing": True}, text("Statistics") | {"id": "statistics"}]
RECIPIENTS = [{"name": "Mailer Ltd.", "purpose": text("Mailing"), "country": "IE", "id": "mailer"}]


def dataset(basis: str = "A6-1-f") -> Dataset:
    made = builders.dataset(
        "readers",
        tenancy="none",
        fields=["email"],
        found_by=[by("email", "email")],
        purposes=PURPOSES,
        recipients=RECIPIENTS,
        legal_basis=basis,
    )
    return Dataset.model_validate(made)


def measure(kind: str = "restriction", **more) -> Measure:
    return Measure(**{"id": "r.0", "kind": kind, "since": AT} | more)


def found(*measures: Measure, basis: str = "A6-1-f", role: str = "controller", at: datetime = AT) -> Limits:
    return limits(measures, role, dataset(basis), at)


BOTH = ("news", "statistics")


@pytest.mark.parametrize(
    ("measures", "basis", "expected"),
    [
        pytest.param([], "A6-1-f", Limits(), id="nothing set, nothing limited"),
        pytest.param([measure()], "A6-1-c", Limits(restricted=True), id="a restriction reaches any basis"),
        pytest.param([measure(datasets=("others",))], "A6-1-f", Limits(), id="of another dataset"),
        pytest.param(
            [measure(datasets=("others", "readers"))], "A6-1-f", Limits(restricted=True), id="of this one too"
        ),
        pytest.param([measure("objection")], "A6-1-f", Limits(objections=BOTH), id="an objection to all, on interest"),
        pytest.param([measure("objection")], "A6-1-b", Limits(objections=("news",)), id="on contract, marketing alone"),
        pytest.param([measure("objection")], "A6-1-a", Limits(objections=("news",)), id="on consent, marketing alone"),
        pytest.param(
            [measure("objection", purposes=("statistics",))],
            "A6-1-f",
            Limits(objections=("statistics",)),
            id="an objection to one purpose",
        ),
        pytest.param(
            [measure("objection", purposes=("statistics",))], "A6-1-b", Limits(), id="which rests on a contract here"
        ),
        pytest.param(
            [measure("objection", recipients=("mailer", "elsewhere"))],
            "A6-1-f",
            Limits(recipients=("mailer",)),
            id="to a disclosure: no use is limited, and no recipient of other datasets is named",
        ),
        pytest.param([measure("withdrawal")], "A6-1-a", Limits(withdrawals=BOTH), id="a withdrawal of all"),
        pytest.param(
            [measure("withdrawal", purposes=("news",))], "A6-1-a", Limits(withdrawals=("news",)), id="of one purpose"
        ),
        pytest.param([measure("withdrawal")], "A6-1-b", Limits(), id="where nothing rests on consent"),
        pytest.param(
            [measure(), measure("objection", id="r.1"), measure("withdrawal", id="r.2")],
            "A6-1-a",
            Limits(restricted=True, objections=("news",), withdrawals=BOTH),
            id="all of them together",
        ),
    ],
)
def test_limits_come_to(measures, basis, expected):
    assert found(*measures, basis=basis) == expected


def test_what_we_hold_as_processor_is_not_limited_by_what_we_decide_as_controller_nor_the_other_way_round():
    assert found(measure(role="controller"), role="processor") == Limits()
    assert found(measure(role="processor"), role="controller") == Limits()
    assert found(measure(role="processor"), role="processor") == Limits(restricted=True)


def test_a_measure_holds_from_its_beginning_until_it_is_lifted():
    one = measure(lifted_at=AT + HOUR)
    assert found(one, at=AT - HOUR) == Limits()
    assert found(one, at=AT) == Limits(restricted=True)
    assert found(one, at=AT + HOUR) == Limits()


@pytest.mark.parametrize(
    ("before", "after", "lifted"),
    [
        pytest.param(None, None, None, id="in force, and set again"),
        pytest.param(None, HOUR, HOUR, id="ended"),
        pytest.param(HOUR, None, HOUR, id="ended, and set again: it does not begin anew"),
        pytest.param(HOUR, 2 * HOUR, HOUR, id="ended, and to be ended later"),
        pytest.param(2 * HOUR, HOUR, HOUR, id="to be ended later, and ended earlier"),
    ],
)
def test_what_has_ended_does_not_begin_again(before, after, lifted):
    stood, comes = (measure(lifted_at=AT + one if one else None) for one in (before, after))
    assert comes.after(stood).lifted_at == (AT + lifted if lifted else None)


@pytest.mark.parametrize(
    ("kind", "ending", "ours_to_end"),
    [("restriction", "", True), ("objection", ".weighed", True), ("objection", "", False), ("withdrawal", "", False)],
)
def test_what_is_absolute_is_not_ours_to_end(kind, ending, ours_to_end):
    assert measure(kind, id=f"r.0{ending}").may_be_ended is ours_to_end


def test_a_measure_belongs_to_one_part_and_not_to_one_whose_number_begins_alike():
    assert measure(id="r.1").is_of("r", 1)
    assert measure(id="r.1.weighed").is_of("r", 1)
    assert not measure(id="r.10").is_of("r", 1)
    assert not measure(id="q.1").is_of("r", 1)
