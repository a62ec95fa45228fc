"""NCRONTAB schedules: second, minute, hour, day, month, day of the week; in UTC."""

import bisect
import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from devhost.host.errors import ConfigurationError

_MONTHS = [name.lower() for name in calendar.month_name]
_DAYS = ["sunday", *(name.lower() for name in calendar.day_name[:6])]
_HORIZON_YEARS = 60
"""Beyond the rarest date, 29 February on a given day of the week."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    words: tuple[str, ...] = ()

    def parse(self, text: str) -> tuple[int, ...]:
        """All values that a comma-separated field allows, in order."""
        return tuple(sorted({value for part in text.split(",") for value in self._part(part)}))

    def _part(self, part: str) -> range:
        bounds, slash, step_text = part.partition("/")
        step = self._number(step_text, 1) if slash else 1
        if bounds == "*":
            first, last = self.lowest, self.highest
        elif "-" in bounds:
            first, last = (self._value(bound) for bound in bounds.split("-", 1))
        else:
            first = self._value(bounds)
            last = self.highest if slash else first
        if first > last:
            raise ConfigurationError(f"the {self.name} range {bounds!r} runs backwards")
        return range(first, last + 1, step)

    def _value(self, text: str) -> int:
        if text.isalpha():
            for index, word in enumerate(self.words):
                if word.startswith(text.lower()):
                    return index
        return self._number(text, self.lowest, self.highest)

    def _number(self, text: str, lowest: int, highest: int | None = None) -> int:
        if not (text.isascii() and text.isdigit()):
            raise ConfigurationError(f"{text!r} is no {self.name}")
        number = int(text)
        if number < lowest or (highest is not None and number > highest):
            raise ConfigurationError(f"{text!r} is out of range for {self.name}")
        return number


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, ("\0", *_MONTHS[1:])),
    _Field("day of the week", 0, 6, tuple(_DAYS)),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer is due. Day and day of the week must both fit."""

    text: str
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """Read six fields, or five without seconds.

        Raises:
            ConfigurationError: The text is no schedule, or one that never comes due.
        """
        parts = text.split()
        if len(parts) == 5:
            parts = ["0", *parts]
        if len(parts) != 6:
            raise ConfigurationError(f"schedule {text!r} does not have six fields")
        try:
            schedule = cls(text, *(field.parse(part) for field, part in zip(_FIELDS, parts, strict=True)))
        except ConfigurationError as error:
            raise ConfigurationError(f"schedule {text!r}: {error}") from None
        schedule.next_after(datetime(2000, 1, 1, tzinfo=UTC))
        return schedule

    def next_after(self, moment: datetime) -> datetime:
        """The first occurrence strictly after a moment."""
        start = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        day = start.replace(hour=0, minute=0, second=0)
        while day.year <= start.year + _HORIZON_YEARS:
            if self._fits(day):
                time = self._time_from(start if day.date() == start.date() else day)
                if time is not None:
                    return day.replace(hour=time[0], minute=time[1], second=time[2])
            day += timedelta(days=1)
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        raise ConfigurationError(f"schedule {self.text!r} never comes due")

    def more_than_once_a_minute(self) -> bool:
        """Whether occurrences can lie less than a minute apart."""
        return len(self.seconds) > 1

    def _fits(self, day: datetime) -> bool:
        return day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays

    def _time_from(self, start: datetime) -> tuple[int, int, int] | None:
        """The first allowed time of that day, at or after the given one."""
        for hour in self.hours[bisect.bisect_left(self.hours, start.hour) :]:
            minute_from = start.minute if hour == start.hour else 0
            for minute in self.minutes[bisect.bisect_left(self.minutes, minute_from) :]:
                second_from = start.second if (hour, minute) == (start.hour, start.minute) else 0
                at = bisect.bisect_left(self.seconds, second_from)
                if at < len(self.seconds):
                    return hour, minute, self.seconds[at]
        return None
