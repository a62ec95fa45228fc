"""One service's share of a request, and the fragments it leaves."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict


class TaskState(StrEnum):
    """`pending` until the service answered in full or failed for good."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Fragment(BaseModel):
    """A finished piece of the package: ZIP members one after another, then their index.

    `name` is the blob's name; `members_size` and `index_size` in bytes; the index follows the members.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    members_size: int
    index_size: int


class ServiceTask(BaseModel):
    """What one service has to do for one part of a request, and what it has done.

    `key` is `<part>.<service>`. `chunk` counts the bounded steps done; `position` is where the next one goes on, sealed
    under the request's key. `counts` gives records and files per dataset, `unreadable` the datasets with stored items
    that could not be read and so may be missing. `reason` is a code, for a failed task only.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    part: int
    service: str
    lane: str
    state: TaskState = TaskState.PENDING
    due_at: AwareDatetime
    chunk: int = 0
    position: bytes | None = None
    fragments: tuple[Fragment, ...] = ()
    counts: dict[str, int] = {}
    unreadable: frozenset[str] = frozenset()
    reason: str | None = None
    ended_at: AwareDatetime | None = None
