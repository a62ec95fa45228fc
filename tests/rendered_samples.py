"""Values for every page, every mail and the package's index, as the app gives them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from functions._rights_asked import CHOICES
from shared.adapters.notice_samples import ASKED, EXPORT_ID, REQUEST_ID, samples
from shared.domain.data_map import (
    Authority,
    Contact,
    DataField,
    DataMap,
    Dataset,
    FoundBy,
    Purpose,
    Retention,
    Role,
    Service,
    Text,
)
from shared.domain.request import Language
from shared.use_cases.offered_choices import Choice, FieldChoice, FieldGroup, Offer

PUBLIC_URL = "https://privacy.spinpanel.example"
RECEIVED = ASKED
LANGUAGES = ("en", "nl")

CONTROLLER = Contact(name="Spinpanel B.V.", address="Voorbeeldstraat 1, Utrecht", email="info@spinpanel.example")
PRIVACY_CONTACT = Contact(
    name="Spinpanel Privacy", address="Voorbeeldstraat 1, Utrecht", email="privacy@spinpanel.example"
)
AUTHORITY = Authority(
    name="Autoriteit Persoonsgegevens",
    address="Postbus 93374, 2509 AJ Den Haag",
    website="autoriteitpersoonsgegevens.nl",
)


def data_map() -> DataMap:
    said = Text(en="Said", nl="Gezegd")
    dataset = Dataset(
        id="people",
        title=said,
        tenancy="none",
        fields=(DataField(name="mail", category="user.contact.email"),),
        found_by=(FoundBy(identifier="email", how="property"),),
        purposes=(Purpose(id="testing", en="Said", nl="Gezegd"),),
        legal_basis="A6-1-b",
        authorisation="user",
        source=said,
        retention=Retention(period=timedelta(days=30), counted_from="created", action="delete", source=said),
    )
    service = Service(
        id="directory",
        title=said,
        owner="Spinpanel",
        role=Role.CONTROLLER,
        lane="stores",
        connector="memory",
        time_limit=timedelta(hours=1),
        datasets=(dataset,),
    )
    return DataMap(
        version="1",
        controller=CONTROLLER,
        privacy_contact=PRIVACY_CONTACT,
        authority=AUTHORITY,
        services=(service,),
    )


class GoodMaps:
    def current(self) -> DataMap:
        return data_map()


SERVICES = [
    {"title": "Directory", "state": "done"},
    {"title": "Newsletter", "state": "pending"},
    {"title": "Office 365", "state": "failed"},
    {"title": "Telemetry", "state": "waiting"},
    {"title": "Billing", "state": "manual"},
]
STEPS = ("proof", "copy", "survey", "cooling_off", "erasing", "informing", "certificate")


def steps(current: str, until: datetime | None = None) -> list[dict[str, Any]]:
    at = STEPS.index(current)
    states = ["done"] * at + ["now"] + ["ahead"] * (len(STEPS) - at - 1)
    return [
        {"name": name, "state": state, "until": until if state == "now" else None}
        for name, state in zip(STEPS, states, strict=True)
    ]


def row(title: str, action: str = "delete", count: int | None = 3, **more: Any) -> dict[str, Any]:
    told = {"title": title, "service": "Directory", "count": count, "action": action}
    return told | {"exemption": None, "source": None, "until": None} | more


PLAN = {
    "found": [
        row("Accounts", count=12_345),
        row("Website visits", "anonymise", count=None),
        row("Invoices", "retain", exemption="17-3-b", source="Tax law, article 52", until=date(2033, 12, 31)),
        row("Correspondence", "retain", exemption="hold"),
        row("Agreements", "retain", exemption="a_new_ground"),
    ],
    "nothing_in": ["Newsletter", "Job applications"],
    "needs_sign_in": True,
}


def erasure(means: str, **changes: Any) -> Mapping[str, Any]:
    parts = [{"right": "access", "state": "completed"}, {"right": "erasure", "state": "in_progress"}]
    services = [{"work": "survey", "services": SERVICES}]
    return status(
        **{"means": f"erasure.{means}", "parts": parts, "services": services, "withdrawing": "copy"} | changes
    )


def status(**changes: Any) -> Mapping[str, Any]:
    request = {
        "id": REQUEST_ID,
        "state": "in_progress",
        "means": changes.get("state", "in_progress"),
        "reason": None,
        "received_at": RECEIVED,
        "due_at": RECEIVED + timedelta(days=30),
        "parts": [{"right": "access", "state": "in_progress"}],
        "services": [{"work": "export", "services": SERVICES}],
        "export": None,
        "certificate": None,
        "can_withdraw": True,
        "withdrawing": "access",
        "can_renew_link": False,
        "attention": False,
        "steps": [],
        "has_plan": False,
        "plan": None,
        "proof": None,
        "can_waive": False,
        "shows_remedies": False,
        **dict.fromkeys(("refused", "question", "lifting", "origin", "first", "first_asked_at", "extension")),
        "outcomes": [],
        "linked": [],
        "can_lift": False,
        "role": "controller",
    }
    return {"request": request | changes}


def export(**changes: Any) -> Mapping[str, Any]:
    return {
        "export": {
            "id": EXPORT_ID,
            "kind": "package",
            "state": "available",
            "expires_at": RECEIVED + timedelta(days=9),
            "size": 1_454_321,
            "received_at": RECEIVED,
        },
        "proof": "needed",
        "errors": {},
    } | changes


DATASETS = (Choice(id="accounts", title="Accounts"), Choice(id="invoices", title="Invoices"))
PURPOSES = (Choice(id="news", title="To send you news"), Choice(id="profiles", title="To suggest what suits you"))
GROUPS = (
    FieldGroup(
        title="Accounts",
        fields=(
            FieldChoice(id="accounts/mail", category="user.contact.email", name=None),
            FieldChoice(id="accounts/first", category="user.name", name="first"),
            FieldChoice(id="accounts/last", category="user.name", name="last"),
        ),
    ),
)
OFFERS = {
    "erasure": Offer(datasets=DATASETS),
    "restriction": Offer(datasets=DATASETS),
    "objection": Offer(purposes=PURPOSES),
    "withdraw_consent": Offer(purposes=PURPOSES),
    "rectification": Offer(groups=GROUPS),
}
ROWS = (1, 2, 3)
NAMES = ("ground", "statement", "about", "representative", "relation", "child")
NAMES += tuple(f"{name}-{row}" for name in ("field", "value") for row in ROWS)
AGAIN = dict.fromkeys(
    ("email", "statement", "scope", "ground", "about", "representative_email", "relation", "field-1"), "x"
)
AGAIN_GIVEN = {
    "statement": "I moved.\nIn March.",
    "field-1": "accounts/first",
    "value-1": "Zoë",
    "ground": "18-1-c",
    "chosen": ["invoices", "news"],
    "representative": "yes",
    "relation": "parent",
    "child": "yes",
}


def asking(
    choice: str, errors: Mapping[str, str] | None = None, given: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """The form for one right, empty or filled in."""
    filled = dict.fromkeys(NAMES, "") | {"chosen": []} | dict(given or {})
    offer = OFFERS.get(choice, Offer())
    signs_in = choice not in {"rectification", "restriction", "complaint"}
    values = {"right": choice, "offer": offer, "rows": ROWS, "given": filled, "errors": dict(errors or {})}
    shown = {name: code for name, code in values["errors"].items() if name in _fields_of(choice)}
    return values | {"errors": shown, "signs_in": signs_in}


def _fields_of(choice: str) -> set[str]:
    more = {
        "rectification": {"statement", "field-1"},
        "erasure": {"scope"},
        "restriction": {"statement", "scope", "ground"},
        "objection": {"statement", "scope"},
        "withdraw_consent": {"scope"},
        "human_review": {"statement"},
        "complaint": {"statement", "about"},
    }
    return {"email", "representative_email", "relation"} | more.get(choice, set())


READY = {
    "id": EXPORT_ID,
    "expires_at": RECEIVED + timedelta(days=9),
    "size": 1_454_321,
    "downloads": 1,
    "revoked": False,
}

MAILS = samples("en", PUBLIC_URL)


def mail_sample(sample: str, language: Language) -> tuple[str, Mapping[str, Any]]:
    """The template and the values of one mail, in the words of its language."""
    return samples(language, PUBLIC_URL)[sample]


PAGES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "ask": ("ask", {"choices": CHOICES}),
    **{f"ask-{choice}": ("ask_for", asking(choice)) for choice in CHOICES},
    "ask-again": ("ask_for", asking("both", {"email": "not an address"})),
    **{f"ask-again-{choice}": ("ask_for", asking(choice, AGAIN, AGAIN_GIVEN)) for choice in CHOICES[2:]},
    "asked": ("asked", {"due_at": RECEIVED + timedelta(days=30), "rights": ["access"]}),
    "asked-erasure": ("asked", {"due_at": RECEIVED + timedelta(days=30), "rights": ["access", "erasure"]}),
    "verify": ("verify", {"request_id": REQUEST_ID, "errors": {}, "disowned": False}),
    "verify-again": ("verify", {"request_id": REQUEST_ID, "errors": {"code": "code_expired"}, "disowned": False}),
    "verify-sent": ("verify", {"request_id": REQUEST_ID, "errors": {}, "disowned": False, "sent": True}),
    "verify-disowned": ("verify", {"request_id": REQUEST_ID, "errors": {}, "disowned": True}),
    "status": ("status", status()),
    "status-unsure": ("status", {**status(), "errors": {"sure": "missing"}}),
    "status-answered": (
        "status",
        status(state="partially_completed", export=READY, can_withdraw=False, can_renew_link=True, attention=True),
    ),
    "status-revoked": ("status", status(state="completed", export=READY | {"revoked": True}, can_withdraw=False)),
    "status-refused": (
        "status",
        status(
            state="refused", reason="identity_not_established", services=[], can_withdraw=False, shows_remedies=True
        ),
    ),
    "status-forwarded": ("status", status(state="forwarded", role="processor", origin=EXPORT_ID, services=[])),
    "status-unanswered": (
        "status",
        status(state="unanswered", role="processor", services=[], can_withdraw=False, shows_remedies=True),
    ),
    "status-joined": (
        "status",
        status(state="joined", first=EXPORT_ID, first_asked_at=RECEIVED, services=[], can_withdraw=False),
    ),
    "status-question": ("status", status(state="clarification_pending", question="Which one?\nTell us.", services=[])),
    "status-question-again": (
        "status",
        {**status(state="clarification_pending", question="Which one?", services=[]), "errors": {"answer": "missing"}},
    ),
    "status-extended": (
        "status",
        status(
            state="extended",
            means="deciding",
            extension={"reason": "complexity", "until": RECEIVED + timedelta(days=92)},
            linked=[
                {"id": EXPORT_ID, "state": "forwarded", "due_at": RECEIVED + timedelta(days=30), "final": False},
                {"id": REQUEST_ID, "state": "completed", "due_at": RECEIVED, "final": True},
            ],
            services=[{"work": "rectify", "services": SERVICES}],
            shows_remedies=True,
        ),
    ),
    "status-decided": (
        "status",
        status(
            state="partially_completed",
            means="settled.partially_completed",
            outcomes=mail_sample("settled-in-part", "en")[1]["outcomes"],
            lifting={"at": RECEIVED + timedelta(days=3), "text": "It is over."},
            can_withdraw=False,
            can_lift=True,
            shows_remedies=True,
        ),
    ),
    "status-lift-again": (
        "status",
        {**status(state="completed", means="settled.completed", can_lift=True), "errors": {"sure-lift": "missing"}},
    ),
    "status-lift-proof": ("status", status(state="completed", means="settled.completed", can_lift=True, proof="code")),
    "status-decided-whole": (
        "status",
        status(
            state="refused",
            means="refused_by_people",
            refused={"ground": "manifestly_excessive", "text": "You asked this every day."},
            services=[],
            can_withdraw=False,
            shows_remedies=True,
        ),
    ),
    **{
        f"status-{means}": ("status", status(state=state, means=means))
        for means, state in (
            ("second_proof", "identity_pending"),
            ("doubted", "identity_pending"),
            ("reviewing", "in_progress"),
            ("applying", "in_progress"),
            ("refused_by_controller", "refused"),
            ("settled.refused", "refused"),
        )
    },
    "stop": ("stop", {"request_id": REQUEST_ID, "errors": {}, "stopped": False}),
    "stop-again": ("stop", {"request_id": REQUEST_ID, "errors": {"secret": "rejected"}, "stopped": False}),
    "stopped": ("stop", {"request_id": REQUEST_ID, "errors": {}, "stopped": True}),
    "erasure-copy": (
        "status",
        erasure(
            "handed_over",
            steps=steps("copy", RECEIVED + timedelta(days=12)),
            export=READY,
            can_waive=True,
            can_renew_link=True,
            services=[{"work": "export", "services": SERVICES}],
        ),
    ),
    "erasure-copy-in-part": (
        "status",
        {
            **erasure("copy_incomplete", steps=steps("copy"), export=READY, can_waive=True, attention=True),
            "errors": {"sure-waive": "missing"},
        },
    ),
    "erasure-copy-proof": (
        "status",
        erasure("handed_over", steps=steps("copy"), export=READY, can_waive=True, proof="code"),
    ),
    "erasure-surveying": ("status", erasure("surveying", steps=steps("survey"), withdrawing="erasure")),
    "erasure-plan": (
        "status",
        erasure(
            "cooling_off",
            steps=steps("cooling_off", RECEIVED + timedelta(days=9)),
            has_plan=True,
            plan=PLAN,
            shows_remedies=True,
        ),
    ),
    "erasure-plan-empty": (
        "status",
        erasure("cooling_off", steps=steps("cooling_off"), has_plan=True, plan={**PLAN, "found": []}),
    ),
    "erasure-plan-proof": (
        "status",
        erasure("cooling_off", steps=steps("cooling_off"), has_plan=True, proof="sign_in"),
    ),
    "erasure-halted": ("status", erasure("halted", steps=steps("cooling_off"), attention=True)),
    "erasure-working": (
        "status",
        erasure(
            "informing",
            steps=steps("informing"),
            can_withdraw=False,
            services=[
                {"work": "erase", "services": SERVICES},
                {"work": "inform", "services": [{"title": "Mailer Inc.", "state": "pending"}]},
            ],
        ),
    ),
    "erasure-done": (
        "status",
        erasure(
            "partially_completed",
            state="partially_completed",
            parts=[{"right": "erasure", "state": "partially_completed"}],
            steps=[{"name": name, "state": "partly" if name == "erasing" else "done", "until": None} for name in STEPS],
            services=[{"work": "erase", "services": SERVICES}],
            certificate=READY,
            has_plan=True,
            plan=PLAN,
            can_withdraw=False,
            can_renew_link=True,
            shows_remedies=True,
        ),
    ),
    "erasure-stopped": (
        "status",
        erasure(
            "stopped",
            state="partially_completed",
            reason="copy_incomplete",
            parts=[{"right": "access", "state": "partially_completed"}, {"right": "erasure", "state": "refused"}],
            export=READY,
            can_withdraw=False,
            shows_remedies=True,
        ),
    ),
    "export": ("export", export()),
    "export-again": ("export", export(errors={"secret": "rejected", "code": "no_code_asked"}, secret="ABCDEFGHJKMN")),
    "export-sent": ("export", export(sent=True)),
    "export-proven": ("export", export(proof="given")),
    "export-expired": ("export", export(export=dict(export()["export"]) | {"state": "expired"})),
    "certificate": ("export", export(export=dict(export()["export"]) | {"kind": "certificate"})),
    "certificate-expired": (
        "export",
        export(export=dict(export()["export"]) | {"kind": "certificate", "state": "expired"}),
    ),
    "export-revoked": ("export", export(export=dict(export()["export"]) | {"state": "revoked"})),
    **{
        f"error-{code}": ("error", {"status": code, "title": "A title", "detail": "What was wrong"})
        for code in (400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 502, 503)
    },
}
