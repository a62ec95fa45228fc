"""Commands on the bus: ids, numbers and times, never personal data or secrets."""

from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, computed_field

type Notice = Literal[
    "answered",
    "withdrawn",
    "identity_not_established",
    "link_renewed",
    "planned",
    "reminder",
    "erasure_stopped",
    "certified",
    "certificate_renewed",
    "announced",
    "settled",
    "refused",
    "fee_asked",
    "extended",
    "clarification_asked",
    "joined",
    "forwarded",
    "controller_silent",
    "lifting",
    "complaint_answered",
    "controller_asked",
    "controller_reminder",
    "controller_others",
    "controller_partner",
    "service_reminder",
    "operator_alert",
]
_NAMESPACE = uuid5(NAMESPACE_URL, "https://www.spinpanel.com/privacy/messages")


class Command(BaseModel):
    """What every command carries.

    `attempt` counts tries at the same work; `reissue` tells a command sent again because nobody answered the first
    from its first sending. Both change the message's id and neither changes `key`, by which the work is known.
    `traceparent` is the W3C trace context of whoever caused it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    kind: str
    schema_version: Literal[1] = 1
    request_id: UUID
    attempt: int = Field(default=1, ge=1)
    reissue: int = Field(default=0, ge=0)
    traceparent: str | None = None

    @property
    def key(self) -> str:
        """The work this asks for, inside its request: our idempotency key."""
        return self.kind

    @property
    def message_id(self) -> str:
        """The id on the bus: the same for a repeated sending, another for a new attempt."""
        return str(uuid5(_NAMESPACE, f"{self.request_id}/{self.key}/{self.attempt}/{self.reissue}"))


class PlanRequest(Command):
    """Resolve who a verified request is about and send every service its task. Queue `planning`."""

    kind: Literal["plan_request"] = "plan_request"


class AdvanceRequest(Command):
    """Take the next step of a request, whichever that is. Queue `advancing`.

    A nudge, and no open command: what to do is asked of the request's state, so it may be lost, late or repeated. `seq`
    is the number of the request's newest line of history when it was sent.
    """

    kind: Literal["advance_request"] = "advance_request"
    seq: int

    @property
    def key(self) -> str:
        """One key a line of history."""
        return f"{self.kind}:{self.seq}"


class RunServiceTask(Command):
    """Do one bounded step of one service's task. Topic `service-tasks`, by lane.

    A service that listens to its own lane reads this too: `task_id` is what it claims the task by.
    """

    kind: Literal["run_service_task"] = "run_service_task"
    task: str
    lane: str
    chunk: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def task_id(self) -> str:
        """The task's name outside: the request's id and the task's key."""
        return f"{self.request_id}.{self.task}"

    @property
    def key(self) -> str:
        """One key a task and step."""
        return f"{self.kind}:{self.task}:{self.chunk}"


class AssembleExport(Command):
    """Put fragments together to the package, one bounded step from `block` on. Queue `export-assembly`."""

    kind: Literal["assemble_export"] = "assemble_export"
    block: int = 0

    @property
    def key(self) -> str:
        """One key a step."""
        return f"{self.kind}:{self.block}"


class SendCode(Command):
    """Mail the code of one issue to the address the request claims. Queue `verification`."""

    kind: Literal["send_code"] = "send_code"
    issue: int

    @property
    def key(self) -> str:
        """One key an issue."""
        return f"{self.kind}:{self.issue}"


class SendNotice(Command):
    """Mail one notice about a request: to its person, its controller, a service or operators. Queue `notifications`.

    `about` names the service of a `service_reminder`.
    """

    kind: Literal["send_notice"] = "send_notice"
    notice: Notice
    number: int = 1
    about: str = ""

    @property
    def key(self) -> str:
        """One key a notice; `number` tells repeated ones apart."""
        return f"{self.kind}:{self.notice}{self.about and '@'}{self.about}:{self.number}"


class ProcessingChanged(Command):
    """Say that what may be done with somebody's data changed. Topic `processing-changes`, for every service.

    `handle` is what a look-up of one of the person's identifiers answers; services ask again for those they know.
    `request_id` is the request it came from; `version` grows with every change under the handle.
    """

    kind: Literal["processing_changed"] = "processing_changed"
    handle: str
    version: int

    @property
    def key(self) -> str:
        """One key a handle and version."""
        return f"{self.kind}:{self.handle}:{self.version}"


type AnyCommand = (
    PlanRequest | RunServiceTask | AdvanceRequest | AssembleExport | SendCode | SendNotice | ProcessingChanged
)
