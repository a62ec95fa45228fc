"""What a person asks of one right in their own words and scope: sealed with who they are, never in clear."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

type RestrictionGround = Literal["18-1-a", "18-1-b", "18-1-c", "18-1-d"]
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _Asked(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)


class Correction(_Asked):
    """One field that is wrong, and what it should say. `field` is the dataset's field by its name in the data map."""

    dataset: _Id
    field: Annotated[str, Field(min_length=1, max_length=100)]
    value: Annotated[str, Field(max_length=1000)]


class Ask(_Asked):
    """The scope of one right. Nothing named means: everything the right can reach.

    `datasets`, `purposes` and `recipients` are ids of the data map. `ground` is the case of GDPR Art. 18(1) that a
    restriction rests on. `statement` is a supplementary statement (Art. 16), the own situation (Art. 21(1)), a point of
    view (Art. 22(3)), or what a complaint is about. `about` is the id of an earlier request.
    """

    datasets: Annotated[tuple[_Id, ...], Field(max_length=100)] = ()
    purposes: Annotated[tuple[_Id, ...], Field(max_length=100)] = ()
    recipients: Annotated[tuple[_Id, ...], Field(max_length=100)] = ()
    ground: RestrictionGround | None = None
    corrections: Annotated[tuple[Correction, ...], Field(max_length=50)] = ()
    statement: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    about: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")] | None = None

    def covers(self, dataset: str) -> bool:
        """Tell whether a dataset is in scope."""
        return not self.datasets or dataset in self.datasets


class Representative(_Asked):
    """Who asks for somebody else, and by what authority; the person represented gets the answer by default."""

    relation: Literal["parent", "guardian", "mandate", "lawyer"]
    email: Annotated[str, Field(min_length=3, max_length=320)]
    child: bool = False


EVERYTHING = Ask()
