"""What the app tells of a person's account: signs that somebody else may have taken it over."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

type AccountHappening = Literal["password_reset", "sign_in_method_added", "address_changed", "identifier_corrected"]
CHANGES = frozenset({"address_changed", "identifier_corrected"})  # after these another address is on record


class AccountEvent(BaseModel):
    """One such sign. `previous` is the address before a change, sealed under the key of this event's `id`.

    `address_ref` is the keyed reference of the address that was on record from then on, where the app told it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    id: str
    happening: AccountHappening
    at: AwareDatetime
    address_ref: str | None = None
    previous: bytes | None = None
