"""What callers get over HTTP. Names are camelCase on the wire; times are ISO 8601 with their offset from UTC."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from shared.domain.request import Entry, Export, Request
from shared.domain.review import RELEASE
from shared.ports.requests import Case

type PublicState = Literal[
    "identity_pending",
    "clarification_pending",
    "forwarded",
    "received",
    "in_progress",
    "extended",
    "completed",
    "partially_completed",
    "refused",
    "withdrawn",
    "joined",
    "unanswered",
]


class Output(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(defer_build=True, frozen=True, alias_generator=to_camel, populate_by_name=True)


class PartView(Output):
    """One part of a request: the right asked for, and where it stands."""

    right: str
    status: PublicState


class Receipt(Output):
    """A request as received. `disclosure` says that an administrator asked for this person's data, and received it."""

    id: str
    status: PublicState
    received_at: AwareDatetime
    due_at: AwareDatetime
    parts: list[PartView]
    disclosure: Literal[True] | None = None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Tell of a request what its opener may know."""
        return cls.model_validate(_receipt(request))


class ServiceView(Output):
    """How far one service, or recipient of word about an erasure, is with one kind of work."""

    id: str
    work: Literal["export", "rectify", "survey", "erase", "inform"]
    status: Literal["pending", "waiting", "manual", "done", "failed"]
    reason: str | None = None

    @classmethod
    def all_of(cls, case: Case) -> list[Self]:
        """Tell of every task, in the order of their keys; our own after a review asks no service anything."""
        tasks = [case.tasks[key].row for key in sorted(case.tasks) if case.tasks[key].row.stage != RELEASE]
        return [
            cls.model_validate({"id": one.service, "work": one.work, "status": one.state, "reason": one.reason})
            for one in tasks
        ]


class ExportView(Output):
    """A package or a certificate, and its link. `size` in bytes."""

    id: str
    kind: Literal["package", "certificate"]
    status: Literal["available", "expired", "revoked"]
    size: int
    expires_at: AwareDatetime
    downloads: int

    @classmethod
    def of(cls, export: Export, now: datetime) -> Self | None:
        """Tell of an export once its package is there."""
        if export.size is None or export.expires_at is None:
            return None
        ended = export.deleted_at is not None or export.expires_at <= now
        status = "expired" if ended else "revoked" if export.revoked_at else "available"
        return cls.model_validate(
            {
                "id": export.id,
                "kind": export.kind,
                "status": status,
                "size": export.size,
                "expires_at": export.expires_at,
                "downloads": export.downloads,
            }
        )


class RequestView(Receipt):
    """A request as its person sees it. `linked` are the cases of it that a customer of Spinpanel's decides."""

    role: Literal["controller", "processor"]
    linked: list[str]
    language: Literal["en", "nl"]
    reason: str | None = None
    ended_at: AwareDatetime | None = None
    services: list[ServiceView]
    export: ExportView | None = None
    plan_hash: str | None = None
    cooling_off_until: AwareDatetime | None = None
    certificate: ExportView | None = None

    @classmethod
    def of_case(cls, case: Case, now: datetime) -> Self:
        """Tell everything a person may know of their own request."""
        request = case.request.row
        return cls.model_validate(
            _receipt(request)
            | {
                "role": request.role,
                "linked": list(request.linked),
                "language": request.language,
                "reason": request.reason,
                "ended_at": request.ended_at,
                "services": ServiceView.all_of(case),
                "export": ExportView.of(request.export, now) if request.export else None,
                "plan_hash": request.erasure and request.erasure.plan_hash,
                "cooling_off_until": request.erasure and request.erasure.cooling_off_until,
                "certificate": ExportView.of(request.certificate, now) if request.certificate else None,
            }
        )


class RequestList(Output):
    """One's own requests, newest first."""

    requests: list[Receipt]


class AccessToken(Output):
    """What a confirmed code opens: a bearer token for one request."""

    access_token: str
    expires_at: AwareDatetime


class OperatorEntry(Output):
    """One line of a request's history: what happened, by whom where a person or program did it, and to what."""

    number: Annotated[int, Field(ge=1)]
    event: str
    at: AwareDatetime
    status: str
    actor: str | None = None
    about: str | None = None
    hash: str


class OperatorRequest(Receipt):
    """A request as an operator sees it: ids, codes and times."""

    language: Literal["en", "nl"]
    channel: Literal["api", "page", "email", "letter", "phone", "ticket", "authority"]
    signed_in: bool
    reason: str | None = None
    attention: list[str]
    ended_at: AwareDatetime | None = None
    export: ExportView | None = None
    plan_hash: str | None = None
    certificate: ExportView | None = None
    case_file_until: AwareDatetime | None = None

    @classmethod
    def of_request(cls, request: Request, now: datetime) -> Self:
        """Tell an operator of a request."""
        return cls.model_validate(
            _receipt(request)
            | {
                "language": request.language,
                "channel": request.channel,
                "signed_in": request.signed_in,
                "reason": request.reason,
                "attention": list(request.attention),
                "ended_at": request.ended_at,
                "export": ExportView.of(request.export, now) if request.export else None,
                "plan_hash": request.erasure and request.erasure.plan_hash,
                "certificate": ExportView.of(request.certificate, now) if request.certificate else None,
                "case_file_until": request.case_file_until,
            }
        )


class OperatorList(Output):
    """A page of requests by due date; `cursor` asks for the next one."""

    requests: list[OperatorRequest]
    cursor: str | None = None


class TaskView(ServiceView):
    """One task, by the name it is closed by. `part` tells a person's tenants apart."""

    task_id: str
    part: int
    due_at: AwareDatetime
    closed_by: str | None = None


class OperatorDetail(OperatorRequest):
    """A request with its tasks, what it waits for, and its history."""

    tasks: list[TaskView]
    waits_for: list[str]
    history: list[OperatorEntry]

    @classmethod
    def of_history(cls, case: Case, history: list[Entry], now: datetime) -> Self:
        """Tell an operator everything about one request."""
        base = OperatorRequest.of_request(case.request.row, now).model_dump()
        return cls.model_validate(
            base
            | {
                "tasks": [
                    TaskView.model_validate(
                        {
                            "id": one.service,
                            "work": one.work,
                            "status": one.state,
                            "reason": one.reason,
                            "task_id": f"{case.request.row.id}.{one.key}",
                            "part": one.part,
                            "due_at": one.due_at,
                            "closed_by": one.closed_by,
                        }
                    )
                    for one in (case.tasks[key].row for key in sorted(case.tasks))
                ],
                "waits_for": sorted(case.open),
                "history": [
                    {
                        "number": one.seq,
                        "event": one.happening,
                        "at": one.at,
                        "status": one.after,
                        "actor": one.actor or None,
                        "about": one.about or None,
                        "hash": one.hash,
                    }
                    for one in history
                ],
            }
        )


class Health(Output):
    """Alive; for operators also whether each dependency answers."""

    status: Literal["ok", "degraded"]
    dependencies: dict[str, Literal["ok", "unreachable"]] | None = None


def _receipt(request: Request) -> dict[str, object]:
    return {
        "id": request.id,
        "status": request.public,
        "received_at": request.received_at,
        "due_at": request.due_at,
        "parts": [{"right": part.right, "status": part.state.public} for part in request.parts],
        "disclosure": True if request.disclosed_to is not None else None,
    }
