"""What a service that listens to its own lane gets to know of its task."""

from typing import TYPE_CHECKING, Literal, Self

from pydantic import AwareDatetime

from functions._views import Output

if TYPE_CHECKING:
    from shared.use_cases.claim_task import Claim


class TaskIdentifier(Output):
    """One identifier; `tenant` is the Entra tenant in which it holds, left out where it is world-wide."""

    kind: str
    value: str
    tenant: str | None = None


class TaskDataset(Output):
    """One dataset to work on. For an erasure: what to do, and more than how many records ask for a person first.

    For a correction: `values`, the fields that change, by name, with what they should say.
    """

    id: str
    action: Literal["delete", "anonymise"] | None = None
    at_most: int | None = None
    values: dict[str, str] | None = None
    identifiers: list[TaskIdentifier]


class TaskUpload(Output):
    """A URL that takes one PUT of a block blob, whole, until it expires; it reads and deletes nothing."""

    url: str
    expires_at: AwareDatetime


class TaskClaim(Output):
    """A claimed task. Where `mayProceed` is false nothing may be done."""

    task_id: str
    work: Literal["export", "survey", "rectify", "erase"]
    may_proceed: bool
    answer_by: AwareDatetime
    received_at: AwareDatetime
    datasets: list[TaskDataset]
    upload: TaskUpload | None = None

    @classmethod
    def of(cls, claim: "Claim") -> Self:
        """Tell a service what it claimed."""
        return cls.model_validate(
            {
                "task_id": claim.task_id,
                "work": claim.work,
                "may_proceed": claim.may_proceed,
                "answer_by": claim.answer_by,
                "received_at": claim.received_at,
                "datasets": [
                    {
                        "id": one.id,
                        "action": one.action,
                        "at_most": one.at_most,
                        "values": dict(one.values) or None,
                        "identifiers": [
                            {"kind": known.kind, "value": known.value, "tenant": known.tenant}
                            for known in one.identifiers
                        ],
                    }
                    for one in claim.datasets
                ],
                "upload": claim.upload and {"url": claim.upload.url, "expires_at": claim.upload.expires_at},
            }
        )
