"""What a request asks for, and whether its copy is whole, as its person is told."""

from shared.domain.request import Request
from shared.domain.states import State

COPIES = frozenset({"access", "portability"})  # rights that are answered by a package


def asked_for(request: Request) -> str:
    """Return the code of what was asked: one right, or `both`, a copy and then an erasure."""
    if request.asks("access") and request.asks("erasure"):
        return "both"
    return request.parts[0].right


def is_copy_whole(request: Request) -> bool:
    """Tell whether nothing is missing from the copy that was handed over."""
    return all(part.state is State.COMPLETED for part in request.parts if part.right in COPIES)
