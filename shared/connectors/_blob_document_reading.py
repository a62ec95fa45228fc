"""Blobs that are one JSON document each: what names they may have, and whose records they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.connectors._ways import TENANT, Words, refusal, wanted
from shared.domain.data_map import Dataset
from shared.domain.identity import Identifier
from shared.domain.json_path import parse_json

LARGEST = 16 * 1024 * 1024
NAME = frozenset({"name"})
VOCABULARY = {"json": Words(needs=NAME, bounds=NAME)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a blob holds. `is_theirs` says that by its name all of it is the person's, what cannot be read included."""

    theirs: Sequence[Mapping[str, Any]] = ()
    others: int = 0
    unreadable: int = 0
    is_theirs: bool = False

    @property
    def count(self) -> int:
        """How many records are the person's."""
        return len(self.theirs) + (self.unreadable if self.is_theirs else 0)


@dataclass(slots=True)
class Name:
    """A name a document may have: the tenants whose records are looked for in it, and whether it says the tenant."""

    says_tenant: bool
    tenants: set[str | None]

    def held(self, data: bytes, column: str | None) -> Held:
        """Read a document; a list in it is a record for each of its objects."""
        try:
            document = parse_json(data) if len(data) <= LARGEST else None
        except ValueError:
            document = None
        objects = document if isinstance(document, list) else [document]
        readable = [one for one in objects if isinstance(one, dict)]
        theirs = [one for one in readable if self.is_theirs(one, column)]
        return Held(
            theirs=theirs,
            others=len(readable) - len(theirs),
            unreadable=len(objects) - len(readable),
            is_theirs=self.says_tenant,
        )

    def is_theirs(self, record: Mapping[str, Any], column: str | None) -> bool:
        """Tell whether a record under this name is the person's."""
        return column is None or None in self.tenants or str(record.get(column) or "").lower() in self.tenants


def check_documents(dataset: Dataset) -> None:
    """Refuse a name that is the same for all people, and to anonymise what has a person's name.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    for way in dataset.found_by:
        if "{value}" not in way.at["name"]:
            raise refusal(dataset, f"how: {way.how}: at.name", "holds no {value}, so it would be everyone's")
        if dataset.erasure.action == "anonymise":
            raise refusal(dataset, f"how: {way.how}", "the blob's name says whose it is, and cannot be anonymised")


def names_of(dataset: Dataset, identifiers: Sequence[Identifier]) -> dict[str, Name]:
    """Return every name a document of these people may have."""
    names: dict[str, Name] = {}
    for one in wanted(dataset, identifiers):
        says_tenant = dataset.tenancy == "none" or TENANT in one.way.at["name"]
        for value in one.values:
            names.setdefault(one.fill("name", value), Name(says_tenant, set())).tenants.add(one.tenant)
    return names
