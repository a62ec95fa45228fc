"""How far an erasure is and what its plan says, in the words and rows of its person's page."""

from datetime import datetime
from typing import Any

from shared.domain.data_map import DataMap
from shared.domain.erasure import Action, Decision, ErasurePlan
from shared.domain.request import Language, Request
from shared.domain.service_task import TaskState, Work
from shared.domain.states import State
from shared.ports.requests import Case
from shared.use_cases.asked import COPIES, is_copy_whole

_MEANS = {
    State.COLLECTING: "copying",
    State.REVIEWING: "copying",
    State.ASSEMBLING: "copying",
}
_STEPS = ("proof", "copy", "survey", "cooling_off", "erasing", "informing", "certificate")
_AT = {
    State.IDENTITY_PENDING: "proof",
    State.COLLECTING: "copy",
    State.REVIEWING: "copy",
    State.ASSEMBLING: "copy",
    State.HANDED_OVER: "copy",
    State.SURVEYING: "survey",
    State.COOLING_OFF: "cooling_off",
    State.APPROVAL_PENDING: "cooling_off",
    State.HALTED: "cooling_off",
    State.ERASING: "erasing",
    State.INFORMING: "informing",
    State.CERTIFYING: "certificate",
}
_AGAIN = {State.SURVEYING, State.APPROVAL_PENDING}


def means(request: Request) -> str:
    """Return the code of what the state of an erasure means to its person."""
    if request.state.is_final and request.certificate is None:
        return {"erasure_withdrawn": "kept", "copy_incomplete": "stopped"}.get(
            request.reason or "", request.state.value
        )
    if request.state is State.HANDED_OVER and not is_copy_whole(request):
        return "copy_incomplete"
    if request.state in _AGAIN and request.erasure is not None and request.erasure.round > 1:
        return "planning_again"
    return _MEANS.get(request.state, request.state.value)


def steps(case: Case, starts_at: datetime | None, now: datetime) -> list[dict[str, Any]]:
    """Return the steps with how far each is; none for a request that ended without an erasure.

    `starts_at` is when an erasure that waits for its copy starts at the latest.
    """
    request, erasure = case.request.row, case.request.row.erasure
    if request.state.is_final and request.certificate is None:
        return []
    copied, informed = any(part.right in COPIES for part in request.parts), case.of(Work.INFORM)
    names = [one for one in _STEPS if one != "copy" or copied]
    if request.state.is_final:
        partly = {
            "erasing": request.state is State.PARTIALLY_COMPLETED,
            "informing": any(task.state is TaskState.FAILED for task in informed),
        }
        done = [one for one in names if one != "informing" or informed]
        return [{"name": one, "state": "partly" if partly.get(one) else "done", "until": None} for one in done]
    current = _AT.get(request.state, "copy" if copied else "survey")
    if erasure is not None and erasure.started_at is not None and current in {"survey", "cooling_off"}:
        current = "erasing"
    pause = erasure.cooling_off_until if erasure is not None and request.state is State.COOLING_OFF else None
    until = {"copy": starts_at, "cooling_off": pause if pause is not None and pause > now else None}
    at = names.index(current)
    return [
        {
            "name": name,
            "state": "done" if number < at else "now" if number == at else "ahead",
            "until": until.get(name) if number == at else None,
        }
        for number, name in enumerate(names)
    ]


def plan_rows(request: Request, plan: ErasurePlan, data_map: DataMap, language: Language) -> dict[str, Any]:
    """Return a plan as its page shows it: a row for each decision about a dataset, and where nothing was found.

    Whoever proved an address alone is told that what a sign-in opens is not in it.
    """
    found: dict[tuple[object, ...], list[Decision]] = {}
    for one in plan.decisions:
        if one.count != 0:
            found.setdefault((one.dataset, one.action, one.exemption, one.until), []).append(one)
    known = {one.dataset for some in found.values() for one in some}
    titles = {dataset.id: dataset.title.in_language(language) for _, dataset in data_map.datasets()}
    nothing = dict.fromkeys(one.dataset for one in plan.decisions if one.dataset not in known)
    return {
        "found": [_row(some, data_map, language) for some in found.values()],
        "nothing_in": [titles.get(one, one) for one in nothing],
        "needs_sign_in": not request.signed_in,
    }


def retains(plan: ErasurePlan) -> bool:
    """Tell whether a plan keeps anything back."""
    return any(one.action is Action.RETAIN and one.count != 0 for one in plan.decisions)


def _row(some: list[Decision], data_map: DataMap, language: Language) -> dict[str, Any]:
    first, counts = some[0], [one.count for one in some]
    service = data_map.service(first.service)
    dataset = next((one for one in service.datasets if one.id == first.dataset), None) if service else None
    exemption = dataset.erasure.exemption if dataset else None
    sourced = exemption is not None and exemption.ground == first.exemption
    return {
        "title": dataset.title.in_language(language) if dataset else first.dataset,
        "service": service.title.in_language(language) if service else first.service,
        "count": None if None in counts else sum(one or 0 for one in counts),
        "action": first.action.value,
        "exemption": first.exemption,
        "source": exemption.source.in_language(language) if exemption and sourced else None,
        "until": first.until,
    }
