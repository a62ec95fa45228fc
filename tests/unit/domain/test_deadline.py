"""Deadlines: the vectors of the law, the policy's days, and midnight in Amsterdam."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.deadline import add_months, due_at, easter_sunday, is_dutch_holiday, legal_due_day

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
