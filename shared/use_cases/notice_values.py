"""What each notice tells: the values its template needs, taken from the case as it stands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.domain.certificate import DatasetLine, RecipientLine
from shared.domain.dossier import SHARED_ADDRESS
from shared.domain.erasure import Action, ErasurePlan
from shared.domain.identity import EMAIL
from shared.domain.references import References
from shared.domain.request import Export, Request
from shared.domain.service_task import TaskState, Work
from shared.domain.states import State
from shared.messages.commands import Notice
from shared.use_cases.asked import is_copy_whole, rights_asked
from shared.use_cases.certificate_contents import backups_until
from shared.use_cases.certificate_lines import is_fault, lines_of
from shared.use_cases.notice_about import About
from shared.use_cases.notice_values_asked import clarification_asked, joined
from shared.use_cases.notice_values_decided import complaint_answered, extended, fee_asked, lifting, refused, settled
from shared.use_cases.notice_values_roles import (
    controller_of,
    forwarded,
    operator_alert,
    service_reminder,
    to_controller,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeValues:
    """Finds the values of every notice. `starts_at` says when an erasure behind a copy starts at the latest."""

    references: References
    public_url: str
    cases_url: str
    starts_at: Callable[[Request], datetime]

    def of(self, notice: Notice, about: About, now: datetime) -> dict[str, Any]:
        """Return the values of one notice as of now."""
        request = about.request
        values: dict[str, Any] = {
            "public_url": self.public_url,
            "request_id": request.id,
            "rights": rights_asked(request),
            "asked_at": request.received_at,
            "status_link": f"{self.public_url}/api/privacy/{request.id}?language={request.language}",
        }
        more = _MORE.get(notice)
        return values | more(self, about, now) if more else values

    def not_established(self, request: Request) -> dict[str, Any]:
        """Return why nobody could be sure who asked, and where to prove it."""
        spent = request.verification is not None and request.verification.tries_left == 0
        return {
            "reason": "spent" if spent else "lapsed",
            "link": f"{self.public_url}/api/privacy/{request.id}/verify?language={request.language}",
        }

    def link(self, request: Request, export: Export | None) -> dict[str, Any]:
        """Return the newest link to a package or certificate, and the secret that opens it."""
        if export is None:
            return {}
        secret = self.references.link_secret(request.id, export.link_issue, export.kind)
        return {
            "link": f"{self.public_url}/api/v1/exports/{export.id}?language={request.language}#{secret}",
            "typed_secret": self.references.typed_secret(request.id, export.link_issue, export.kind),
            "expires_at": export.expires_at,
        }

    def announced(self, request: Request, what: Literal["request", "delivery"]) -> dict[str, Any]:
        """Return what was done in somebody's name, and how to stop it."""
        secret = self.references.stop_secret(request.id)
        return {
            "what": what,
            "signed_in": request.signed_in,
            "stop_link": f"{self.public_url}/api/privacy/{request.id}/stop?language={request.language}#{secret}",
            "typed_secret": self.references.typed_stop_secret(request.id),
        }

    def answered(self, about: About) -> dict[str, Any]:
        """Return what a copy lacks, and what follows it."""
        request = about.request
        follows = request.state is State.HANDED_OVER
        return self.link(request, request.export) | {
            "complete": is_copy_whole(request),
            "missing": _missing(about),
            "needs_sign_in": not request.signed_in,
            "erasure_follows": follows,
            "starts_at": self.starts_at(request) if follows else None,
        }


def _effect(request: Request) -> str:
    if request.reason == "erasure_withdrawn":
        return "copy"
    return "erasure" if request.asks("erasure") else "access"


