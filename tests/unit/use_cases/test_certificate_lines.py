"""What a certificate says of each dataset and recipient, and when it may call an erasure complete."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from builders import CONTOSO, FABRIKAM, MIRA, by, data_map, dataset, service, text
from erased_cases import case_of, decided, done, dossier_of, erased, failed, told

from shared.domain.data_map import DataMap
from shared.domain.erasure import HELD, Action, Found
from shared.domain.service_task import TaskState
from shared.use_cases.certificate_lines import is_complete, lines_of

TAX = {"ground": "17-3-b", "source": text("Tax law"), "years": 7}
MAP = data_map(
    [
        service(
            "support",
            dataset("tickets", tenancy="none", fields=["from"], found_by=[by("email", "from")]),
            dataset("calls", tenancy="none", fields=["contact"], found_by=[by("contact_id", "contact")]),
            copies=[{"kind": "backup", "kept_for": "P35D"}, {"kind": "soft_delete", "kept_for": "P7D"}],
        ),
        service(
            "billing",
            dataset(
                "invoices",
                tenancy="none",
                fields=["mail"],
                found_by=[by("email", "mail")],
                erasure={"action": "retain", "exemption": TAX},
            ),
        ),
        service(
            "reports",
            dataset("usage-reports", fields=["oid"], found_by=[by("entra_object_id", "oid")]),
            role="processor",
        ),
        service("usage", dataset("activity", fields=["oid"], found_by=[by("entra_object_id", "oid")])),
    ]
)


def lines(case, dossier=None, data_map: DataMap = MAP):
    return {one.dataset: one for one in lines_of(case, dossier or dossier_of(), data_map) if hasattr(one, "dataset")}


def whole():
    """Everything went as planned: tickets deleted, invoices retained, no calls, no activity."""
    plan = decided(MAP, {"tickets": 12, "invoices": 3, "calls": 0, "activity": 0})
    return case_of(
        plan,
        done("support", erased("tickets", 12), erased("calls", 0), plan=plan),
        done("usage", erased("activity", 0), plan=plan),
    )


def test_what_was_erased_is_told_with_how_many_how_when_and_how_it_was_verified():
    line = lines(whole())["tickets"]
    assert (line.outcome, line.count, line.verified) == ("erased", 12, "looked_again")
    assert (line.method, line.at) == ("logical delete, memory", date(2026, 11, 24))
    assert (line.title.nl, line.service, line.role) == ("Tickets", "support", "controller")
    assert [(one.kind, one.days) for one in line.copies] == [("backup", 35), ("soft_delete", 7)]


def test_what_is_retained_is_told_with_why_and_until_when_and_has_no_copies():
    line = lines(whole())["invoices"]
    assert (line.outcome, line.count, line.exemption) == ("retained", 3, "17-3-b")
    assert line.source.en == "Tax law"
    assert line.until == date(2033, 12, 31)
    assert (line.role, line.copies, line.verified) == ("controller", (), None)


def test_a_certificate_says_nothing_of_what_is_held_in_the_other_role():
    assert "usage-reports" not in lines(whole())
    of_a_customer = replace(whole(), request=replace(whole().request, row=with_role(whole(), "processor")))
    assert set(lines(of_a_customer)) == {"usage-reports"}


def with_role(case, role):
    return case.request.row.model_copy(update={"role": role})


def test_nothing_found_is_said_only_where_somebody_looked():
    found = lines(whole())
    assert (found["calls"].outcome, found["calls"].count) == ("nothing_found", 0)
    assert found["calls"].verified == "looked_again"
    assert found["activity"].outcome == "nothing_found"


def test_a_whole_erasure_is_complete():
    case = whole()
    assert is_complete(lines_of(case, dossier_of(), MAP), case.request.row)


def test_lines_stand_in_the_maps_order_and_recipients_last():
    case = whole()
    case = case_of(case.plan, *case_tasks(case), told("mailer", "tickets"))
    named = [getattr(one, "dataset", None) or one.recipient for one in lines_of(case, dossier_of(), MAP)]
    assert named == ["tickets", "calls", "invoices", "activity", "mailer"]


def case_tasks(case):
    return [one.row for one in case.tasks.values()]


# What was not erased


@pytest.mark.parametrize("state", [TaskState.FAILED, TaskState.MANUAL, TaskState.PENDING, TaskState.WAITING])
def test_a_task_without_a_receipt_leaves_its_datasets_not_erased_whatever_its_state(state):
    plan = decided(MAP, {"tickets": 12, "calls": 1})
    task = failed("support", "time_limit", erased("tickets", 12), plan=plan, state=state)
    case = case_of(plan, task)
    found = lines(case)
    assert found["tickets"].outcome == "erased"
    assert (found["calls"].outcome, found["calls"].reason, found["calls"].count) == ("not_erased", "time_limit", 1)
    assert found["calls"].verified is None
    assert not is_complete(found.values(), case.request.row)


def test_a_task_that_ended_well_without_a_receipt_has_erased_nothing():
    plan = decided(MAP, {"tickets": 12})
    found = lines(case_of(plan, done("support", plan=plan)))
    assert (found["tickets"].outcome, found["tickets"].reason, found["tickets"].count) == ("not_erased", "not_done", 12)


def test_a_wave_that_never_ran_has_erased_nothing():
    plan = decided(MAP, {"tickets": 12})
    case = case_of(plan)
    assert lines(case)["tickets"].reason == "not_done"
    assert not is_complete(lines_of(case, dossier_of(), MAP), case.request.row)


def test_what_an_operator_closed_with_evidence_counts_and_is_told_as_that():
    plan = decided(MAP, {"tickets": 12})
    closed = failed("support", "unreadable_items", erased("tickets", 12, verified="operator_evidence"), plan=plan)
    case = case_of(plan, closed.model_copy(update={"state": TaskState.DONE}))
    found = lines(case)["tickets"]
    assert (found.outcome, found.verified, found.reason) == ("erased", "operator_evidence", None)


def test_what_was_found_right_before_counts_for_more_than_what_the_plan_showed():
    plan = decided(MAP, {"tickets": 12})
    task = failed("support", "access_denied", plan=plan).model_copy(update={"found": {"tickets": Found(count=15)}})
    assert lines(case_of(plan, task))["tickets"].count == 15


def test_a_count_that_nobody_knows_stays_unknown():
    plan = decided(MAP, {"tickets": None})
    assert lines(case_of(plan, failed("support", "time_limit", plan=plan)))["tickets"].count is None


# Rounds


def test_receipts_of_every_round_are_counted_together():
    plan = decided(MAP, {"tickets": 4})
    case = case_of(
        plan,
        done("support", erased("tickets", 8), plan=plan, turn=1),
        done("support", erased("tickets", 4), plan=plan, turn=2),
        turn=2,
    )
    found = lines(case)["tickets"]
    assert (found.outcome, found.count) == ("erased", 12)


def test_a_receipt_of_an_earlier_round_does_not_stand_in_for_one_of_the_last():
    plan = decided(MAP, {"tickets": 4})
    case = case_of(
        plan,
        done("support", erased("tickets", 8), plan=plan, turn=1),
        failed("support", "time_limit", plan=plan, turn=2),
        turn=2,
    )
    both = [one for one in lines_of(case, dossier_of(), MAP) if one.dataset == "tickets"]
    assert [(one.outcome, one.count) for one in both] == [("erased", 8), ("not_erased", 4)]


def test_what_a_hold_keeps_after_a_part_was_erased_is_told_as_both():
    plan = decided(MAP, {"tickets": 4}, held={(0, "tickets")})
    case = case_of(plan, done("support", erased("tickets", 8), plan=decided(MAP, {"tickets": 12}), turn=1), turn=2)
    both = [one for one in lines_of(case, dossier_of(), MAP) if one.dataset == "tickets"]
    assert [(one.outcome, one.count, one.exemption) for one in both] == [("erased", 8, None), ("retained", 4, HELD)]
    assert both[1].source is None
    assert is_complete(both, case.request.row)


# Proofs, parts and actions


@pytest.mark.parametrize("weaker", ["service_statement", "vendor_statement", "operator_evidence"])
def test_the_weakest_proof_is_the_one_that_is_told(weaker):
    plan = decided(MAP, {"tickets": 4}, parts=(0, 1))
    case = case_of(
        plan,
        done("support", erased("tickets", 4), plan=plan),
        done("support", erased("tickets", 1, verified=weaker), plan=plan, part=1),
        parts=2,
    )
    found = lines(case, dossier_of(parts=2))["tickets"]
    assert (found.count, found.verified) == (5, weaker)


def test_one_persons_tenants_that_came_to_different_ends_have_a_line_each():
    plan = decided(MAP, {"activity": 4}, parts=(0, 1))
    case = case_of(
        plan,
        done("usage", erased("activity", 4), plan=plan),
        failed("usage", "time_limit", plan=plan, part=1),
        parts=2,
    )
    both = [one for one in lines_of(case, dossier_of(parts=2), MAP) if one.dataset == "activity"]
    assert [one.outcome for one in both] == ["erased", "not_erased"]
    shown = str(both)
    assert all(tenant not in shown for tenant in (CONTOSO, FABRIKAM, MIRA.email, MIRA.object_id))


def test_anonymised_records_are_not_called_erased():
    plan = decided(MAP, {"tickets": 4})
    task = done("support", erased("tickets", 4, action=Action.ANONYMISE), plan=plan)
    assert lines(case_of(plan, task))["tickets"].outcome == "anonymised"


def test_the_day_is_the_one_in_the_netherlands():
    plan = decided(MAP, {"tickets": 4})
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert lines(case_of(plan, done("support", erased("tickets", 4, at=late), plan=plan)))["tickets"].at == date(
        2027, 1, 1
    )


# What was not searched


@pytest.mark.parametrize(
    ("dossier", "signed_in", "attention", "expected"),
    [
        pytest.param(dossier_of("entra_object_id"), True, (), "needs_address", id="no-address"),
        pytest.param(dossier_of(), True, ("shared_address",), "shared_address", id="shared"),
        pytest.param(dossier_of("entra_object_id", email=MIRA.email), True, (), "no_identifier", id="claimed-only"),
    ],
)
def test_why_an_address_opened_nothing_is_said(dossier, signed_in, attention, expected):
    dossier = dossier.model_copy(update={"people": ((),)})
    case = case_of(decided(MAP, {}), signed_in=signed_in, attention=attention)
    found = lines(case, dossier)["tickets"]
    assert (found.outcome, found.reason, found.count) == ("not_searched", expected, None)


def test_what_only_a_sign_in_opens_is_not_searched_and_leaves_the_rest_complete():
    plan = decided(MAP, {"tickets": 1, "invoices": 0})
    case = case_of(plan, done("support", erased("tickets", 1), plan=plan), signed_in=False)
    found = lines(case, dossier_of("email"))
    assert (found["activity"].outcome, found["activity"].reason) == ("not_searched", "needs_sign_in")
    assert (found["calls"].outcome, found["calls"].reason) == ("not_searched", "needs_sign_in")
    assert is_complete(found.values(), case.request.row)


def test_what_joined_the_map_after_the_plan_was_not_searched_and_makes_it_partial():
    plan = decided(MAP, {"invoices": 0})
    case = case_of(plan)
    found = lines(case)
    assert (found["tickets"].outcome, found["tickets"].reason) == ("not_searched", "not_planned")
    assert not is_complete(found.values(), case.request.row)


def test_what_left_the_map_after_the_plan_keeps_its_line():
    plan = decided(MAP, {"tickets": 2, "activity": 0})
    without = data_map([one for one in MAP.model_dump(mode="json")["services"] if one["id"] != "support"])
    case = case_of(
        plan, done("support", erased("tickets", 2), plan=plan), done("usage", erased("activity", 0), plan=plan)
    )
    found = lines(case, data_map=without)["tickets"]
    assert (found.outcome, found.count, found.title.en, found.role) == ("erased", 2, "tickets", None)


@pytest.mark.parametrize("mark", ["shared_address", "too_many_tenants"])
def test_a_person_who_could_not_be_told_apart_everywhere_gets_no_complete_certificate(mark):
    case = whole()
    request = case.request.row.model_copy(update={"attention": (mark,)})
    assert not is_complete(lines_of(case, dossier_of(), MAP), request)


# Recipients


@pytest.mark.parametrize(
    ("state", "outcome", "expected"),
    [
        (TaskState.DONE, "acknowledged", "acknowledged"),
        (TaskState.DONE, "erased", "erased"),
        (TaskState.DONE, "nothing_held", "nothing_held"),
        (TaskState.DONE, "refused", "refused"),
        (TaskState.DONE, "told", "told"),
        (TaskState.DONE, "something new", "told"),
        (TaskState.DONE, None, "told"),
        (TaskState.FAILED, None, "not_reached"),
        (TaskState.PENDING, "acknowledged", "not_reached"),
    ],
)
def test_a_recipients_answer_is_told_as_it_was(state, outcome, expected):
    task = told("mailer", "tickets", "calls", state=state, outcome=outcome)
    (line,) = [one for one in lines_of(case_of(decided(MAP, {}), task), dossier_of(), MAP) if hasattr(one, "recipient")]
    assert (line.outcome, line.datasets, line.name) == (expected, ("calls", "tickets"), "mailer")


def test_a_recipient_that_was_not_reached_leaves_the_erasure_complete():
    case = whole()
    case = case_of(case.plan, *case_tasks(case), told("mailer", "tickets", state=TaskState.FAILED, reason="time_limit"))
    found = lines_of(case, dossier_of(), MAP)
    assert found[-1].reason == "time_limit"
    assert is_complete(found, case.request.row)
