"""Dates, sizes and numbers as people of a language write them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Europe/Amsterdam")
_UNITS = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOut:
    """The habits of one language. `moment_pattern` joins `{day}` and `{time}`; weekdays begin with Monday."""

    months: Sequence[str]
    weekdays: Sequence[str]
    moment_pattern: str
    decimal_sign: str
    thousands_sign: str

    def day(self, at: datetime) -> str:
        """Write the day on which this moment falls in the Netherlands."""
        return self.calendar_day(at.astimezone(HOME))

    def calendar_day(self, on: date) -> str:
        """Write a calendar day."""
        return f"{self.weekdays[on.weekday()]} {on.day} {self.months[on.month - 1]} {on.year}"

    def moment(self, at: datetime) -> str:
        """Write day and time in the Netherlands, to the minute."""
        return self.moment_pattern.format(day=self.day(at), time=f"{at.astimezone(HOME):%H:%M}")

    def number(self, count: int) -> str:
        """Write a whole number."""
        return f"{count:,}".replace(",", self.thousands_sign)

    def size(self, size: int) -> str:
        """Write a number of bytes, in units of 1000."""
        if size < 1000:
            return f"{size} bytes"
        power = next((power for power in range(1, len(_UNITS)) if size < 999.95 * 1000**power), len(_UNITS))
        return f"{size / 1000**power:.1f} {_UNITS[power - 1]}".replace(".", self.decimal_sign)
