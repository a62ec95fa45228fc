"""Who a request is about: the part of a request that is sealed under its own key."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.ask import EVERYTHING, Ask, Representative
from shared.domain.data_map import Dataset
from shared.domain.identity import EMAIL, Identifier, Standing

SEARCHED = frozenset({Standing.PROVEN, Standing.DERIVED})
SHARED_ADDRESS = "shared_address"  # several people of one tenant have it on record: nothing is searched with it there
TOO_MANY_TENANTS = "too_many_tenants"
INCOMPLETE = frozenset({SHARED_ADDRESS, TOO_MANY_TENANTS})  # an answer under these says that it is not whole


class Comment(BaseModel):
    """What somebody who acts for the customer wrote to a case, for those who work on it."""

    model_config = ConfigDict(defer_build=True, frozen=True, hide_input_in_errors=True)

    by: str
    at: AwareDatetime
    text: str


class Question(BaseModel):
    """What a person was asked to make clear, and what they answered."""

    model_config = ConfigDict(defer_build=True, frozen=True, hide_input_in_errors=True)

    text: str
    asked_at: AwareDatetime
    answer: str | None = None


class Recorded(BaseModel):
    """What an operator took in from another channel: how it came, and the account it claims, which proves nothing."""

    model_config = ConfigDict(defer_build=True, frozen=True, hide_input_in_errors=True)

    evidence: str
    tenant: str | None = None
    object_id: str | None = None


class Dossier(BaseModel):
    """What was claimed and proven at intake and, once resolved, each part's frozen identifiers.

    `email` is normalised and only claimed until its code came back. `tenant` and `object_id` come from a validated
    token. `people` has one tuple of identifiers for each part of the request, in the parts' order. `asks` says by right
    what exactly is asked. `second_address` is where a second proof is asked from; `previous_addresses` are those that
    accounts of the person had not long ago. `contact` is where mail goes instead of `email`. `account_facts` is what
    two operators established an identity by, `authority_evidence` what showed a representative's authority.
    With `child` the person is younger than 16, as their representative says.
    `questions` were put to the person, the newest last; `recorded` is how a request from another channel came in.
    Mail came back from those that `bounced`.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, hide_input_in_errors=True)

    email: str | None = None
    tenant: str | None = None
    object_id: str | None = None
    people: tuple[tuple[Identifier, ...], ...] = ()
    asks: dict[str, Ask] = {}
    representative: Representative | None = None
    child: bool = False
    second_address: str | None = None
    previous_addresses: tuple[str, ...] = ()
    contact: str | None = None
    account_facts: str | None = None
    authority_evidence: str | None = None
    questions: tuple[Question, ...] = ()
    recorded: Recorded | None = None
    bounced: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()

    def ask(self, right: str) -> Ask:
        """Return what is asked of one right."""
        return self.asks.get(right, EVERYTHING)

    @property
    def address(self) -> str | None:
        """Where mail goes: the address that was given, else one that an own record of the person names."""
        known = (self.contact, self.email, *_on_record(self))
        return next((one for one in known if one and one not in self.bounced), None)


def known_addresses(dossier: Dossier) -> list[str]:
    """Return every address a resolved person is known by, each once, those of not long ago included."""
    given = [one for one in (dossier.email, dossier.contact) if one]
    return list(dict.fromkeys([*given, *_on_record(dossier), *dossier.previous_addresses]))


def _on_record(dossier: Dossier) -> list[str]:
    return [one.value for person in dossier.people for one in person if one.kind == EMAIL and one.standing in SEARCHED]


def searchable(
    dataset: Dataset, identifiers: tuple[Identifier, ...], *, own: bool, own_sources: frozenset[str]
) -> list[Identifier]:
    """Return the identifiers a dataset may be searched with.

    A tenant's dataset takes identifiers of that tenant. Spinpanel's own takes proven ones, and those that another
    own dataset (`own_sources`) yielded, and only in the part that covers own records.
    """
    fitting = [one for one in identifiers if one.standing in SEARCHED and dataset.is_opened_by(one.kind)]
    if dataset.tenancy == "tenant":
        return [one for one in fitting if one.tenant is not None]
    return [one for one in fitting if own and (one.standing is Standing.PROVEN or one.source in own_sources)]
