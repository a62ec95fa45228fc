"""The texts of one language, and how values are set into them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import yaml
from markupsafe import Markup, escape

from shared.adapters.written_out import WrittenOut
from shared.domain.request import Language

_TEXTS = Path(__file__).parent / "texts"
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Phrases:
    """One language, for markup or for plain text.

    Texts hold no markup. In markup every value stands in its own `<bdi>`, so that no direction control in it reaches
    the sentence around it.
    """

    def __init__(self, texts: Mapping[str, str], written: WrittenOut, *, markup: bool) -> None:
        self._texts = {key: escape(text) for key, text in texts.items()} if markup else texts
        self._written = written
        self._markup = markup

    @classmethod
    @cache
    def of(cls, language: Language, *, markup: bool) -> Self:
        """Return the phrases of a language, read once from all of its files."""
        texts: dict[str, Any] = {}
        for path in (_TEXTS / f"{language}.yaml", *sorted(_TEXTS.glob(f"*.{language}.yaml"))):
            told = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            texts |= {"written_out": told.pop("written_out")} if "written_out" in told else {}
            texts |= _flat(told)
        return cls(texts, WrittenOut(**texts.pop("written_out")), markup=markup)

    def text(self, key: str, **values: object) -> str:
        """Return a text with its values set in, escaped where this is markup."""
        text = self._texts[key]
        if "{" not in text:
            return text
        set_in = _isolated if self._markup else _in_one_line
        return text.format(**{name: set_in(value) for name, value in values.items()})

    def label(self, group: str, code: str) -> str:
        """Return the text for a code, by its longest known beginning up to a dot.

        An unknown code gives the group's text `other`; where a group has none, the code reads as it is.
        """
        known = code
        while known and f"{group}.{known}" not in self._texts:
            known = known.rpartition(".")[0]
        if known or f"{group}.other" in self._texts:
            return self.text(f"{group}.{known or 'other'}")
        return _isolated(code.replace("_", " ")) if self._markup else code.replace("_", " ")

    def listed(self, group: str, codes: Sequence[str]) -> str:
        """Return the texts for codes in one sentence's list; a copy and then an erasure have a text of their own."""
        if tuple(codes) == ("access", "erasure"):
            return self.label(group, "both")
        *others, last = [self.label(group, code) for code in codes]
        comma = Markup(", ") if self._markup else ", "
        return self.text("layout.and", others=comma.join(others), last=last) if others else last

    def period(self, days: int) -> str:
        """Write a length of time in the largest unit that it fills exactly."""
        for unit, length in (("year", 365), ("month", 30), ("day", 1)):
            if days % length == 0 and days >= length:
                count = days // length
                return self.text(f"period.{unit}" if count == 1 else f"period.{unit}s", count=count)
        return self.text("period.days", count=days)

    def filters(self) -> dict[str, Callable[..., str]]:
        """Return the filters that templates use."""
        return {
            "day": lambda at: self._time(at, self._written.day(at)),
            "date": lambda on: self._time(on, self._written.calendar_day(on)),
            "moment": lambda at: self._time(at, self._written.moment(at)),
            "size": self._written.size,
            "number": self._written.number,
            "period": self.period,
            "grouped": grouped,
            "relative": relative,
        }

    def _time(self, at: date, written: str) -> str:
        if not self._markup:
            return written
        told = at.isoformat(timespec="seconds") if isinstance(at, datetime) else at.isoformat()
        return Markup('<time datetime="{}">{}</time>').format(told, written)


def cleaned(text: str) -> str:
    """Replace what no document may hold: control characters and halves of surrogate pairs."""
    return _UNSHOWABLE.sub("\ufffd", text)


def grouped(code: str) -> str:
    """Write a code in groups of four."""
    letters = code.replace("-", "")
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def relative(path: str) -> str:
    """Return the reference to a file beside the page; whatever the path says, it stays a relative one."""
    return "./" + quote(path, safe="/", errors="replace")


def _isolated(value: object) -> Markup:
    return value if isinstance(value, Markup) else Markup("<bdi>{}</bdi>").format(cleaned(str(value)))


def _in_one_line(value: object) -> str:
    return " ".join(str(value).split())


def _flat(told: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in told.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
