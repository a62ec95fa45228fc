"""What each notice tells: the values its template needs, taken from the case as it stands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.certificate import DatasetLine, RecipientLine
from shared.domain.data_map import DataMap
from shared.domain.dossier import SHARED_ADDRESS, Dossier
from shared.domain.erasure import Action, ErasurePlan
from shared.domain.identity import EMAIL
from shared.domain.references import References
from shared.domain.request import Export, Request
from shared.domain.service_task import TaskState, Work
from shared.domain.states import State
from shared.messages.commands import Notice
from shared.ports.requests import Case
from shared.use_cases.asked import asked_for, is_copy_whole
from shared.use_cases.certificate_contents import backups_until
from shared.use_cases.certificate_lines import is_fault, lines_of


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a notice is about: the case, whose it is, and the map that names services and datasets."""

    case: Case
    dossier: Dossier
    data_map: DataMap

    @property
    def request(self) -> Request:
        """The request's row."""
        return self.case.request.row


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeValues:
    """Finds the values of every notice. `starts_at` says when an erasure behind a copy starts at the latest."""

    references: References
    public_url: str
    starts_at: Callable[[Request], datetime]

    def of(self, notice: Notice, about: About, now: datetime) -> dict[str, Any]:
        """Return the values of one notice as of now."""
        request = about.request
        values: dict[str, Any] = {
            "public_url": self.public_url,
            "request_id": request.id,
            "right": asked_for(request),
            "asked_at": request.received_at,
            "status_link": f"{self.public_url}/api/privacy/{request.id}?language={request.language}",
        }
        match notice:
            case "identity_not_established":
                return values | self._not_established(request)
            case "withdrawn":
                return values | {"effect": _effect(request)}
            case "answered":
                return values | self._answered(about)
            case "link_renewed":
                return values | self._link(request, request.export)
            case "planned":
                return values | _planned(request, about.case.plan, now)
            case "reminder":
                return values | self._link(request, request.export) | {"starts_at": self.starts_at(request)}
            case "erasure_stopped":
                return values | _stopped(about)
            case "certified":
                return values | self._link(request, request.certificate) | _certified(about)
            case "certificate_renewed":
                return values | self._link(request, request.certificate)
            case _:
                return values

    def _not_established(self, request: Request) -> dict[str, Any]:
        spent = request.verification is not None and request.verification.tries_left == 0
        return {
            "reason": "spent" if spent else "lapsed",
            "link": f"{self.public_url}/api/privacy/{request.id}/verify?language={request.language}",
        }

    def _link(self, request: Request, export: Export | None) -> dict[str, Any]:
        if export is None:
            return {}
        secret = self.references.link_secret(request.id, export.link_issue, export.kind)
        return {
            "link": f"{self.public_url}/api/v1/exports/{export.id}?language={request.language}#{secret}",
            "typed_secret": self.references.typed_secret(request.id, export.link_issue, export.kind),
            "expires_at": export.expires_at,
        }

    def _answered(self, about: About) -> dict[str, Any]:
        request = about.request
        follows = request.state is State.HANDED_OVER
        return self._link(request, request.export) | {
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
