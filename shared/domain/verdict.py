"""What people decide about a request: two of them where it goes against the person (GDPR Art. 12(4), 12(5))."""

import hashlib
import json
from typing import Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict

type Outcome = Literal["granted", "partly", "refused", "fee"]
type UavgGround = Literal[
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
]  # UAVG art. 41(1)
type Ground = (
    UavgGround
    | Literal[
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
    ]
)

_UAVG_41: tuple[Ground, ...] = get_args(UavgGround.__value__)
# Complaints and inquiries rest on no ground: they are answered in words.
_WORDED = frozenset({"complaint", "inquiry"})
_OF_ARTICLES_12_TO_21 = frozenset({"access", "rectification", "erasure", "restriction", "portability", "objection"})
_RIGHTS = _OF_ARTICLES_12_TO_21 | {"withdraw_consent", "human_review"}
_ERASURE = frozenset({"erasure"})
# Which rights a ground can stand against, by the article it rests on.
GROUNDS: dict[Ground, frozenset[str]] = {
    "identity_not_established": _RIGHTS,  # Art. 11(2), 12(2), 12(6)
    "manifestly_unfounded": _RIGHTS,  # Art. 12(5)
    "manifestly_excessive": _RIGHTS,  # Art. 12(5)
    "erasure_exempt_a": _ERASURE,  # Art. 17(3)(a)
    "erasure_exempt_b": _ERASURE,  # Art. 17(3)(b)
    "erasure_exempt_c": _ERASURE,  # Art. 17(3)(c)
    "erasure_exempt_d": _ERASURE,  # Art. 17(3)(d)
    "erasure_exempt_e": _ERASURE,  # Art. 17(3)(e)
    "rights_of_others": frozenset({"access", "portability"}),  # Art. 15(4), 20(4)
    "right_not_applicable": _RIGHTS - {"access"},  # what Art. 15 reaches is all there is: nothing held is an answer
    "compelling_grounds": frozenset({"objection"}),  # Art. 21(1)
    "accuracy_established": frozenset({"rectification", "restriction"}),  # Art. 16, 18(1)(a)
    **dict.fromkeys(_UAVG_41, _OF_ARTICLES_12_TO_21),  # UAVG art. 41(1)
}
# A reasonable fee may be asked on these two grounds alone (Art. 12(5)).
_FOR_A_FEE: frozenset[Ground] = frozenset({"manifestly_unfounded", "manifestly_excessive"})


def fits(outcome: Outcome, ground: Ground | None, right: str) -> bool:
    """Tell whether a decision on a right can have this ground. What is granted rests on none."""
    if outcome == "granted":
        return ground is None
    if right in _WORDED:
        return ground is None and outcome != "fee"
    if ground is None or right not in GROUNDS[ground]:
        return False
    return outcome != "fee" or ground in _FOR_A_FEE


class Verdict(BaseModel):
    """A decision on one part of a request, or with `part` None on all of it.

    It counts once it is `given_at`: at once where it is wholly in the person's favour, and otherwise when a second
    person confirmed it. `corrections` are those granted, by their number in what was asked, of a rectification that is
    granted `partly`. `text` is what the person is told, sealed under the request's key; `text_hash` its SHA-256.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

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

    @property
    def hash(self) -> str:
        """What a second person confirms: the decision with its ground and its words, whoever proposed it."""
        told = [self.part, self.outcome, self.ground, self.text_hash, list(self.corrections)]
        return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
