"""What every entry of the data map has in common, and the texts in it that people read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]


class Entry(BaseModel):
    """One entry: never changed once it is read, and nothing in it that is not known."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class Text(Entry):
    """A text people read, in every language we answer in."""

    en: str = Field(min_length=1)
    nl: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        """Return the Dutch text for `nl`, the English one for anything else."""
        return self.nl if language == "nl" else self.en
