"""When an answer is due: one calendar month by Regulation 1182/71, and never later than the policy's days.

GDPR Art. 12(3) gives one month from receipt. Regulation (EEC, Euratom) 1182/71 Art. 3 and CJEU C-171/03 fix how a
month is counted: the period ends with the last hour of the day that bears the same number as the day of receipt; where
there is none, with the last day of that month; a period that would end on a public holiday, Sunday or Saturday ends
with the next working day. Days are those of Europe/Amsterdam.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LEGAL_ZONE = "Europe/Amsterdam"


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (anonymous Gregorian algorithm)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon + 15) % 30
    leap_years, year_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def is_dutch_holiday(day: date) -> bool:
    """Tell whether a day is a public holiday (Algemene termijnenwet, Art. 3).

    Good Friday and 5 May are left out on purpose: not rolling over them can only make an answer earlier.
    """
    kings_day = date(day.year, 4, 27)
    if kings_day.weekday() == 6:
        kings_day -= timedelta(days=1)
    easter = easter_sunday(day.year)
    moving = (
        easter,
        easter + timedelta(1),
        easter + timedelta(39),
        easter + timedelta(49),
        easter + timedelta(50),
    )
    return (day.month, day.day) in {(1, 1), (12, 25), (12, 26)} or day == kings_day or day in moving


def roll_to_working_day(day: date) -> date:
    """Return the day itself or, from a weekend or holiday, the next working day."""
    while day.weekday() >= 5 or is_dutch_holiday(day):
        day += timedelta(days=1)
    return day


def add_months(day: date, months: int) -> date:
    """Return the day of the same number, or the month's last day where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def legal_due_day(received: date, months: int = 1) -> date:
    """Return the last day to answer in, `months` after receipt, by Regulation 1182/71."""
    return roll_to_working_day(add_months(received, months))


def due_at(received_at: datetime, promised_within: timedelta) -> datetime:
    """Return the instant an answer is due: the law's month or the policy's promise, the earlier.

    Args:
        received_at: aware; its Amsterdam calendar day is the day of the event.
        promised_within: the policy's own period in whole days, never rolled to a later day.

    Returns:
        23:59:59 Amsterdam time of the last day, aware.
    """
    zone = ZoneInfo(LEGAL_ZONE)
    received = received_at.astimezone(zone).date()
    last = min(legal_due_day(received), received + promised_within)
    return datetime.combine(last, time(23, 59, 59), zone)
