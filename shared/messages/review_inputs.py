"""What reviewers decide about items of a copy, checked for shape."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.review import Choice, ReviewGround

_Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Input(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)


class ReviewDecision(_Input):
    """One decision: about an `item`, or about all of a `dataset`'s items that nobody decided about yet.

    What is excluded or redacted has a `ground`. Of a record that is redacted, `withhold` names the fields that go, and
    `replace` those that say something else.
    """

    item: Annotated[str, Field(pattern=r"^[0-9]{1,5}\.[0-9]{1,4}$")] | None = None
    dataset: Annotated[str, Field(max_length=40)] | None = None
    decision: Choice
    ground: ReviewGround | None = None
    withhold: Annotated[tuple[_Name, ...], Field(max_length=50)] = ()
    replace: Annotated[dict[_Name, Annotated[str, Field(max_length=4000)]], Field(max_length=50)] = {}


class ReviewDecisions(_Input):
    """What a reviewer decided."""

    decisions: Annotated[tuple[ReviewDecision, ...], Field(min_length=1, max_length=200)]
