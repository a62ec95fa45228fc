"""What each right that limits processing sets at once, what it leaves to people, and what it does not reach."""

from datetime import UTC, datetime

import builders
import pytest
from builders import by, data_map, service, text

from shared.domain.ask import Ask
from shared.domain.request import Part, Request
from shared.domain.states import State
from shared.use_cases.measure_scope import Scope, scope_of

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
NEWS = text("News") | {"id": "news", "direct_marketing": True}
STATISTICS, DELIVERY, COMFORT = (
    text(name.capitalize()) | {"id": name} for name in ("statistics", "delivery", "comfort")
)


def dataset(name: str, basis: str, *purposes: dict, **more) -> dict:
    found_by = [by("email", "email")]
    return builders.dataset(
        name, tenancy="none", fields=["email"], found_by=found_by, purposes=list(purposes), legal_basis=basis, **more
    )


def recipient(name: str) -> dict:
    return {"name": name.capitalize(), "purpose": text("Mailing"), "country": "IE", "id": name}


MAP = data_map(
    [
        service(
            "ours",
            dataset("readers", "A6-1-a", NEWS, COMFORT),
            dataset("visits", "A6-1-f", STATISTICS, NEWS, recipients=[recipient("counter")]),
            dataset("orders", "A6-1-b", DELIVERY, recipients=[recipient("courier")]),
        ),
        service("theirs", dataset("usage", "A6-1-f", STATISTICS), role="processor"),
    ]
)


def scope(right: str, role: str = "controller", **ask) -> Scope:
    part = Part(right=right, role=role, state=State.RECEIVED)
    request = Request(
        id="r",
        state=State.RECEIVED,
        parts=(part,),
        language="en",
        channel="api",
        role=role,
        signed_in=False,
        received_at=AT,
        due_at=AT,
        body_hash="",
        dossier=b"",
    )
    return scope_of(request, 0, part, Ask(**ask), MAP)


def told(found: Scope) -> list[tuple]:
    """Each measure by kind, whether it is only for now, and what it covers."""
    return [
        (one.kind, "for now" if one.provisional else "for good", one.datasets, one.purposes, one.recipients)
        for one in found.measures
    ]


AT_ONCE, LEFT = False, True


@pytest.mark.parametrize(
    ("right", "ask", "measures", "decide"),
    [
        pytest.param("restriction", {}, [("restriction", "for good", (), (), ())], AT_ONCE, id="restrict all"),
        pytest.param(
            "restriction",
            {"datasets": ("orders", "usage")},
            [("restriction", "for good", ("orders",), (), ())],
            AT_ONCE,
            id="restrict two, of which one is a customer's: theirs is for the case that is split off",
        ),
        pytest.param("restriction", {"datasets": ("usage",)}, [], AT_ONCE, id="restrict a customer's alone"),
        pytest.param("restriction", {"datasets": ("unheard-of",)}, [], LEFT, id="restrict what is not there"),
        pytest.param("withdraw_consent", {}, [("withdrawal", "for good", (), (), ())], AT_ONCE, id="withdraw all"),
        pytest.param(
            "withdraw_consent",
            {"purposes": ("comfort",)},
            [("withdrawal", "for good", (), ("comfort",), ())],
            AT_ONCE,
            id="withdraw for one purpose",
        ),
        pytest.param(
            "withdraw_consent",
            {"datasets": ("readers", "orders")},
            [("withdrawal", "for good", ("readers",), (), ())],
            LEFT,
            id="withdraw, naming also what rests on a contract: the one at once, of the other a person says why not",
        ),
        pytest.param("withdraw_consent", {"datasets": ("orders",)}, [], LEFT, id="withdraw from a contract"),
        pytest.param(
            "objection",
            {"purposes": ("news",)},
            [("objection", "for good", (), ("news",), ())],
            AT_ONCE,
            id="against direct marketing: absolute, wherever it is done",
        ),
        pytest.param(
            "objection",
            {"purposes": ("statistics",)},
            [("objection", "for now", (), ("statistics",), ())],
            LEFT,
            id="against an interest: held while it is weighed",
        ),
        pytest.param(
            "objection",
            {},
            [("objection", "for good", (), ("news",), ()), ("objection", "for now", (), (), ())],
            LEFT,
            id="against everything: marketing for good, the rest while it is weighed",
        ),
        pytest.param(
            "objection",
            {"datasets": ("visits",)},
            [("objection", "for good", ("visits",), ("news",), ()), ("objection", "for now", ("visits",), (), ())],
            LEFT,
            id="against all use of one dataset",
        ),
        pytest.param("objection", {"purposes": ("delivery",)}, [], LEFT, id="against a contract: not reached"),
        pytest.param(
            "objection",
            {"recipients": ("counter",)},
            [("objection", "for now", ("visits",), (), ("counter",))],
            LEFT,
            id="against one recipient: no use is held up, only what goes there",
        ),
        pytest.param(
            "objection", {"recipients": ("courier",)}, [], LEFT, id="against a recipient that a contract asks"
        ),
        pytest.param(
            "objection",
            {"purposes": ("news",), "recipients": ("counter",)},
            [("objection", "for good", (), ("news",), ("counter",))],
            AT_ONCE,
            id="against handing on for marketing",
        ),
    ],
)
def test_as_controller(right, ask, measures, decide):
    found = scope(right, **ask)
    assert (told(found), found.decide) == (measures, decide)


@pytest.mark.parametrize(
    ("right", "ask", "measures"),
    [
        ("restriction", {}, [("restriction", "for good", (), (), ())]),
        ("objection", {}, [("objection", "for good", (), (), ())]),
        ("objection", {"purposes": ("news",)}, []),
        ("withdraw_consent", {}, []),
    ],
)
def test_as_processor_nothing_is_decided_a_second_time(right, ask, measures):
    found = scope(right, "processor", **ask)
    assert told(found) == measures
    assert not found.decide
    assert {one.role for one in found.measures} <= {"processor"}


def test_a_withdrawal_is_a_line_for_each_purpose_and_for_each_dataset_that_was_named():
    lines = {(one.purpose, one.dataset) for one in scope("withdraw_consent").consents}
    assert lines == {("news", None), ("comfort", None)}
    named = scope("withdraw_consent", datasets=("readers",), purposes=("news",)).consents
    assert [(one.purpose, one.dataset, one.state, one.at, one.request) for one in named] == [
        ("news", "readers", "ConsentWithdrawn", AT, "r")
    ]
    assert scope("objection").consents == scope("restriction").consents == ()


def test_the_same_question_gives_the_same_measures_whenever_it_is_asked():
    assert scope("objection") == scope("objection")
    assert {one.since for one in scope("objection").measures} == {AT}


def test_a_restriction_keeps_the_ground_it_was_asked_on():
    assert [one.ground for one in scope("restriction", ground="18-1-b").measures] == ["18-1-b"]
