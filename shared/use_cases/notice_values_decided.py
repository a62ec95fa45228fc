"""What notices tell of decisions: the values their templates need, taken from verdicts and how parts ended."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.ask import Ask, Correction
from shared.domain.data_map import DataMap
from shared.domain.deadline import LEGAL_ZONE, legal_due_day
from shared.domain.request import Language, Request
from shared.domain.states import State
from shared.domain.verdict import Verdict
from shared.rights import discovered
from shared.use_cases.asked import rights_asked
from shared.use_cases.notice_about import About
from shared.use_cases.notice_values_roles import controller_of


def settled(about: About) -> dict[str, Any]:
    """Return how each right ended that is neither a copy nor an erasure."""
    outcomes = decided_rights(about)
    return {"outcomes": outcomes, "remedies": any(one["outcome"] != "granted" for one in outcomes)}


def decided_rights(about: About) -> list[dict[str, Any]]:
    """Return a row for each right that was settled, in lawful order; those that still wait are left out."""
    request = about.request
    rows = []
    for right in rights_asked(request):
        numbers = [number for number, part in enumerate(request.parts) if part.right == right]
        states = {request.parts[number].state for number in numbers}
        if discovered()[right].work in {"copy", "erasure"} or not all(state.is_final for state in states):
            continue
        verdict = next((given for number in numbers if (given := request.verdict(number)) is not None), None)
        ask, language = about.dossier.ask(right), request.language
        rows.append(
            {
                "right": right,
                "outcome": _outcome(states),
                "ground": verdict.ground if verdict else None,
                "text": about.opened(verdict.text) if verdict else None,
                "fields": _fields(_corrected(ask, verdict), about, language),
                "datasets": _datasets(ask, about.data_map, language),
                "purposes": _purposes(ask, about.data_map, language),
                "until": None,
            }
        )
    return rows


def refused(about: About, now: datetime) -> dict[str, Any]:
    """Return why nothing was done, and whether that is told later than the first month (GDPR Art. 12(4))."""
    request = about.request
    verdict = request.verdict(0)
    zone = ZoneInfo(LEGAL_ZONE)
    last = legal_due_day(request.received_at.astimezone(zone).date())
    return {
        "ground": verdict.ground if verdict else None,
        "text": about.opened(verdict.text) if verdict else None,
        "late": now.astimezone(zone).date() > last,
        "decided_by": "controller" if request.role == "processor" else "us",
    } | controller_of(about)


def fee_asked(about: About) -> dict[str, Any]:
    """Return what the fee is for, as people wrote it."""
    verdict = about.request.verdict(0)
    return {"text": about.opened(verdict.text) if verdict else None}


def extended(request: Request) -> dict[str, Any]:
    """Return why an answer takes longer, and until when."""
    extension = request.extension
    return {"reason": extension.reason, "until": request.due_at} if extension else {}


def lifting(about: About) -> dict[str, Any]:
    """Return which limit ends, when, and why, as people wrote it."""
    request = about.request
    if request.lifting is None:
        return {}
    measure = "restriction" if request.asks("restriction") else "objection"
    return {"measure": measure, "text": about.opened(request.lifting.text), "at": request.lifting.at}


def complaint_answered(about: About) -> dict[str, Any]:
    """Return what came of a complaint to us."""
    row = next((one for one in decided_rights(about) if one["right"] == "complaint"), None)
    return {"outcome": row["outcome"] if row else "refused", "text": row["text"] if row else None}


def _outcome(states: set[State]) -> str:
    if states == {State.COMPLETED}:
        return "granted"
    return "refused" if states == {State.REFUSED} else "partly"


def _corrected(ask: Ask, verdict: Verdict | None) -> Iterable[Correction]:
    if verdict is None or verdict.outcome == "granted":
        return ask.corrections
    numbers = verdict.corrections if verdict.outcome == "partly" else ()
    return [ask.corrections[number] for number in numbers if number < len(ask.corrections)]


def _fields(corrections: Iterable[Correction], about: About, language: Language) -> list[dict[str, str]]:
    """Return the fields that were corrected, by dataset and category; one that nobody corrects is left out.

    What lies in systems of the other role is another case's to tell.
    """
    held = (dataset for service, dataset in about.data_map.datasets() if service.role == about.request.role)
    datasets = {dataset.id: dataset for dataset in held}
    found = []
    for one in corrections:
        dataset = datasets.get(one.dataset)
        field = next((field for field in dataset.fields if field.name == one.field), None) if dataset else None
        if dataset and field and field.rectify != "no":
            found.append({"dataset": dataset.title.in_language(language), "category": field.category})
    return found


def _datasets(ask: Ask, data_map: DataMap, language: Language) -> list[str]:
    titles = {dataset.id: dataset.title.in_language(language) for _, dataset in data_map.datasets()}
    return [titles[one] for one in ask.datasets if one in titles]


def _purposes(ask: Ask, data_map: DataMap, language: Language) -> list[str]:
    texts = {one.id: one.in_language(language) for _, dataset in data_map.datasets() for one in dataset.purposes}
    return [texts[one] for one in ask.purposes if one in texts]
