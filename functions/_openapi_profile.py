"""What the route for changing one's own profile takes and answers."""

from typing import Any

from pydantic import BaseModel

from functions._openapi_route import BODY, Route
from shared.messages.profile_inputs import UpdateProfile

PROFILE_MODELS: tuple[type[BaseModel], ...] = (UpdateProfile,)
PROFILE_EXAMPLES: dict[str, Any] = {
    "UpdateProfile": {"corrections": [{"dataset": "entra-users", "field": "displayName", "value": "Mira Horvat"}]},
}

PROFILE = (
    Route(
        "profile_update",
        "patch",
        "/v1/profile",
        "requests",
        "Change what one's own profile says, where the data map leaves that to people; runs as a rectification that "
        "nobody has to decide.",
        "person",
        "api",
        {202: "Receipt"},
        (*BODY, 409, 422, 429),
        body="UpdateProfile",
        takes=("Idempotency-Key", "Accept-Language", "language"),
    ),
)
