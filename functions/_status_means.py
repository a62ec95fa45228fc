"""What the state of a request means to its person, as the code of a text."""

from functions._erasure_progress import means
from shared.domain.request import Request
from shared.domain.states import ANSWERED, State

_AS_THEY_ARE = {
    State.REVIEWING: "reviewing",
    State.DECIDING: "deciding",
    State.APPLYING: "applying",
    State.FORWARDED: "forwarded",
    State.UNANSWERED: "unanswered",
    State.JOINED: "joined",
    State.CLARIFYING: "clarification_pending",
    State.DOUBTED: "doubted",
}


def means_of(request: Request) -> str:
    """Return the code: of the state, of an erasure's, or of how people decided."""
    if request.state in _AS_THEY_ARE:
        return _AS_THEY_ARE[request.state]
    if request.state is State.IDENTITY_PENDING and request.second_proof == "asked":
        return "second_proof"
    if request.state is State.REFUSED and (request.role == "processor" or request.verdicts):
        return "refused_by_controller" if request.role == "processor" else "refused_by_people"
    if request.asks("erasure"):
        return f"erasure.{means(request)}"
    if request.state is State.HANDED_OVER:
        return "deciding"
    if request.state in ANSWERED and request.export is None:
        return f"settled.{request.state.value}"
    return request.state.public
