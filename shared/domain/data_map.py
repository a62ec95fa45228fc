"""The data map: every service, dataset and field that holds personal data, as data.

The one source of truth for export, Article 15 information and the lanes of the bus. `data_map.yaml` is its text form.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from shared.domain.identity import IdentifierKind
from shared.domain.map_entry import Entry, Slug, Text
from shared.domain.parties import Authority, Contact, Processor, WithoutPersonalData

EVERYTHING_ELSE = "*"  # in `erase_after`: after every service that does not itself wait for everything else


class Role(StrEnum):
    """Spinpanel's role in law for a service (GDPR Art. 4(7), 4(8))."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class Purpose(Text):
    """What data is used for, in words, and by an id that consents and objections name.

    An objection to `direct_marketing` is absolute (GDPR Art. 21(2)).
    """

    id: Slug
    direct_marketing: bool = False


class DataField(Entry):
    """One field of a dataset. `category` is a fideslang data category, `user.name.first` for example.

    A field with `withhold` is never exported; the manifest repeats that reason. `anonymise` says what becomes of it in
    a record that is anonymised: removed, set to the constant `[erased]`, cut to its month, or kept as no personal data.

    `origin` says who brought it about: `provided` by the person, `observed` of what they did (both are portable, GDPR
    Art. 20), `derived` by us, or `others`. `rectify` says how it is corrected: as the person says (`self`), once
    somebody looked (`checked`), or not at all, for it is a record of what was (`no`): a statement is put beside it.
    """

    name: str = Field(min_length=1)
    category: str = Field(pattern=r"^(user|system)(\.[a-z_]+)*$")
    withhold: Text | None = None
    anonymise: Literal["remove", "constant", "month", "keep"] = "remove"
    origin: Literal["provided", "observed", "derived", "others"] = "others"
    rectify: Literal["self", "checked", "no"] = "checked"


class FoundBy(Entry):
    """One way in which records of a dataset are found. `how` and `at` are read by the service's connector.

    A way of use `resolution` tells who holds an identifier and opens nothing: a profile that merely names an e-mail
    address is not handed to whoever reads that mailbox.
    """

    identifier: IdentifierKind
    how: str
    at: dict[str, str] = Field(default_factory=dict)
    use: Literal["export", "resolution"] = "export"


class Yields(Entry):
    """An identifier that a record of this dataset proves to belong to the same person, inside the same tenant.

    `field` is the record's field, with dots for nested JSON. Only declared fields are ever followed. `exclusive` asks
    that no second person's record carries the same value: a shared mailbox is ambiguous, and then not searched with.
    """

    identifier: IdentifierKind
    field: str
    exclusive: bool = True


class Notify(Entry):
    """How a recipient is told of an erasure (GDPR Art. 19), under the identifier it knows the person by.

    `address` is an https URL or a mailbox. `received` names the field of a record that lists, by id, the recipients it
    went to; None says that every record goes there.
    """

    how: Literal["http", "mail"]
    address: str = Field(min_length=3)
    identifier: IdentifierKind
    received: str | None = None


class Recipient(Entry):
    """Who receives the data (GDPR Art. 15(1)(c)), with country and safeguard where it leaves the EEA (Art. 15(2)).

    Whoever has no name of its own, a customer's administrators for example, is `called` something in each language.
    """

    name: str
    called: Text | None = None
    purpose: Text
    country: str = Field(pattern=r"^[A-Z]{2}$")
    safeguard: Text | None = None
    id: Slug | None = None
    notify: Notify | None = None

    @model_validator(mode="after")
    def _notified_by_id(self) -> Self:
        if self.notify is not None and self.id is None:
            raise ValueError("a recipient that is notified has an id")
        return self

    def name_in(self, language: str) -> str:
        """Return what people call it."""
        return self.called.in_language(language) if self.called else self.name


class Retention(Entry):
    """How long records are kept: a period counted from an event, and what happens then."""

    period: timedelta
    counted_from: Literal[
        "created", "last_activity", "account_closed", "contract_ended", "request_closed", "fiscal_year_end"
    ]
    action: Literal["delete", "anonymise"]
    source: Text


