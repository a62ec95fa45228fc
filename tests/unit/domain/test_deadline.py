"""Deadlines: the vectors of the law, the policy's days, and midnight in Amsterdam."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.deadline import (
    add_months,
    day_of,
    due_at,
    easter_sunday,
    is_dutch_holiday,
    last_day,
    legal_due_day,
    paused_for,
    roll_to_working_day,
    was_prompt,
)

THIRTY_DAYS = timedelta(days=30)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("received", "raw", "due", "raw_extended", "extended"),
    [
        pytest.param("2026-03-05", "2026-04-05", "2026-04-07", "2026-06-05", "2026-06-05", id="Easter"),
        pytest.param("2026-03-27", "2026-04-27", "2026-04-28", "2026-06-27", "2026-06-29", id="King's Day, Saturday"),
        pytest.param("2026-04-14", "2026-05-14", "2026-05-15", "2026-07-14", "2026-07-14", id="Ascension"),
        pytest.param("2026-08-31", "2026-09-30", "2026-09-30", "2026-11-30", "2026-11-30", id="no 31st"),
        pytest.param("2026-11-25", "2026-12-25", "2026-12-28", "2027-02-25", "2027-02-25", id="Christmas, Saturday"),
        pytest.param("2026-12-01", "2027-01-01", "2027-01-04", "2027-03-01", "2027-03-01", id="New Year, weekend"),
        pytest.param("2027-01-31", "2027-02-28", "2027-03-01", "2027-04-30", "2027-04-30", id="end of February"),
        pytest.param("2028-01-30", "2028-02-29", "2028-02-29", "2028-04-30", "2028-05-01", id="leap day"),
    ],
)
def test_a_month_is_counted_as_regulation_1182_71_says(received, raw, due, raw_extended, extended):
    day = date.fromisoformat(received)
    assert add_months(day, 1).isoformat() == raw
    assert legal_due_day(day).isoformat() == due
    assert add_months(day, 3).isoformat() == raw_extended
    assert legal_due_day(day, 3).isoformat() == extended
    assert last_day(day, timedelta(days=400)).isoformat() == due
    assert last_day(day, timedelta(days=400), rolled=False).isoformat() == raw
    assert last_day(day, THIRTY_DAYS, extended=True).isoformat() == extended
    assert last_day(day, THIRTY_DAYS, extended=True, rolled=False).isoformat() == raw_extended


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("2026-03-05", "2026-04-04", id="30 days before a rolled month: never rolled later"),
        pytest.param("2026-08-31", "2026-09-30", id="equal"),
        pytest.param("2026-02-02", "2026-03-02", id="February's month is shorter than 30 days"),
        pytest.param("2027-01-31", "2027-03-01", id="month rolled to Monday, before the 30th day"),
        pytest.param("2026-07-15", "2026-08-14", id="a month of 31 days"),
    ],
)
def test_the_answer_is_due_by_the_law_or_by_the_policy_whichever_is_earlier(received, due):
    noon = datetime.combine(date.fromisoformat(received), datetime.min.time(), AMSTERDAM).replace(hour=12)
    assert due_at(noon, THIRTY_DAYS).date().isoformat() == due


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("2026-07-14T21:59:59Z", "2026-08-13T21:59:59+00:00", id="summer, last second of the 14th"),
        pytest.param("2026-07-14T22:00:00Z", "2026-08-14T21:59:59+00:00", id="summer, first second of the 15th"),
        pytest.param("2026-11-09T22:59:59Z", "2026-12-09T22:59:59+00:00", id="winter, last second of the 9th"),
        pytest.param("2026-11-09T23:00:00Z", "2026-12-10T22:59:59+00:00", id="winter, first second of the 10th"),
        pytest.param("2026-10-10T10:00:00Z", "2026-11-09T22:59:59+00:00", id="summer to winter"),
        pytest.param("2026-03-10T10:00:00Z", "2026-04-09T21:59:59+00:00", id="winter to summer"),
    ],
)
def test_days_are_those_of_amsterdam_and_end_with_their_last_second(received, due):
    found = due_at(datetime.fromisoformat(received), THIRTY_DAYS)
    assert found.astimezone(UTC).isoformat() == due


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2038, "2038-04-25"), (2285, "2285-03-22")],
)
def test_easter_is_found(year, easter):
    assert easter_sunday(year).isoformat() == easter


def test_the_public_holidays_of_one_year_are_these_and_no_others():
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day.isoformat() for day in year if is_dutch_holiday(day)] == [
        "2026-01-01",
        "2026-04-05",
        "2026-04-06",
        "2026-04-27",
        "2026-05-14",
        "2026-05-24",
        "2026-05-25",
        "2026-12-25",
        "2026-12-26",
    ]


def test_kings_day_moves_off_a_sunday():
    assert is_dutch_holiday(date(2025, 4, 26))
    assert not is_dutch_holiday(date(2025, 4, 27))


@pytest.mark.parametrize(
    ("days", "due"),
    [
        pytest.param(15, "2026-09-15", id="shorter: it shortens"),
        pytest.param(45, "2026-09-30", id="longer: it changes nothing"),
    ],
)
def test_a_foreign_period_shortens_and_never_lengthens(days, due):
    assert last_day(date(2026, 8, 31), THIRTY_DAYS, foreign_days=days).isoformat() == due


def test_a_foreign_period_holds_under_an_extension_too():
    assert last_day(date(2026, 8, 31), THIRTY_DAYS, extended=True, foreign_days=15) == date(2026, 9, 15)


def test_paused_days_are_added_before_the_day_is_rolled():
    assert last_day(date(2026, 3, 5), timedelta(days=400)) == date(2026, 4, 7)
    assert last_day(date(2026, 3, 5), timedelta(days=400), paused=timedelta(days=3)) == date(2026, 4, 8)
    assert last_day(date(2026, 3, 5), timedelta(days=400), paused=timedelta(days=6)) == date(2026, 4, 13)
    assert last_day(date(2026, 3, 5), THIRTY_DAYS, paused=timedelta(days=3)) == date(2026, 4, 7)


def on(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("pauses", "days"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([(on(3), on(10))], 7, id="a week"),
        pytest.param([(on(3, 9), on(3, 17))], 0, id="answered the same day"),
        pytest.param([(on(3, 23), on(4, 1))], 1, id="over midnight"),
        pytest.param([(on(3), None)], 0, id="not answered yet"),
        pytest.param([(on(3), on(10)), (on(5), on(12))], 9, id="two at once: each day once"),
        pytest.param([(on(3), on(5)), (on(9), on(10))], 3, id="one after another"),
    ],
)
def test_ended_pauses_take_whole_days(pauses, days):
    assert paused_for(pauses) == timedelta(days=days)


@pytest.mark.parametrize(
    ("received", "asked", "prompt"),
    [
        pytest.param("2026-11-02", "2026-11-05", True, id="Monday to Thursday"),
        pytest.param("2026-11-02", "2026-11-06", False, id="Monday to Friday"),
        pytest.param("2026-11-06", "2026-11-11", True, id="over a weekend"),
        pytest.param("2026-11-07", "2026-11-11", True, id="received on a Saturday"),
        pytest.param("2026-12-24", "2026-12-30", True, id="over Christmas"),
        pytest.param("2026-12-24", "2026-12-31", False, id="over Christmas, a day late"),
    ],
)
def test_a_question_is_prompt_within_three_working_days(received, asked, prompt):
    moments = [datetime.fromisoformat(f"{day}T12:00:00+01:00") for day in (received, asked)]
    assert was_prompt(*moments, 3) is prompt


DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
SPANS = st.integers(0, 90).map(lambda days: timedelta(days=days))


@given(DAYS, st.booleans(), SPANS, st.none() | st.integers(1, 90))
def test_nothing_but_an_extension_or_a_pause_makes_an_answer_later_than_the_policy_says(day, extended, paused, foreign):
    due = last_day(day, THIRTY_DAYS, extended=extended, paused=paused, foreign_days=foreign)
    assert extended or due <= day + THIRTY_DAYS + paused
    assert due <= roll_to_working_day(add_months(day, 3 if extended else 1) + paused)


@given(DAYS, st.booleans(), SPANS, st.none() | st.integers(1, 90))
def test_the_alarm_never_goes_off_after_the_day_it_warns_of(day, extended, paused, foreign):
    known = {"extended": extended, "paused": paused, "foreign_days": foreign}
    assert last_day(day, THIRTY_DAYS, rolled=False, **known) <= last_day(day, THIRTY_DAYS, **known)


@given(DAYS, SPANS, st.integers(1, 90))
def test_a_country_never_lengthens(day, paused, foreign):
    assert last_day(day, THIRTY_DAYS, paused=paused, foreign_days=foreign) <= last_day(day, THIRTY_DAYS, paused=paused)


@given(DAYS, SPANS, st.integers(0, 30))
def test_a_longer_pause_never_shortens(day, paused, more):
    assert last_day(day, THIRTY_DAYS, paused=paused) <= last_day(day, THIRTY_DAYS, paused=paused + timedelta(days=more))


@given(DAYS)
def test_a_rolled_day_is_a_working_day_and_none_lies_between(day):
    rolled = roll_to_working_day(day)
    between = [day + timedelta(days=n) for n in range((rolled - day).days)]
    assert rolled.weekday() < 5
    assert not is_dutch_holiday(rolled)
    assert all(one.weekday() >= 5 or is_dutch_holiday(one) for one in between)


@given(
    st.integers(0, 16 * 365 * 86_400).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
)
def test_an_instant_due_is_the_last_second_of_its_day_in_amsterdam(received):
    due = due_at(received, THIRTY_DAYS)
    assert due.tzinfo is not None
    assert day_of(due) == last_day(day_of(received), THIRTY_DAYS)
    assert day_of(due + timedelta(seconds=1)) == day_of(due) + timedelta(days=1)
