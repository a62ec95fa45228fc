"""When schedules come due."""

from datetime import UTC, datetime

import pytest

from devhost.host.errors import ConfigurationError
from devhost.host.ncrontab import Schedule


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        pytest.param("* * * * * *", "2026-11-23T10:00:00", "2026-11-23T10:00:01", id="every second"),
        pytest.param("* * * * * *", "2026-11-23T10:00:00.999999", "2026-11-23T10:00:01", id="strictly after"),
        pytest.param("0 * * * * *", "2026-11-23T10:00:00", "2026-11-23T10:01:00", id="every minute"),
        pytest.param("*/5 * * * *", "2026-11-23T10:58:00", "2026-11-23T11:00:00", id="five fields"),
        pytest.param("0 */15 * * * *", "2026-11-23T23:50:00", "2026-11-24T00:00:00", id="over midnight"),
        pytest.param("30 5 4 * * *", "2026-12-31T04:05:30", "2027-01-01T04:05:30", id="over the year"),
        pytest.param("0 0 0 29 2 *", "2026-11-23T00:00:00", "2028-02-29T00:00:00", id="leap day"),
        pytest.param("0 0 0 31 * *", "2026-11-23T00:00:00", "2026-12-31T00:00:00", id="31st"),
        pytest.param("0 0 9 * * MON-FRI", "2026-11-20T09:00:00", "2026-11-23T09:00:00", id="weekdays by name"),
        pytest.param("0 0 9 * * 0", "2026-11-23T09:00:00", "2026-11-29T09:00:00", id="Sunday is 0"),
        pytest.param("0 0 0 1 Jan,jul *", "2026-11-23T00:00:00", "2027-01-01T00:00:00", id="months by name"),
        pytest.param("0 0 0 1 february *", "2026-11-23T00:00:00", "2027-02-01T00:00:00", id="a whole name"),
        pytest.param("0 0 0 13 * 5", "2026-11-14T00:00:00", "2027-08-13T00:00:00", id="day and weekday both"),
        pytest.param("0 10-20/5 8 * * *", "2026-11-23T08:15:00", "2026-11-23T08:20:00", id="stepped range"),
        pytest.param("0 50/5 8 * * *", "2026-11-23T08:50:00", "2026-11-23T08:55:00", id="step from a value"),
        pytest.param("5,10,50 0 0 * * *", "2026-11-23T00:00:10", "2026-11-23T00:00:50", id="a list"),
        pytest.param("0 30 1,23 * * *", "2026-11-23T01:30:00", "2026-11-23T23:30:00", id="later hour, same minute"),
    ],
)
def test_the_next_occurrence(schedule, after, due):
    assert Schedule.parse(schedule).next_after(at(after)) == at(due)


@pytest.mark.parametrize(
    "schedule",
    [
        *("", "* * * *", "60 * * * * *", "* * 24 * * *", "* * * 0 * *", "* * * * 13 *", "* * * * * 7", "a * * * * *"),
        *(
            "* * * * foo *",
            "*/0 * * * * *",
            "5-1 * * * * *",
            "0 0 0 30 2 *",
            "-1 * * * * *",
            "1, * * * * *",
            "00:05:00",
        ),
    ],
)
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(ConfigurationError):
        Schedule.parse(schedule)


@pytest.mark.parametrize(
    ("schedule", "often"),
    [("*/30 * * * * *", True), ("0 * * * * *", False), ("0 0 * * * *", False), ("1,2 0 0 1 1 *", True)],
)
def test_more_than_once_a_minute_is_seen(schedule, often):
    assert Schedule.parse(schedule).more_than_once_a_minute() is often
