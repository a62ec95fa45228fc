"""Whose each thing is that the sample company's systems hold, told from what was planted there."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from samples.people import PEOPLE, Person
from samples.raw import Held
from samples.records.shapes import Blob, Record, Row

SHORTEST = 4
_KEYS = ("contact", "laptop", "desktop", "subscription", "visitor", "chat", "call", "saas", "lead", "idea")


def marks_of(person: Person) -> frozenset[str]:
    """Return what is this one person's alone: ids, and the addresses and user names that nobody else has."""
    others = {name for one in PEOPLE.values() if one != person for name in _names(one)}
    return frozenset({person.oid, *(person.key(kind) for kind in _KEYS)} | (_names(person) - others))


def theirs(person: Person) -> Callable[[Held], bool]:
    """Tell a person's from others': by a mark, or by an address that others have too, but for their mark or tenant."""
    own = marks_of(person)
    shared = _names(person) - own
    sharing = [one for one in PEOPLE.values() if one != person and _names(one) & shared]
    others = {mark for one in sharing for mark in ({one.tenant} - {person.tenant}) | marks_of(one)}
    return lambda held: held.mentions(own) or (held.mentions(shared) and not held.mentions(others))


def touched(before: Iterable[Held], after: Sequence[Held], is_theirs: Callable[[Held], bool]) -> list[str]:
    """Return where what is not theirs is not as it was any more, to the byte and in its order."""
    others = [one for one in before if not is_theirs(one)]
    there, left = set(after), iter(after)
    return [one.place for one in others if one not in there or not any(one == other for other in left)]


def values_of(record: Record) -> Iterator[bytes]:
    """Yield every text that was planted with a record, long enough to be searched for."""
    if isinstance(record, Blob):
        yield record.data
        values: Any = [record.name, dict(record.metadata), dict(record.tags)]
    else:
        values = dict(record.values)
    if isinstance(record, Row):
        values |= {"": record.entity["RowKey"]}
    yield from (one.encode() for one in _texts(values) if len(one) >= SHORTEST)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        try:
            inner = json.loads(value) if value[:1] in {"{", "["} else None
        except ValueError:
            inner = None
        yield from [value] if inner is None else _texts(inner)


def _names(person: Person) -> set[str]:
    return {person.upn, person.email, *([person.private_address] if person.private_address else [])}
