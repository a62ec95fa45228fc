"""What people decide about a request: two of them where it goes against the person (GDPR Art. 12(4), 12(5))."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

type Outcome = Literal["granted", "partly", "refused", "fee"]
type Ground = Literal[
    "identity_not_established",
    "manifestly_unfounded",
    "manifestly_excessive",
    "erasure_exempt_a",
    "erasure_exempt_b",
    "erasure_exempt_c",
    "erasure_exempt_d",
    "erasure_exempt_e",
    "rights_of_others",
    "right_not_applicable",
    "compelling_grounds",
    "accuracy_established",
    "uavg_41_a",
    "uavg_41_b",
    "uavg_41_c",
    "uavg_41_d",
    "uavg_41_e",
    "uavg_41_f",
    "uavg_41_g",
    "uavg_41_h",
    "uavg_41_i",
    "uavg_41_j",
]


class Verdict(BaseModel):
    """A decision on one part of a request, or with `part` None on all of it.

    It counts once it is `given_at`: at once where it is wholly in the person's favour, and otherwise when a second
    person confirmed it. `corrections` are those granted, by their number in what was asked, of a rectification that is
    granted `partly`. `text` is what the person is told, sealed under the request's key; `text_hash` its SHA-256.
    """

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    part: int | None
    outcome: Outcome
    ground: Ground | None = None
    text: bytes | None = None
    text_hash: str | None = None
    proposed_by: str
    proposed_at: AwareDatetime
    confirmed_by: str | None = None
    given_at: AwareDatetime | None = None
    corrections: tuple[int, ...] = ()

    @property
    def against(self) -> bool:
        """Tell whether it goes against the person, and so takes two."""
        return self.outcome != "granted"
