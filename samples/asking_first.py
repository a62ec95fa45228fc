"""How a service of ours asks what it may do with its records of somebody, before it uses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from samples.calling import StepFailed, call
from samples.loading import credential_of
from samples.people import Person
from samples.telemetry_service.running import environment

DATASET = "app-telemetry"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the service is told: the uses that somebody objected to, by id of the data map; `version` counts changes."""

    version: int
    objections: tuple[str, ...]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer's one item."""
        return cls(version=told["version"], objections=tuple(told["objections"]))

    def __str__(self) -> str:
        """Say it in a line."""
        barred = f"not to be used for {', '.join(self.objections)}" if self.objections else "no objection"
        return f"{DATASET}: {barred} (version {self.version})"


async def service_token(told: Mapping[str, Any]) -> str:
    """Sign in as the telemetry service, with its own managed identity; `told` describes the running stack."""
    async with credential_of(environment(told)) as credential:
        return (await credential.get_token(f"{told['audience']}/.default")).token


async def ask_first(app: httpx.AsyncClient, token: str, person: Person) -> Allowed:
    """Ask as the service whose token this is.

    Raises:
        StepFailed: there is no answer, so that it may do nothing.
    """
    item = {"dataset": DATASET, "kind": "entra_object_id", "value": person.oid, "tenant": person.tenant}
    answer = await call(app, token, "POST", "/api/v1/processing/lookup", {"items": [item]})
    items = answer.json()["items"]
    if len(items) != 1:
        raise StepFailed(f"the look-up answered {len(items)} items instead of 1")
    return Allowed.of(items[0])
