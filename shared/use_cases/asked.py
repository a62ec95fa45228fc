"""What a request asks for, and whether its copy is whole, as its person is told."""

from shared.domain.request import Request
from shared.domain.states import State
from shared.rights import in_lawful_order

COPIES = frozenset({"access", "portability"})  # rights that are answered by a package


def rights_asked(request: Request) -> list[str]:
    """Return the codes of all rights that were asked, in lawful order."""
    return list(in_lawful_order({part.right for part in request.parts}))


def copies_asked(request: Request) -> list[str]:
    """Return the codes of the rights that its package answers, in lawful order."""
    return [right for right in rights_asked(request) if right in COPIES]


def is_copy_whole(request: Request) -> bool:
    """Tell whether nothing is missing from the copy that was handed over."""
    return all(part.state is State.COMPLETED for part in request.parts if part.right in COPIES)
