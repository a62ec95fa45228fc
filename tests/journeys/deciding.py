"""What people ask in detail, and what Spinpanel's own decide about it, over HTTP."""

import asyncio
import time
from typing import Any

from person import PATIENCE, Person

FOUND = "Somebody looked into it, and this is what they found."


async def asks(person: Person, *rights: str, email: str | None = None, **details: Any) -> str:
    """Ask for rights, `details` by right; return the request's id."""
    body: dict[str, Any] = {"rights": list(rights), "details": details, "language": "en"}
    if email is not None:
        body["email"] = email
    answer = await person.call("POST", "/api/v1/requests", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def asks_by_mail(person: Person, address: str, *rights: str, **details: Any) -> str:
    """Ask with an address, and give the code that it was mailed."""
    request_id = await asks(person, *rights, email=address, **details)
    letter = await person.outbox.newest(address, saying=request_id)
    await person.confirm(request_id, letter.code)
    return request_id


async def reached(person: Person, request_id: str, **wanted: Any) -> dict[str, Any]:
    """Wait until a request says so to its person."""
    until = time.monotonic() + PATIENCE
    while True:
        seen = await person.show(request_id)
        if {name: seen.get(name) for name in wanted} == wanted:
            return seen
        assert time.monotonic() < until, f"{seen} is not {wanted}"
        await asyncio.sleep(0.1)


async def awaits(decider: Person, request_id: str) -> dict[str, Any]:
    """Wait until a request is among those that wait for a decision."""
    until = time.monotonic() + PATIENCE
    while True:
        listed = await _undecided(decider)
        if request_id in listed and listed[request_id]["awaits"]:
            return listed[request_id]
        assert time.monotonic() < until, "it waits for nobody's decision"
        await asyncio.sleep(0.1)


async def _undecided(decider: Person) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    asked: dict[str, str] = {"limit": "100"}
    while True:
        answer = await decider.call("GET", "/api/v1/ops/decisions", params=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found |= {one["id"]: one for one in page["requests"]}
        if "cursor" not in page:
            return found
        asked["cursor"] = page["cursor"]


async def proposes(decider: Person, request_id: str, outcome: str, **more: Any) -> Any:
    """Decide, or propose to decide against the person; return the answer."""
    given = {"outcome": outcome, "text": FOUND, **more}
    return await decider.call("POST", f"/api/v1/ops/requests/{request_id}/verdicts", json=given)


async def grants(decider: Person, request_id: str, part: int = 0) -> None:
    """Wait until it is to be decided, and decide in the person's favour."""
    await awaits(decider, request_id)
    answer = await proposes(decider, request_id, "granted", part=part)
    assert answer.status_code == 202, answer.text


async def confirms(decider: Person, request_id: str, proposed: dict[str, Any]) -> Any:
    """Agree to what somebody proposed, by its hash; return the answer."""
    [verdict] = [one for one in proposed["verdicts"] if "givenAt" not in one]
    given = {"part": verdict.get("part"), "verdictHash": verdict["verdictHash"]}
    return await decider.call("POST", f"/api/v1/ops/requests/{request_id}/verdicts/confirm", json=given)


async def told_of(decider: Person, request_id: str) -> dict[str, Any]:
    """What an operator sees of a request."""
    answer = await decider.call("GET", f"/api/v1/ops/requests/{request_id}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def parts(seen: dict[str, Any]) -> list[tuple[str, str]]:
    """Each right of a request and where it stands."""
    return [(one["right"], one["status"]) for one in seen["parts"]]
