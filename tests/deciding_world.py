"""Requests that wait for people, and the people who decide."""

from typing import Any

from asking import now, operator
from builders import MIRA, MemoryServices, Person

from shared.domain.ask import Ask
from shared.domain.request import Request, RequestId
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict
from shared.messages.inputs import SubmitRequest

FIRST, SECOND, THIRD = operator(1), operator(2), operator(3)
REVIEWER = operator(4, "Privacy.Reviewer")
WORDS = "We looked at this and cannot agree."


async def waiting(
    world: MemoryServices,
    *rights: str,
    person: Person = MIRA,
    details: dict[str, Ask] | None = None,
) -> Request:
    """A request of somebody who signed in, planned: with a right that people decide it waits for them."""
    submitted = SubmitRequest(rights=rights or ("complaint",), details=details or {})
    request = await world.submit(submitted, person.caller(), "en", "api", submitted.model_dump_json().encode(), None)
    await world.drain()
    return await now(world, request.id)


async def refused(world: MemoryServices, request_id: str, *, part: int | None = 0, **given: Any) -> Request:
    """A request on which two operators decided against the person."""
    proposal = ProposeVerdict(**{"part": part, "outcome": "refused", "text": WORDS} | given)
    proposed = await world.deciding_parts.propose(FIRST, RequestId(request_id), proposal)
    verdict = next(one for one in proposed.verdicts if one.part == part)
    confirmation = ConfirmVerdict(part=part, verdictHash=verdict.hash)
    return await world.deciding_parts.confirm(SECOND, RequestId(request_id), confirmation)