class Exemption(Entry):
    """Why records are retained against an erasure: the ground of GDPR Art. 17(3), its source, and for how long."""

    ground: Literal["17-3-a", "17-3-b", "17-3-c", "17-3-d", "17-3-e"]
    source: Text
    years: int = Field(ge=1, le=100)
    counted_from: Literal["fiscal_year_end", "request"] = "fiscal_year_end"


class OnErasure(Entry):
    """What an erasure does to a dataset."""

    action: Literal["delete", "anonymise", "retain"] = "delete"
    exemption: Exemption | None = None

    @model_validator(mode="after")
    def _retained_for_a_reason(self) -> Self:
        if (self.action == "retain") != (self.exemption is not None):
            raise ValueError("an exemption is named where records are retained, and nowhere else")
        return self


class Copies(Entry):
    """Copies that outlive a logical deletion, and for how long: named to the person, never called erased."""

    kind: Literal["soft_delete", "versions", "backup"]
    kept_for: timedelta = Field(gt=timedelta(0), le=timedelta(days=400))


class Dataset(Entry):
    """One kind of record in one place.

    `tenancy`: `tenant` when each record belongs to a customer's Entra tenant and is searched inside it only; `none`
    when it is Spinpanel's own and is searched with proven identifiers, or those derived from other such datasets.
    `settings` says where the records are, in the connector's words. `legal_basis` is a DPV term. `erase_after` names
    the datasets that are erased first: what identities are resolved from goes last. With `review` a person looks at
    each item before it is handed over: others' data stands in it. `subjects` are the kinds of people it is about.
    `profiling` tells the logic of a profile, `automated_decisions` that of a decision without people (GDPR Art. 22).
    """

    id: Slug
    title: Text
    tenancy: Literal["tenant", "none"]
    settings: dict[str, str] = Field(default_factory=dict)
    fields: tuple[DataField, ...] = Field(min_length=1)
    found_by: tuple[FoundBy, ...] = Field(min_length=1)
    yields: tuple[Yields, ...] = ()
    tenant_field: str | None = None
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    legal_basis: Literal["A6-1-a", "A6-1-b", "A6-1-c", "A6-1-f"]
    authorisation: Literal["user", "administrator", "partner"]
    source: Text
    recipients: tuple[Recipient, ...] = ()
    retention: Retention
    erasure: OnErasure = OnErasure()
    erase_after: tuple[str, ...] = ()
    review: bool = False
    subjects: tuple[Literal["customer", "user", "prospect", "employee", "job_applicant", "visitor"], ...] = ("user",)
    profiling: Text | None = None
    automated_decisions: Text | None = None

    @model_validator(mode="after")
    def _tenant_is_found(self) -> Self:
        if self.yields and self.tenancy == "tenant" and self.tenant_field is None:
            raise ValueError("a dataset that yields identifiers inside a tenant names its tenant_field")
        return self

    @model_validator(mode="after")
    def _kinds_have_one_use(self) -> Self:
        opening = {way.identifier for way in self.found_by if way.use == "export"}
        if any(way.identifier in opening for way in self.found_by if way.use == "resolution"):
            raise ValueError("one identifier cannot open a dataset and be of use for resolution alone")
        return self

    def is_opened_by(self, kind: str) -> bool:
        """Tell whether an identifier of this kind opens records of this dataset."""
        return any(way.identifier == kind and way.use == "export" for way in self.found_by)

    @property
    def opens(self) -> bool:
        """Tell whether some identifier opens records: what is kept by a number of ours alone opens to nobody."""
        return any(way.use == "export" for way in self.found_by)

    def is_found_by(self, kind: str) -> bool:
        """Tell whether an identifier of this kind leads to records of this dataset, if only to resolve who that is."""
        return any(way.identifier == kind for way in self.found_by)


class Service(Entry):
    """One system that holds personal data, worked on through its lane of the bus by one kind of connector.

    `contact` is the mailbox of whoever runs it, who is reminded when it is late. `clients` are the managed identities,
    by client id, that may ask what may be done with its datasets.
    """

    id: Slug
    title: Text
    owner: str
    role: Role
    lane: Slug
    connector: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    settings: dict[str, str] = Field(default_factory=dict)
    time_limit: timedelta = Field(gt=timedelta(0), le=timedelta(days=30))
    copies: tuple[Copies, ...] = ()
    contact: str | None = None
    clients: tuple[str, ...] = ()
    datasets: tuple[Dataset, ...] = Field(min_length=1)


