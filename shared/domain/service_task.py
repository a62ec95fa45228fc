"""One service's share of one stage of a request: what it has to do, how far it is, and what it leaves."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.erasure import Decision, ErasureReceipt, Found
from shared.domain.review import Held


class Work(StrEnum):
    """What a task asks: a copy, a correction, a dry run of an erasure, an erasure, or word to a recipient."""

    EXPORT = "export"
    RECTIFY = "rectify"
    SURVEY = "survey"
    ERASE = "erase"
    INFORM = "inform"


class TaskState(StrEnum):
    """Where a task is.

    `pending`: the next step is ours. `waiting`: the service has the work, and answers by itself or is asked again at
    `look_at`. `manual`: it failed for good, and waits until `due_at` for an operator who closes it with evidence.
    """

    PENDING = "pending"
    WAITING = "waiting"
    MANUAL = "manual"
    DONE = "done"
    FAILED = "failed"

    @property
    def has_ended(self) -> bool:
        """Nothing more comes of it."""
        return self in {TaskState.DONE, TaskState.FAILED}


class Fragment(BaseModel):
    """A finished piece of the package: ZIP members one after another, then their index.

    `name` is the blob's name; `members_size` and `index_size` in bytes; the index follows the members.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    name: str
    members_size: int
    index_size: int


class ServiceTask(BaseModel):
    """What one service has to do for one part of a request, and what it has done.

    `stage` groups the tasks that run together; the request names the stage it is in, and no other's tasks run. `chunk`
    counts the bounded steps done; `position` is where the next one goes on, sealed under the request's key. `counts`
    gives records and files per dataset, `unreadable` the datasets with stored items that could not be read and so may
    be missing. `held` is what a person looks through before it is handed over. `reason` is a code, for a task that
    failed or needs a person.

    For a dry run, `found` is its outcome by dataset. For an erasure, `decisions` are its part of the plan, `found` what
    was there right before the first deletion, and `receipts` what it shows for each dataset. `answer` is what the
    service sent by itself, sealed. `outcome` is what a recipient answered to word about an erasure, as a code.
    `closed_by` is the operator who closed it, `evidence` their words, sealed.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    stage: str
    part: int
    service: str
    work: Work
    lane: str
    state: TaskState = TaskState.PENDING
    due_at: AwareDatetime
    look_at: AwareDatetime | None = None
    chunk: int = 0
    position: bytes | None = None
    fragments: tuple[Fragment, ...] = ()
    counts: dict[str, int] = {}
    unreadable: frozenset[str] = frozenset()
    held: tuple[Held, ...] = ()
    decisions: tuple[Decision, ...] = ()
    found: dict[str, Found] = {}
    receipts: tuple[ErasureReceipt, ...] = ()
    answer: bytes | None = None
    reason: str | None = None
    outcome: str | None = None
    closed_by: str | None = None
    evidence: bytes | None = None
    ended_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        """Its name inside the request: `<stage>.<part>.<service>`."""
        return f"{self.stage}.{self.part}.{self.service}"
