"""Certificates to check: a signer of the tests' own, lines to sign, and what a forger would make of them."""

import base64
import json
from datetime import UTC, date, datetime

from shared.adapters.local_signer import LocalSigner
from shared.domain.certificate import (
    TYPE,
    Copy,
    Cover,
    DatasetLine,
    PlanLine,
    RecipientLine,
    disclose,
    encoded,
    fillers_needed,
    payload,
    presented,
)
from shared.domain.data_map import Role
from shared.domain.map_entry import Text
from shared.use_cases.certificate_keys import as_key_set

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SECRET, OTHER_SECRET = bytes(range(1, 33)), bytes(range(2, 34))
SIGNER = LocalSigner([(SECRET, SINCE)], [], lambda: NOW)
FORGER = LocalSigner([(OTHER_SECRET, SINCE)], [], lambda: NOW)

COVER = Cover(
    iss="https://privacy.spinpanel.example",
    iat=int(datetime(2026, 11, 24, tzinfo=UTC).timestamp()),
    jti="5f0c7a52-6a0b-4f3b-9d55-0a1b2c3d4e5f",
    outcome="partial",
    asked_on=date(2026, 11, 20),
    erased_on=date(2026, 11, 24),
    backups_until=date(2026, 12, 30),
    case_file_until=date(2031, 11, 25),
    map_version="map-7",
    audit_event="cd" * 32,
)


def said(words: str) -> Text:
    return Text(en=words, nl=f"{words} (nl)")


LINES = [
    DatasetLine(
        dataset="tickets",
        title=said("Tickets"),
        service="support",
        service_title=said("Support"),
        role=Role.CONTROLLER,
        outcome="erased",
        count=12,
        method="logical delete, memory",
        at=date(2026, 11, 24),
        verified="looked_again",
        copies=(Copy(kind="backup", days=35),),
    ),
    DatasetLine(
        dataset="invoices",
        title=said("Invoices"),
        service="billing",
        service_title=said("Billing"),
        role=Role.CONTROLLER,
        outcome="retained",
        count=3,
        exemption="17-3-b",
        source=said("Tax law"),
        until=date(2033, 12, 31),
    ),
    DatasetLine(
        dataset="calls",
        title=said("Calls"),
        service="support",
        service_title=said("Support"),
        role=Role.CONTROLLER,
        outcome="not_erased",
        count=2,
        reason="time_limit",
    ),
    RecipientLine(
        recipient="mailer",
        name="Mailer Inc.",
        datasets=("tickets",),
        outcome="acknowledged",
        at=date(2026, 11, 24),
    ),
    PlanLine(plan="ab" * 32),
]


def disclosures(lines=None):
    return [disclose(f"salt-{number}", f"line-{number:02}", line) for number, line in enumerate(lines or LINES, 1)]


async def issued(cover=COVER, lines=None, shown=None, signer=SIGNER, header=None):
    """A certificate of these lines, showing all of them or those of the given numbers."""
    made = disclosures(lines)
    fillers = [f"filler-{number}" for number in range(fillers_needed(len(made)))]
    jws = await signer.sign(header or {"typ": TYPE}, payload(cover, made, fillers))
    return presented(jws, made if shown is None else [made[number] for number in shown])


async def key_set(signer=SIGNER):
    return as_key_set(await signer.keys())


def as_json(part: str):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def as_part(value) -> str:
    return encoded(value if isinstance(value, bytes) else json.dumps(value).encode())


async def signed_claims(claims, signer=SIGNER, header=None):
    """Sign any claims as a cover, with nothing shown."""
    return presented(await signer.sign(header or {"typ": TYPE}, as_json_bytes(claims)), [])


def as_json_bytes(value) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def claims_of(text: str) -> dict:
    return as_json(text.split("~", maxsplit=1)[0].split(".")[1])
