"""Which datasets of a request are held."""

from shared.domain.request import Request
from shared.ports.erasing import Holds


async def held_of(request: Request, holds: Holds) -> set[tuple[int, str]]:
    """Return the held datasets, by part and id, of every part that asks for erasure."""
    asked = [number for number, part in enumerate(request.parts) if part.right == "erasure"]
    return {(number, dataset) for number in asked for dataset in await holds.held(request.id, number)}
