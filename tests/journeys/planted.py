"""What the sample company planted, told from its own records and the data map's text; packages are held against it."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml
from azure.data.tables import EntityProperty

from samples import company
from samples.company_map import MAP
from samples.people import PEOPLE, Person
from samples.records.shapes import Blob, Entry, Record, Row, SqlRow

_SERVICES = yaml.safe_load(MAP.read_text())["services"]
# The privacy desk's own records come about by asking: nothing is planted there.
DESKS = frozenset(
    dataset["id"] for one in _SERVICES if one["connector"] == "own_records" for dataset in one["datasets"]
)
DATASETS = {
    dataset["id"]: dataset for service in _SERVICES for dataset in service["datasets"] if dataset["id"] not in DESKS
}
FOR_CUSTOMERS = frozenset(
    dataset["id"] for one in _SERVICES if one["role"] == "processor" for dataset in one["datasets"]
)
AT = {next(iter(dataset["settings"].values())): name for name, dataset in DATASETS.items() if "settings" in dataset}
ADDRESS_IN: dict[str, Callable[[Any], str]] = {
    "sign-ups": lambda row: row.values["email"],
    "support-tickets": lambda row: row.values["email"],
    "ticket-attachments": lambda blob: blob.name.split("/")[0],
    "chat-messages": lambda line: line.values["customer"]["email"],
    "newsletter-subscriptions": lambda row: row.values["email"],
    "marketing-mails": lambda row: row.values["email"],
    "marketplace-leads": lambda row: json.loads(row.values["lead"])["UserDetails"]["Email"],
    "applications": lambda row: row.values["email"],
    "curricula-vitae": lambda blob: blob.name.split("/")[1],
    "unsolicited-ideas": lambda blob: blob.metadata["submitter"],
}
WITH_ADDRESS = frozenset(ADDRESS_IN)
WITH_SIGN_IN = frozenset(DATASETS) - (WITH_ADDRESS - {"sign-ups"})


@dataclass
class Planted:
    """Records and originals of each dataset; originals as (name, bytes)."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    originals: dict[str, Counter[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(Counter))

    def holds(self, dataset: str) -> bool:
        """Whether anything lies there."""
        return bool(self.records[dataset] or self.originals[dataset])


def to_sign_in(person: Person) -> Planted:
    """What a signed-in person is to get."""
    return _collected(one for one in company.records_of(person) if dataset_of(one) in WITH_SIGN_IN)


def to_address(address: str, tenant: str | None = None) -> Planted:
    """What whoever proved an address is to get; of one tenant's records, those of `tenant`."""
    every = (one for person in PEOPLE.values() for one in company.records_of(person))
    theirs = (one for one in every if dataset_of(one) in WITH_ADDRESS and ADDRESS_IN[dataset_of(one)](one) == address)
    return _collected(one for one in theirs if dataset_of(one) != "sign-ups" or one.values["tenantId"] == tenant)


def marks(person: Person) -> set[str]:
    """Values that are this one person's and nobody else's."""
    return {person.oid, person.key("contact"), person.key("laptop")}


def ordered(records: Iterable[dict[str, Any]]) -> list[str]:
    """Records in an order of their own, so that two lists can be compared."""
    return sorted(json.dumps(record, sort_keys=True, ensure_ascii=False) for record in records)


def dataset_of(record: Record) -> str:
    """The dataset a record belongs to."""
    if isinstance(record, Entry):
        return record.dataset
    return AT[record.table if isinstance(record, Row | SqlRow) else record.container]


def _collected(records: Iterable[Record]) -> Planted:
    planted = Planted()
    for record in records:
        dataset = dataset_of(record)
        match record:
            case Blob() if DATASETS[dataset]["found_by"][0]["how"] == "json":
                planted.records[dataset].append(_shown(dataset, json.loads(record.data)))
            case Blob():
                planted.originals[dataset][record.name.rpartition("/")[2], record.data] += 1
            case _:
                planted.records[dataset].append(_shown(dataset, record.values))
    return planted


def _shown(dataset: str, values: Any) -> dict[str, Any]:
    shown = (one["name"] for one in DATASETS[dataset]["fields"] if "withhold" not in one)
    return {name: _written(values[name]) for name in shown if values.get(name) is not None}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
    return str(value.value) if isinstance(value, EntityProperty) else value
