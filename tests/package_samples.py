"""Values for a package's index, as the app gives them."""

from datetime import timedelta
from typing import Any

from rendered_samples import AUTHORITY, CONTROLLER, PRIVACY_CONTACT, RECEIVED, REQUEST_ID


def told_dataset(**changes: Any) -> dict[str, Any]:
    return {
        "id": "accounts",
        "title": "Accounts",
        "service": "accounts",
        "service_title": "Sign-ups",
        "role": "controller",
        "state": "included",
        "reason": None,
        "records": 12_345,
        "files": [{"path": "accounts/files/0001.pdf", "name": "Cv of Zoë.pdf", "size": 123_456}],
        "tables": ["accounts/data/accounts.json", "accounts/data/accounts.csv"],
        "purposes": ["To run your account", "To bill your organisation"],
        "legal_basis": "A6-1-b",
        "categories": ["user.name.first", "user.contact.email", "system.operations"],
        "source": "You gave it to us when you signed up",
        "recipients": [
            {"name": "Microsoft", "purpose": "hosting", "country": "IE", "safeguard": None},
            {"name": "Mailer Inc.", "purpose": "mail", "country": "US", "safeguard": "standard contractual clauses"},
        ],
        "retention": {"days": 2555, "counted_from": "contract_ended", "action": "delete", "source": "Tax law"},
        "automated_decisions": None,
        "profiling": None,
        "excluded": [],
        "redacted": [],
        "unreviewed": 0,
        "withheld": {"passwordHash": "It would make your account less safe"},
    } | changes


def nothing(**changes: Any) -> dict[str, Any]:
    return told_dataset(records=0, files=[], tables=[], withheld={}, recipients=[], **changes)


def package(*datasets: dict[str, Any], identifiers: list[dict[str, str]] | None = None) -> dict[str, Any]:
    told = list(datasets) or [
        told_dataset(),
        told_dataset(title="Tickets", state="incomplete", reason="time_limit"),
        nothing(title="Newsletter", state="nothing_found", legal_basis="A6-1-a"),
        nothing(title="Office 365 use", state="needs_sign_in", role="processor"),
        nothing(title="Job applications", state="needs_address"),
        nothing(title="Chat", state="missing", reason="a_new_reason"),
        told_dataset(
            title="Video chat",
            excluded=[{"ground": "rights_of_others", "count": 2}, {"ground": "uavg_41_i", "count": 1}],
            redacted=[{"ground": "rights_of_others", "count": 1200}],
            profiling="Points for every answer",
        ),
        told_dataset(title="Calls", state="incomplete", reason="not_reviewed", unreviewed=7),
    ]
    return {
        "request": {
            "id": REQUEST_ID,
            "right": "access",
            "received_at": RECEIVED,
            "assembled_at": RECEIVED + timedelta(days=2),
            "language": "en",
        },
        "subject": {
            "identifiers": identifiers
            or [
                {"kind": "email", "value": "zoe@contoso.example", "standing": "proven"},
                {"kind": "entra_object_id", "value": "9b7d0f0e-0000-4000-8000-000000000001", "standing": "derived"},
                {"kind": "badge_number", "value": "B-17", "standing": "derived"},
            ]
        },
        "controller": CONTROLLER,
        "privacy_contact": PRIVACY_CONTACT,
        "authority": AUTHORITY,
        "parts": [{"tenant": "11111111-1111-4111-8111-111111111111"}, {"tenant": None}],
        "datasets": told,
        "portable": None
        if datasets
        else [
            told_dataset(title="Portable", schema="portability/data/accounts.schema.json"),
            nothing(title="Invoices", state="right_not_applicable", reason="legal_basis", schema=None),
            nothing(title="Newsletter", state="not_asked", schema=None),
        ],
        "missing": [one for one in told if one["state"] in {"missing", "incomplete"}],
    }
