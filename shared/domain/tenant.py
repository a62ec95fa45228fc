"""A customer of Spinpanel: whom its requests go to, under which terms, and who may act for it."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.request import Language


class _Row(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class Terms(_Row):
    """What the processing agreement lets us do (GDPR Art. 28(3)(a), (e)). Deny by default; each version is kept.

    `answers` are the rights we answer ourselves on the customer's standing instruction; all others wait for its
    administrator's decision. `may_name_controller` lets us tell the person who the controller is. `may_disclose` lets
    administrators receive a user's data.
    """

    version: int = Field(ge=1)
    since: AwareDatetime
    may_name_controller: bool = False
    may_disclose: bool = False
    answers: frozenset[str] = frozenset()


class Delegation(_Row):
    """Somebody outside who may act for a customer, until a moment: a delegated administrator, or its partner."""

    kind: Literal["administrator", "partner"]
    tenant: str
    until: AwareDatetime
    contacts: tuple[str, ...] = ()


class Tenant(_Row):
    """A customer. `contacts` are the mailboxes its privacy matters go to, `others` those of its other administrators.

    `self_service` names what its administrators keep their users from starting by themselves; it never stands in the
    way of a right. `terms` are oldest first; the last holds.
    """

    id: str
    name: str
    language: Language = "en"
    contacts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    terms: tuple[Terms, ...] = Field(min_length=1)
    delegations: tuple[Delegation, ...] = ()
    self_service: frozenset[Literal["profile"]] = frozenset()

    @property
    def term(self) -> Terms:
        """The terms in force."""
        return self.terms[-1]

    def delegates(self, kind: str, now: datetime) -> list[Delegation]:
        """Return the live delegations of a kind."""
        return [one for one in self.delegations if one.kind == kind and now < one.until]