def _missing(about: About) -> list[str]:
    """Return the titles of the services that a copy lacks data of."""
    failed = {task.service for task in about.case.of(Work.EXPORT) if task.state is TaskState.FAILED or task.unreadable}
    if SHARED_ADDRESS in about.request.attention:
        failed |= {service.id for service, dataset in about.data_map.datasets() if dataset.is_opened_by(EMAIL)}
    language = about.request.language
    titles = {service.id: service.title.in_language(language) for service in about.data_map.services}
    return [titles.get(service, service) for service in sorted(failed)]


def _planned(request: Request, plan: ErasurePlan | None, now: datetime) -> dict[str, Any]:
    decisions = [one for one in plan.decisions if one.count != 0] if plan else []
    counted = {action: len({one.dataset for one in decisions if one.action is action}) for action in Action}
    until = request.erasure.cooling_off_until if request.erasure else None
    return {
        "deleted": counted[Action.DELETE],
        "anonymised": counted[Action.ANONYMISE],
        "retained": counted[Action.RETAIN],
        "needs_sign_in": not request.signed_in,
        "until": until if until is not None and until > now else None,
    }


def _stopped(about: About) -> dict[str, Any]:
    export = about.request.export
    alive = export is not None and export.deleted_at is None and export.revoked_at is None
    return {"missing": _missing(about), "expires_at": export.expires_at if export is not None and alive else None}


def _certified(about: About) -> dict[str, Any]:
    language = about.request.language
    lines = lines_of(about.case, about.dossier, about.data_map)
    datasets = [one for one in lines if isinstance(one, DatasetLine)]
    recipients = [one for one in lines if isinstance(one, RecipientLine)]
    return {
        "complete": about.request.state is State.COMPLETED,
        "not_erased": _each(one.service_title.in_language(language) for one in datasets if is_fault(one)),
        "untold": _each(one.name for one in recipients if one.outcome == "not_reached"),
        "retained": _each(one.title.in_language(language) for one in datasets if one.outcome == "retained"),
        "backups_until": backups_until(lines),
        "needs_sign_in": not about.request.signed_in,
    }


def _each(titles: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(titles))


_MORE: dict[Notice, Callable[[NoticeValues, About, datetime], dict[str, Any]]] = {
    "identity_not_established": lambda given, about, _: given.not_established(about.request),
    "withdrawn": lambda _, about, __: {"effect": _effect(about.request)},
    "answered": lambda given, about, _: given.answered(about),
    "link_renewed": lambda given, about, _: given.link(about.request, about.request.export),
    "planned": lambda _, about, now: _planned(about.request, about.case.plan, now),
    "reminder": lambda given, about, _: (
        given.link(about.request, about.request.export) | {"starts_at": given.starts_at(about.request)}
    ),
    "erasure_stopped": lambda _, about, __: _stopped(about),
    "certified": lambda given, about, _: given.link(about.request, about.request.certificate) | _certified(about),
    "certificate_renewed": lambda given, about, _: given.link(about.request, about.request.certificate),
    "announced": lambda given, about, _: given.announced(about.request, "request"),
    "clarification_asked": lambda given, about, _: clarification_asked(about, given.public_url),
    "joined": lambda given, about, _: joined(about, given.public_url),
    "settled": lambda _, about, __: settled(about),
    "refused": lambda _, about, now: refused(about, now),
    "fee_asked": lambda _, about, __: fee_asked(about),
    "extended": lambda _, about, __: extended(about.request),
    "lifting": lambda _, about, __: lifting(about),
    "complaint_answered": lambda _, about, __: complaint_answered(about),
    "forwarded": lambda _, about, __: forwarded(about),
    "controller_silent": lambda _, about, __: controller_of(about),
    "controller_asked": lambda given, about, _: to_controller(about, given.cases_url),
    "controller_reminder": lambda given, about, _: to_controller(about, given.cases_url),
    "controller_others": lambda given, about, _: to_controller(about, given.cases_url),
    "controller_partner": lambda given, about, _: to_controller(about, given.cases_url),
    "operator_alert": lambda _, about, __: operator_alert(about),
    "service_reminder": lambda _, about, __: service_reminder(about),
}
