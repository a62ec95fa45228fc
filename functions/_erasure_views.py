"""What callers get to see of an erasure: its plan, and what operators decide about it."""

from datetime import date
from typing import Literal, Self

from pydantic import AwareDatetime

from functions._views import Output
from shared.domain.erasure import ErasurePlan
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask
from shared.ports.erasing import Brake


class DecisionView(Output):
    """What is decided for one dataset. `count` is left out where the system cannot tell before it erases."""

    part: int
    service: str
    dataset: str
    action: Literal["delete", "anonymise", "retain"]
    count: int | None = None
    exemption: str | None = None
    until: date | None = None
    recipients: list[str]


class PlanView(Output):
    """A plan as it was made: what is not in it is not erased, and what no longer fits it stops the erasure."""

    hash: str
    data_map_version: str
    cooling_off_until: AwareDatetime | None = None
    approved: bool
    started_at: AwareDatetime | None = None
    decisions: list[DecisionView]

    @classmethod
    def of(cls, request: Request, plan: ErasurePlan) -> Self:
        """Tell of a request's plan."""
        erasure = request.erasure
        return cls.model_validate(
            {
                "hash": plan.hash,
                "data_map_version": plan.map_version,
                "cooling_off_until": erasure and erasure.cooling_off_until,
                "approved": erasure is not None
                and (erasure.started_at is not None or erasure.approved_hash == plan.hash),
                "started_at": erasure and erasure.started_at,
                "decisions": [one.model_dump(include=set(DecisionView.model_fields)) for one in plan.decisions],
            }
        )


class OperatorTask(Output):
    """A task as an operator closed it."""

    task_id: str
    status: Literal["pending", "waiting", "manual", "done", "failed"]
    reason: str | None = None
    closed_by: str | None = None

    @classmethod
    def of(cls, task_id: str, task: ServiceTask) -> Self:
        """Tell of a task."""
        told = {"task_id": task_id, "status": task.state, "reason": task.reason, "closed_by": task.closed_by}
        return cls.model_validate(told)


class BrakeView(Output):
    """A brake that is on: a tenant's, or `own` for people whom no tenant knows."""

    id: str
    since: AwareDatetime


class BrakeList(Output):
    """The brakes that are on."""

    brakes: list[BrakeView]

    @classmethod
    def of(cls, brakes: list[Brake]) -> Self:
        """Tell of brakes."""
        return cls(brakes=[BrakeView(id=one.id, since=one.since) for one in brakes])