class DataMap(Entry):
    """The whole map. `version` changes with every change of its text; a request remembers the one it ran under.

    `protection_officer` and `representative` are None where the law asks for none (GDPR Art. 27, 37). `on_behalf_of`
    says where the customers are listed that Spinpanel is a processor for (Art. 30(2)(a)).
    """

    version: str = Field(min_length=1)
    controller: Contact
    privacy_contact: Contact
    protection_officer: Contact | None = None
    representative: Contact | None = None
    authority: Authority
    on_behalf_of: Text | None = None
    security: tuple[Text, ...] = ()
    processors: tuple[Processor, ...] = ()
    without_personal_data: tuple[WithoutPersonalData, ...] = ()
    services: tuple[Service, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for name, ids in (
            ("service", [service.id for service in self.services]),
            ("dataset", [dataset.id for _, dataset in self.datasets()]),
        ):
            double = {one for one in ids if ids.count(one) > 1}
            if double:
                raise ValueError(f"{name} ids stand twice: {', '.join(sorted(double))}")
        return self

    @model_validator(mode="after")
    def _order_of_erasure_is_sound(self) -> Self:
        self.waves()
        return self

    @model_validator(mode="after")
    def _purposes_are_one(self) -> Self:
        told: dict[str, Purpose] = {}
        for _, dataset in self.datasets():
            for one in dataset.purposes:
                if told.setdefault(one.id, one) != one:
                    raise ValueError(f"purpose {one.id} of dataset {dataset.id} says something else elsewhere")
        return self

    @model_validator(mode="after")
    def _recipients_are_one(self) -> Self:
        told: dict[str, Notify | None] = {}
        for _, dataset in self.datasets():
            for one in dataset.recipients:
                if one.id is not None and told.setdefault(one.id, one.notify) != one.notify:
                    raise ValueError(f"recipient {one.id} is notified in two ways")
        return self

    def datasets(self) -> Iterator[tuple[Service, Dataset]]:
        """Yield every dataset with its service, in the map's order."""
        for service in self.services:
            for dataset in service.datasets:
                yield service, dataset

    def waves(self) -> dict[str, int]:
        """Return the wave each service is erased in: after every service that one of its datasets comes after.

        Raises:
            ValueError: services wait for one another in a circle, or for a dataset that is not there.
        """
        home = {dataset.id: service.id for service, dataset in self.datasets()}
        last = {service.id for service, dataset in self.datasets() if EVERYTHING_ELSE in dataset.erase_after}
        before: dict[str, set[str]] = {service.id: set() for service in self.services}
        for service, dataset in self.datasets():
            for name in dataset.erase_after:
                if name != EVERYTHING_ELSE and name not in home:
                    raise ValueError(f"dataset {dataset.id} is erased after one that is not there")
                before[service.id] |= before.keys() - last if name == EVERYTHING_ELSE else {home[name]}
            before[service.id].discard(service.id)
        waves: dict[str, int] = {}
        while len(waves) < len(before):
            ready = [name for name, ones in before.items() if name not in waves and ones <= waves.keys()]
            if not ready:
                circle = ", ".join(sorted(before.keys() - waves.keys()))
                raise ValueError(f"services wait for one another to be erased: {circle}")
            waves |= {name: max((waves[one] + 1 for one in before[name]), default=0) for name in ready}
        return waves

    def own_sources(self) -> frozenset[str]:
        """Return the ids of the datasets that are Spinpanel's own, whose identifiers may open its own records."""
        return frozenset(dataset.id for _, dataset in self.datasets() if dataset.tenancy == "none")

    def purposes(self) -> dict[str, Purpose]:
        """Return every purpose by id, in the map's order."""
        return {one.id: one for _, dataset in self.datasets() for one in dataset.purposes}

    def recipients(self) -> dict[str, Recipient]:
        """Return every recipient that is notified of erasures, by id."""
        found = (one for _, dataset in self.datasets() for one in dataset.recipients)
        return {one.id: one for one in found if one.id is not None and one.notify is not None}

    def service(self, service_id: str) -> Service | None:
        """Return the service of this id, or None when the map no longer has it."""
        return next((service for service in self.services if service.id == service_id), None)

    def lanes(self) -> tuple[str, ...]:
        """Return every lane that a service names, sorted."""
        return tuple(sorted({service.lane for service in self.services}))
