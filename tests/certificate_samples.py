"""Values for the certificate's page, as the app gives them: one of everything."""

from datetime import date

from rendered_samples import AUTHORITY, CONTROLLER, PRIVACY_CONTACT
from signed_certificates import COVER

KEY = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
DAY = date(2026, 11, 24)


def told_line(outcome="erased", **changes):
    done = outcome in {"erased", "anonymised"}
    return {
        "dataset": "tickets",
        "title": "Tickets",
        "service": "support",
        "service_title": "Support desk",
        "role": "controller",
        "outcome": outcome,
        "count": 1234 if outcome not in {"nothing_found", "not_searched"} else None,
        "method": "logical delete, sql" if done else None,
        "at": DAY if done else None,
        "verified": "looked_again" if done else None,
        "reason": None,
        "exemption": None,
        "source": None,
        "until": None,
        "copies": [{"kind": "backup", "days": 35}, {"kind": "soft_delete", "days": 7}] if done else [],
    } | changes


def told_recipient(**changes):
    return {
        "recipient": "mailer",
        "name": "Mailer Inc.",
        "datasets": ["tickets"],
        "titles": ["Tickets", "Calls"],
        "outcome": "acknowledged",
        "at": DAY,
        "reason": None,
    } | changes


def certificate(*lines, recipients=None, marks=(), outcome=None):
    told = list(lines) or [
        told_line(),
        told_line(
            "anonymised", title="Website visits", service_title="Website", verified="service_statement", copies=[]
        ),
        told_line("erased", title="Newsletter", count=1, verified="vendor_statement", method="logical delete, http"),
        told_line("retained", title="Invoices", exemption="17-3-b", source="Tax law", until=date(2033, 12, 31)),
        told_line("retained", title="Contract", exemption="hold"),
        told_line("not_erased", title="Calls", reason="time_limit", count=None),
        told_line("nothing_found", title="Job applications"),
        told_line("not_searched", title="Office 365 use", reason="needs_sign_in"),
        told_line("not_searched", title="Chat", reason="shared_address"),
    ]
    faults = [one for one in told if one["outcome"] == "not_erased" or one["reason"] == "shared_address"]
    given = outcome or ("partial" if faults or marks else "complete")
    return {
        "cover": COVER.model_copy(update={"outcome": given}),
        "issued_on": DAY,
        "key": KEY,
        "plan": "ab" * 32,
        "keys_url": "https://privacy.spinpanel.example/api/v1/keys",
        "datasets": told,
        "faults": faults,
        "marks": list(marks),
        "recipients": [
            told_recipient(),
            told_recipient(name="Bank", outcome="not_reached", at=None, reason="time_limit"),
        ]
        if recipients is None
        else recipients,
        "controller": CONTROLLER,
        "privacy_contact": PRIVACY_CONTACT,
        "authority": AUTHORITY,
    }
