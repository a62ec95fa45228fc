"""Every mail with invented values, in every form it takes: what operators preview, and what tests hold to the rules."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.domain.request import Language

REQUEST_ID = "6f1d7c1e-6a0b-4f3b-9d55-0a1b2c3d4e5f"
EXPORT_ID = "0b5f2f3a-1c2d-4e5f-8a9b-1234567890ab"
ASKED = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

type Samples = dict[str, tuple[str, Mapping[str, Any]]]

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "tickets": "Tickets",
        "invoices": "Invoices",
        "accounts": "Accounts",
        "newsletter": "To send you our newsletter",
        "profile": "To recommend products that suit you",
        "said": "We looked at what you sent us.\nYour old address stays on the invoice of March.",
        "question": "Which account is this about?\nYou can tell us the name of the organisation.",
    },
    "nl": {
        "tickets": "Tickets",
        "invoices": "Facturen",
        "accounts": "Accounts",
        "newsletter": "Om u onze nieuwsbrief te sturen",
        "profile": "Om producten aan te raden die bij u passen",
        "said": "We hebben gekeken naar wat u ons stuurde.\nUw oude adres blijft op de factuur van maart staan.",
        "question": "Om welk account gaat het?\nU kunt ons de naam van de organisatie vertellen.",
    },
}


def samples(language: Language, public_url: str) -> Samples:
    """Return by name every mail in every form, as its template and its values."""
    about = {
        "public_url": public_url,
        "request_id": REQUEST_ID,
        "rights": ["access"],
        "asked_at": ASKED,
        "status_link": f"{public_url}/api/privacy/{REQUEST_ID}?language={language}",
    }
    words = _WORDS[language]
    return {
        **_codes(about, public_url),
        **_copies(about, public_url, words),
        **_erasures(about, public_url, words),
        **_decisions(about, public_url, words),
        **_others(about, public_url, words),
        **_inside(about, public_url),
    }


def _codes(about: Mapping[str, Any], public_url: str) -> Samples:
    code = {
        **about,
        "due_at": ASKED + timedelta(days=30),
        "code": "ABCD-EFGH",
        "valid_minutes": 30,
        "link": f"{public_url}/api/privacy/{REQUEST_ID}/verify#ABCDEFGH",
    }
    unproven = {**about, "link": f"{public_url}/api/privacy/{REQUEST_ID}/verify"}
    stop = {
        **about,
        "rights": ["access", "erasure"],
        "stop_link": f"{public_url}/api/privacy/{REQUEST_ID}/stop#s3cret",
        "typed_secret": "ABCDEFGHJKMN",
    }
    return {
        "code": ("code", code),
        "code-erasure": ("code", code | {"rights": ["erasure"]}),
        "code-many": ("code", code | {"rights": ["objection", "access", "portability", "rectification"]}),
        "not-established-spent": ("identity_not_established", unproven | {"reason": "spent"}),
        "not-established-lapsed": ("identity_not_established", unproven | {"reason": "lapsed"}),
        "announced": ("announced", stop | {"what": "request", "signed_in": True}),
        "announced-delivery": ("announced", stop | {"what": "delivery", "signed_in": False}),
    }


def _link(public_url: str) -> Mapping[str, Any]:
    return {
        "link": f"{public_url}/api/v1/exports/{EXPORT_ID}#s3cret",
        "typed_secret": "ABCDEFGHJKMN",
        "expires_at": ASKED + timedelta(days=9),
        "needs_sign_in": True,
    }


def _copies(about: Mapping[str, Any], public_url: str, words: Mapping[str, str]) -> Samples:
    whole = {"complete": True, "missing": [], "erasure_follows": False, "starts_at": None}
    copy = {**about, **_link(public_url), **whole}
    lacking = {"complete": False, "missing": ["Office 365", words["tickets"]]}
    starts = ASKED + timedelta(days=12)
    both = {"rights": ["access", "erasure"], "erasure_follows": True, "starts_at": starts}
    return {
        "answered": ("answered", copy),
        "answered-in-part": ("answered", copy | lacking),
        "answered-before-erasure": ("answered", copy | both),
        "answered-in-part-before-erasure": ("answered", copy | lacking | both),
        "link_renewed": ("link_renewed", {**about, **_link(public_url)}),
        "reminder": ("reminder", {**about, **_link(public_url), "rights": both["rights"], "starts_at": starts}),
    }


def _erasures(about: Mapping[str, Any], public_url: str, words: Mapping[str, str]) -> Samples:
    erasure = {**about, "rights": ["erasure"]}
    both = {**about, "rights": ["access", "erasure"]}
    found = {**erasure, "needs_sign_in": False, "deleted": 12, "anonymised": 1, "retained": 2}
    planned = found | {"until": ASKED + timedelta(days=9)}
    stopped = {**both, "missing": ["Office 365", words["tickets"]], "expires_at": ASKED + timedelta(days=37)}
    done = {"complete": True, "not_erased": [], "untold": [], "retained": [], "backups_until": None}
    certified = {**erasure, **_link(public_url), **done}
    in_part = {
        "complete": False,
        "not_erased": ["Office 365", words["tickets"]],
        "untold": ["Mailer Inc."],
        "retained": [words["invoices"]],
        "backups_until": date(2027, 1, 2),
    }
    return {
        "planned": ("planned", planned),
        "planned-at-once": ("planned", planned | {"until": None, "retained": 0}),
        "planned-nothing": ("planned", planned | {"deleted": 0, "anonymised": 0, "retained": 0}),
        "erasure_stopped": ("erasure_stopped", stopped),
        "erasure_stopped-unknown": ("erasure_stopped", stopped | {"missing": [], "expires_at": None}),
        "certified": ("certified", certified),
        "certified-in-part": ("certified", certified | in_part),
        "certificate_renewed": ("certificate_renewed", {**erasure, **_link(public_url)}),
        "withdrawn": ("withdrawn", {**about, "effect": "access"}),
        "withdrawn-erasure": ("withdrawn", erasure | {"effect": "erasure"}),
        "withdrawn-copy": ("withdrawn", both | {"effect": "copy"}),
    }


def _outcome(right: str, outcome: str = "granted", **more: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "ground": None,
        "text": None,
        "fields": [],
        "datasets": [],
        "purposes": [],
        "until": None,
    }
    return {"right": right, "outcome": outcome, **nothing, **more}


def _decisions(about: Mapping[str, Any], public_url: str, words: Mapping[str, str]) -> Samples:
    corrected = [
        {"dataset": words["accounts"], "category": "user.contact.address"},
        {"dataset": words["invoices"], "category": "user.name"},
    ]
    granted = [
        _outcome("withdraw_consent", purposes=[words["newsletter"]]),
        _outcome("objection", purposes=[words["profile"]]),
        _outcome("restriction", until=ASKED + timedelta(days=60)),
        _outcome("human_review", text=words["said"]),
        _outcome("rectification", fields=corrected),
    ]
    mixed = [
        _outcome("objection", "refused", ground="compelling_grounds", purposes=[words["profile"]], text=words["said"]),
        _outcome("human_review", "refused", text=words["said"]),
        _outcome("rectification", "partly", ground="accuracy_established", fields=corrected[:1], text=words["said"]),
    ]
    refused = {
        **about,
        "rights": ["access", "rectification"],
        "ground": "manifestly_excessive",
        "text": words["said"],
        "late": False,
        "decided_by": "us",
        "controller": None,
        "contact": None,
    }
    theirs = {"decided_by": "controller", "ground": "rights_of_others"}
    named = {"controller": "Contoso B.V.", "contact": "privacy@contoso.example"}
    extended = {**about, "reason": "complexity", "until": ASKED + timedelta(days=92)}
    complaint = {**about, "rights": ["complaint"], "outcome": "granted", "text": words["said"]}
    lifting = {**about, "rights": ["restriction"], "text": words["said"], "at": ASKED + timedelta(days=40)}
    return {
        "settled": ("settled", {**about, "rights": [one["right"] for one in granted]} | _told(granted)),
        "settled-in-part": ("settled", {**about, "rights": [one["right"] for one in mixed]} | _told(mixed)),
        "refused": ("refused", refused),
        "refused-late": ("refused", refused | {"late": True, "ground": None, "text": None}),
        "refused-controller": ("refused", refused | theirs | {"text": None}),
        "refused-controller-named": ("refused", refused | theirs | named),
        "fee_asked": ("fee_asked", {**about, "text": words["said"]}),
        "extended": ("extended", extended),
        "extended-many": ("extended", extended | {"reason": "high_volume"}),
        "clarification_asked": (
            "clarification_asked",
            {
                **about,
                "text": words["question"],
                "answer_link": f"{public_url}/api/privacy/{REQUEST_ID}#answer",
            },
        ),
        "lifting-restriction": ("lifting", lifting | {"measure": "restriction"}),
        "lifting-objection": ("lifting", lifting | {"measure": "objection", "rights": ["objection"]}),
        **{
            f"complaint_answered-{outcome}": ("complaint_answered", complaint | {"outcome": outcome})
            for outcome in ("granted", "partly", "refused")
        },
    }


def _told(outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"outcomes": outcomes, "remedies": any(one["outcome"] != "granted" for one in outcomes)}


def _others(about: Mapping[str, Any], public_url: str, words: Mapping[str, str]) -> Samples:
    joined = {"first_asked_at": ASKED - timedelta(days=3), "first_link": f"{public_url}/api/privacy/{EXPORT_ID}"}
    due = {**about, "due_at": ASKED + timedelta(days=30)}
    unnamed, named = (
        {"controller": None, "contact": None},
        {"controller": "Contoso B.V.", "contact": "privacy@contoso.example"},
    )
    recipient = {
        "recipient": "Partner B.V.",
        "datasets": [words["invoices"], words["accounts"]],
        "identifiers": ["c-4711"],
        "reference": f"{REQUEST_ID}.inform1.0.partner",
        "happening": "erased",
        "corrections": [],
    }
    corrected = {"happening": "rectified", "corrections": [{"field": words["accounts"], "value": "B-17"}]}
    return {
        "joined": ("joined", {**about, **joined}),
        "forwarded": ("forwarded", due | unnamed),
        "forwarded-named": ("forwarded", due | named),
        "controller_silent": ("controller_silent", due | unnamed),
        "controller_silent-named": ("controller_silent", due | named),
        "recipient": ("recipient", recipient),
        "recipient-rectified": ("recipient", recipient | corrected),
        "recipient-restricted": ("recipient", recipient | {"happening": "restricted"}),
    }


def _inside(about: Mapping[str, Any], public_url: str) -> Samples:
    case = {
        "public_url": public_url,
        "rights": ["access", "erasure"],
        "controller": "Contoso B.V.",
        "due_at": about["asked_at"] + timedelta(days=30),
        "case": REQUEST_ID,
        "case_link": f"{public_url}/cases/{REQUEST_ID}",
    }
    asked = {f"controller_{name}": (f"controller_{name}", case) for name in ("asked", "reminder", "others", "partner")}
    asked["controller_asked-no-page"] = ("controller_asked", case | {"case_link": ""})
    alert = {"due_at": case["due_at"], "case": REQUEST_ID}
    codes = ("service_late", "at_risk", "controller_late", "stopped", "mail_bounced", "something_else")
    return {
        **asked,
        "service_reminder": (
            "service_reminder",
            {"service": "Office 365", "due_at": case["due_at"], "task": f"{REQUEST_ID}.export.0.office"},
        ),
        **{f"operator_alert-{code}": ("operator_alert", alert | {"code": code}) for code in codes},
    }
