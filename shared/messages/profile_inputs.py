"""What people send to change their own profile."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.ask import Correction


class UpdateProfile(BaseModel):
    """Fields of one's own profile, and what they should say."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    corrections: Annotated[tuple[Correction, ...], Field(min_length=1, max_length=50)]
