"""What people decided or ask about a request, in the words and rows of its person's page."""

from dataclasses import replace
from typing import Any

from shared.domain.errors import Gone
from shared.domain.request import Language, Request
from shared.domain.states import ANSWERED, State
from shared.ports.requests import Case
from shared.use_cases.notice_about import About
from shared.use_cases.notice_values_decided import decided_rights, extended
from shared.use_cases.together import together
from shared.wiring import services

_MEASURES = ("restriction", "objection")


async def answers(case: Case, language: Language) -> dict[str, Any]:
    """Return how parts were decided and why, the question that waits, and when limits on processing end.

    What is sealed is opened only where there is something of it to show.
    """
    request = case.request.row
    shown: dict[str, Any] = {"outcomes": [], "refused": None, "question": None, "lifting": None}
    if not _has_words(request):
        return shown
    try:
        dossier, seal = await services().dossiers.opened(request)
    except Gone:
        return shown
    row = request.model_copy(update={"language": language})
    read = replace(case, request=replace(case.request, row=row))
    about = About(case=read, dossier=dossier, data_map=services().maps.current(), seal=seal)
    whole = request.verdict(0) if request.state is State.REFUSED else None
    if whole is not None:
        shown["refused"] = {"ground": whole.ground, "text": about.opened(whole.text)}
    else:
        shown["outcomes"] = decided_rights(about)
    if request.state is State.CLARIFYING and dossier.questions:
        shown["question"] = dossier.questions[-1].text
    if request.lifting is not None and request.lifting.done_at is None and request.lifting.by:
        shown["lifting"] = {"at": request.lifting.at, "text": about.opened(request.lifting.text)}
    return shown


def limits(request: Request) -> dict[str, Any]:
    """Return whether limits of this request are in force that its person may end."""
    asked = any(part.right in _MEASURES and part.state is not State.REFUSED for part in request.parts)
    lifted = request.lifting is not None and (request.lifting.done_at is not None or not request.lifting.by)
    return {"can_lift": asked and request.state in ANSWERED and not lifted}


async def beside(request: Request) -> dict[str, Any]:
    """Return the requests that belong to this one, each with where it stands, and why the answer takes longer."""
    linked = await together([services().requests.read(one) for one in request.linked])
    return {
        "linked": [
            {"id": one.row.id, "state": one.row.public, "due_at": one.row.due_at, "final": one.row.state.is_final}
            for one in linked
        ],
        "origin": request.origin,
        "first": request.joined_to,
        "first_asked_at": request.first_asked_at,
        "role": request.role,
        "extension": extended(request) if request.extension is not None and not request.state.is_final else None,
    }


def has_remedies(shown: dict[str, Any], request: Request) -> bool:
    """Tell whether something goes against the person, or makes them wait, that they can complain of."""
    against = any(one["outcome"] != "granted" for one in shown["outcomes"])
    waits = shown["extension"] is not None or shown["lifting"] is not None
    ended = request.state in {State.REFUSED, State.PARTIALLY_COMPLETED, State.UNANSWERED}
    return against or waits or ended


def _has_words(request: Request) -> bool:
    settled = request.state.is_final or any(part.state.is_final for part in request.parts)
    waits = request.state is State.CLARIFYING or request.lifting is not None
    return request.traces_gone_at is None and (waits or (settled and not _is_bare(request)))


def _is_bare(request: Request) -> bool:
    """Tell whether a request asks for copies and an erasure alone, of which nobody decided anything."""
    return not request.verdicts and all(part.right in {"access", "portability", "erasure"} for part in request.parts)
