"""When an answer is due: one calendar month by Regulation 1182/71, and never later than the policy's days.

GDPR Art. 12(3) gives one month from receipt. Regulation (EEC, Euratom) 1182/71 Art. 3 and CJEU C-171/03 fix how a
month is counted: the period ends with the last hour of the day that bears the same number as the day of receipt; where
there is none, with the last day of that month; a period that would end on a public holiday, Sunday or Saturday ends
with the next working day. Days are those of Europe/Amsterdam. The one extension counts from receipt, never from a day
that was rolled. The GDPR knows no pause: EDPB 01/2022, 5.3, lets time stand still only for a question about identity,
or about the scope of a large request for access, that was asked without undue delay.
"""

from calendar import monthrange
from collections.abc import Iterable
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


def last_day(
    received: date,
    promised_within: timedelta,
    *,
    extended: bool = False,
    paused: timedelta = timedelta(0),
    foreign_days: int | None = None,
    rolled: bool = True,
) -> date:
    """Return the last day to answer in, by all that bears on it.

    Args:
        received: the Amsterdam calendar day of receipt.
        promised_within: the policy's own period in whole days, which an extension alone sets aside.
        extended: told in time (GDPR Art. 12(3)): two further months, counted from receipt.
        paused: whole days that do not count; they are added before the day is rolled.
        foreign_days: the period of the person's own country in days. It can shorten and never lengthen.
        rolled: without, weekends and holidays are left as they are: what alarms go by.
    """
    lawful = add_months(received, 3 if extended else 1) + paused
    days = [roll_to_working_day(lawful) if rolled else lawful]
    if not extended:
        days.append(received + promised_within + paused)
    if foreign_days is not None:
        days.append(received + timedelta(days=foreign_days) + paused)
    return min(days)


def due_at(
    received_at: datetime,
    promised_within: timedelta,
    *,
    extended: bool = False,
    paused: timedelta = timedelta(0),
    foreign_days: int | None = None,
    rolled: bool = True,
) -> datetime:
    """Return the instant an answer is due: 23:59:59 Amsterdam time of the last day, aware.

    `received_at` is aware; its Amsterdam calendar day is the day of the event. The others are those of `last_day`.
    """
    last = last_day(
        day_of(received_at),
        promised_within,
        extended=extended,
        paused=paused,
        foreign_days=foreign_days,
        rolled=rolled,
    )
    return datetime.combine(last, time(23, 59, 59), ZoneInfo(LEGAL_ZONE))


def day_of(moment: datetime) -> date:
    """Return the calendar day that a moment belongs to in Amsterdam."""
    return moment.astimezone(ZoneInfo(LEGAL_ZONE)).date()


def paused_for(pauses: Iterable[tuple[datetime, datetime | None]]) -> timedelta:
    """Return the whole days that ended pauses took, each day once however many of them it lies in.

    A pause that goes on adds nothing yet: its end does. One that begins and ends on a day takes none.
    """
    days: set[date] = set()
    for asked_at, answered_at in pauses:
        if answered_at is not None:
            first = day_of(asked_at)
            days |= {first + timedelta(days=n) for n in range((day_of(answered_at) - first).days)}
    return timedelta(days=len(days))


def was_prompt(received_at: datetime, asked_at: datetime, working_days: int) -> bool:
    """Tell whether a question came without undue delay: at most so many working days after receipt."""
    day = day_of(received_at)
    for _ in range(working_days):
        day = roll_to_working_day(day + timedelta(days=1))
    return day_of(asked_at) <= day
