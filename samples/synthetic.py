"""As many people and records as asked for, the same for the same seed, and the data map that finds them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

import yaml

from samples.people import NOORDZEE
from shared.domain.identity import EMAIL

IN_TRANSACTION = 100
CONTAINER = "synthetic-files"
PIECE = 1024 * 1024
FIELDS = {
    "number": "user.behavior",
    "at": "user.telemetry",
    "size": "user.telemetry",
    "ratio": "user.telemetry",
    "subject": "user.content.private",
    "detail": "user.behavior",
}
_WORDS = ("ledger", "café", "quota", "naïve", "route", "Zürich", "import", "报表", "delta", "mailbox", "żółw", "tenant")
_START = datetime(2026, 1, 1, tzinfo=UTC)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, _: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Subject:
    """A made-up person of the sample customer's tenant."""

    tenant: str
    oid: str
    email: str

    def key(self, identifier: str) -> str:
        """Return what this person's records are keyed by."""
        return self.email if identifier == EMAIL else self.oid


def subject(number: int, seed: int) -> Subject:
    """Return the person with this number."""
    oid = UUID(int=random.Random(f"{seed} person {number}").getrandbits(128), version=4)
    return Subject(NOORDZEE.id, str(oid), f"p{number:07}.s{seed}@people.example")


def table(service: int) -> str:
    """Return the table of a service."""
    return f"synthetic{service:04}"


def chunks(
    who: Subject, records: int, service: int, seed: int, identifier: str = EMAIL
) -> Iterator[list[dict[str, Any]]]:
    """Yield one person's rows in one service, as many at a time as one transaction takes."""
    dice = random.Random(f"{seed} {service} {who.oid}")
    for numbers in batched(range(records), IN_TRANSACTION, strict=False):
        yield [_row(who.key(identifier), number, dice) for number in numbers]


def _row(partition: str, number: int, dice: random.Random) -> dict[str, Any]:
    return {
        "PartitionKey": partition,
        "RowKey": f"{number:08}",
        "number": number,
        "at": _START + timedelta(seconds=dice.randrange(20_000_000)),
        "size": dice.randrange(2**31),
        "ratio": dice.random(),
        "subject": " ".join(dice.choices(_WORDS, k=6)),
        "detail": f'{{"trace":"{dice.getrandbits(128):032x}","step":{number}}}',
    }


def file_pieces(who: Subject, megabytes: int, seed: int) -> Iterator[bytes]:
    """Yield a file that no compression makes smaller, piece by piece."""
    dice = random.Random(f"{seed} file {who.oid}")
    left = megabytes * 1024 * 1024
    while left:
        piece = min(left, PIECE)
        yield dice.randbytes(piece)
        left -= piece


def synthetic_map(services: int, *, identifier: str = EMAIL, files: bool = False) -> str:
    """Return the text of a data map with this many services of one table each, and one of files if asked.

    `identifier` says what records are keyed by: `email`, or `entra_object_id` for people who sign in.
    """
    listed = [_service(number, identifier) for number in range(1, services + 1)]
    if files:
        listed.append(_files(identifier))
    contact = {"name": "Spinpanel B.V.", "address": "Netherlands", "email": "privacy@spinpanel.example"}
    whole = {
        "version": f"synthetic-{services}-{identifier}{'-files' if files else ''}",
        "controller": contact,
        "privacy_contact": contact,
        "authority": {
            "name": "Autoriteit Persoonsgegevens",
            "address": "Postbus 93374, 2509 AJ Den Haag",
            "website": "https://autoriteitpersoonsgegevens.nl",
        },
        "services": listed,
    }
    return yaml.dump(whole, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)


def _service(number: int, identifier: str) -> dict[str, Any]:
    found = {"identifier": identifier, "how": "partition_key", "at": {"key": "{value}"}}
    fields = [{"name": name, "category": category} for name, category in FIELDS.items()]
    return _holding(f"synthetic-{number}", "azure_tables", {"table": table(number)}, fields, found)


def _files(identifier: str) -> dict[str, Any]:
    found = {"identifier": identifier, "how": "prefix", "at": {"prefix": "{value}/"}}
    fields = [{"name": "file", "category": "user.content.private"}]
    return _holding(CONTAINER, "azure_blobs", {"container": CONTAINER}, fields, found)


def _holding(
    name: str, connector: str, place: dict[str, str], fields: list[dict[str, str]], found: dict[str, Any]
) -> dict[str, Any]:
    said = {"en": f"Sample records {name}", "nl": f"Voorbeeldgegevens {name}"}
    dataset = {
        "id": f"{name}-held",
        "title": said,
        "tenancy": "none",
        "settings": place,
        "fields": fields,
        "found_by": [found],
        "purposes": [{"id": "testing", "en": "Testing", "nl": "Testen"}],
        "legal_basis": "A6-1-b",
        "authorisation": "user",
        "source": said,
        "retention": {"period": "P90D", "counted_from": "created", "action": "delete", "source": said},
    }
    return {
        "id": name,
        "title": said,
        "owner": "Platform",
        "role": "controller",
        "lane": "stores",
        "connector": connector,
        "settings": {"store": "spindata"},
        "time_limit": "PT30M",
        "datasets": [dataset],
    }
