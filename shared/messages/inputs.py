"""What callers send over HTTP, checked for shape; unknown fields are refused."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SubmitRequest(_Input):
    """A new request: which rights, who says so, and the language to answer in."""

    rights: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    email: Annotated[str, Field(min_length=3, max_length=320)] | None = None
    language: Literal["en", "nl"] | None = None


class GiveCode(_Input):
    """A code from a mail, as typed."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


class OpenExport(_Input):
    """A link's secret: from its fragment, or its typed form. None for a package whose link could be mailed nowhere."""

    secret: Annotated[str, Field(min_length=1, max_length=128)] | None = None
