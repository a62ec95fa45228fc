"""A request's page for its person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import azure.functions as func

from functions._erasure_progress import means, plan_rows, retains, steps
from functions._http import html, language_of, see_other
from functions._status_answers import answers, beside, has_remedies, limits
from functions._status_means import means_of
from shared.domain.data_map import DataMap
from shared.domain.errors import NotFound, NotSignedIn, ProofNeeded
from shared.domain.request import Export, Language, Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.domain.states import MOVES, Happening, State
from shared.ports.requests import Case
from shared.use_cases.caller import Caller
from shared.wiring import services

_UNTOLD = {"withdrawn", "erasure_withdrawn"}  # what the state says already
_WORST_FIRST = (TaskState.FAILED, TaskState.MANUAL, TaskState.PENDING, TaskState.WAITING, TaskState.DONE)


async def status_page(
    req: func.HttpRequest, caller: Caller, request_id: RequestId, errors: dict[str, str] | None = None
) -> func.HttpResponse:
    """Show one's own request, or lead on to proving that it is."""
    try:
        case = await services().owning.case(caller, request_id)
    except (NotSignedIn, NotFound):
        return see_other(f"/api/privacy/{request_id}/verify")
    request, now = case.request.row, services().clock()
    language = language_of(req, req.params.get("language") or request.language)
    shown = _about(request) | _downloads(request) | {"services": _services(case, services().maps.current(), language)}
    shown |= await answers(case, language) | await beside(request) | limits(request)
    shown["shows_remedies"] = has_remedies(shown, request)
    if request.asks("erasure"):
        shown |= _erasure(caller, case, language, now)
    if shown["can_lift"]:
        shown["proof"] = _proof(caller, request)
    return html("status", language, {"request": shown, "errors": errors or {}}, status=422 if errors else 200)


def _about(request: Request) -> dict[str, Any]:
    started = request.erasure is not None and request.erasure.started_at is not None
    parts = dict.fromkeys((part.right, part.state.public) for part in request.parts)
    return {
        "id": request.id,
        "state": request.public,
        "means": means_of(request),
        "reason": None if request.reason in _UNTOLD else request.reason,
        "received_at": request.received_at,
        "due_at": request.due_at,
        "parts": [{"right": right, "state": state} for right, state in parts],
        "can_withdraw": (request.state, Happening.WITHDRAWN) in MOVES and not started,
        "withdrawing": "access",
        "attention": bool(request.attention),
        "steps": [],
        "plan": None,
        "has_plan": False,
        "proof": None,
        "can_waive": False,
    }


def _downloads(request: Request) -> dict[str, Any]:
    gone = request.state in {State.REFUSED, State.WITHDRAWN}
    export, certificate = (None if gone else _download(one) for one in (request.export, request.certificate))
    return {"export": export, "certificate": certificate, "can_renew_link": bool(export or certificate)}


def _download(export: Export | None) -> dict[str, Any] | None:
    if export is None or export.size is None or export.deleted_at is not None:
        return None
    return {
        "id": export.id,
        "expires_at": export.expires_at,
        "size": export.size,
        "downloads": export.downloads,
        "revoked": export.revoked_at is not None,
    }


def _erasure(caller: Caller, case: Case, language: Language, now: datetime) -> dict[str, Any]:
    request = case.request.row
    waits = request.state is State.HANDED_OVER and request.erasure is not None and request.erasure.waived_at is None
    starts_at = services().erasure_rules.starts_at(request) if waits and means(request) == "handed_over" else None
    has_plan = case.plan is not None and request.state is not State.WITHDRAWN
    proof = _proof(caller, request)
    plan = case.plan if has_plan and proof is None else None
    kept = plan is not None and retains(plan)
    return {
        "steps": steps(case, starts_at, now),
        "has_plan": has_plan,
        "plan": plan_rows(request, plan, services().maps.current(), language) if plan else None,
        "proof": proof,
        "can_waive": waits,
        "withdrawing": "copy" if request.export is not None and request.export.size is not None else "erasure",
    } | ({"shows_remedies": True} if kept else {})


def _proof(caller: Caller, request: Request) -> str | None:
    """Return how a caller proves afresh that it is them, where what is shown or decided here asks for that."""
    try:
        services().owning.must_be_fresh(caller, services().settings.fresh_proof_for.total_seconds())
    except ProofNeeded:
        return "sign_in" if request.verification is None else "code"
    return None


def _services(case: Case, data_map: DataMap, language: Language) -> list[dict[str, Any]]:
    """Return how far each service is with the newest kind of work it was given, and each recipient with its word."""
    erasure = case.request.row.erasure
    round_of_work = str(erasure.round) if erasure is not None else ""
    newest = {work: _of_round(case, work, round_of_work) for work in Work}
    titles = {service.id: service.title.in_language(language) for service in data_map.services}
    names = {recipient_id: recipient.name for recipient_id, recipient in data_map.recipients().items()}
    searched = newest[Work.ERASE] or newest[Work.SURVEY] or case.of(Work.EXPORT)
    told = newest[Work.INFORM] or [task for task in case.of(Work.INFORM) if task.stage == "tell"]
    return [
        {"work": tasks[0].work.value, "services": [{"title": known[one], "state": state} for one, state in found]}
        for tasks, known in ((case.of(Work.RECTIFY), titles), (searched, titles), (told, names))
        if (found := [(one, state) for one, state in _states(tasks).items() if one in known])
    ]


def _of_round(case: Case, work: Work, number: str) -> list[ServiceTask]:
    """Return the tasks of one kind that belong to the erasure's newest plan: stages bear its number."""
    return [task for task in case.of(work) if task.stage.partition("-")[0] == f"{work}{number}"]


def _states(tasks: Sequence[ServiceTask]) -> dict[str, str]:
    """Return the state that tells most about each service: that of the task which is worst off."""
    worst = sorted(tasks, key=lambda task: _WORST_FIRST.index(task.state), reverse=True)
    found = {task.service: task.state.value for task in worst}
    return {service: found[service] for service in dict.fromkeys(task.service for task in tasks)}
