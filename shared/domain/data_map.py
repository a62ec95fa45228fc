"""The data map: every service, dataset and field that holds personal data, as data.

The one source of truth for export, Article 15 information and the lanes of the bus. `data_map.yaml` is its text form.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.domain.identity import IdentifierKind

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Entry):
    """A text people read, in every language we answer in."""

    en: str = Field(min_length=1)
    nl: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        """Return the Dutch text for `nl`, the English one for anything else."""
        return self.nl if language == "nl" else self.en


class Role(StrEnum):
    """Spinpanel's role in law for a service (GDPR Art. 4(7), 4(8))."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class DataField(_Entry):
    """One field of a dataset. `category` is a fideslang data category, `user.name.first` for example.

    A field with `withhold` is never exported; the manifest repeats that reason.
    """

    name: str = Field(min_length=1)
    category: str = Field(pattern=r"^(user|system)(\.[a-z_]+)*$")
    withhold: Text | None = None


class FoundBy(_Entry):
    """One way in which records of a dataset are found. `how` and `at` are read by the service's connector.

    A way of use `resolution` tells who holds an identifier and opens nothing: a profile that merely names an e-mail
    address is not handed to whoever reads that mailbox.
    """

    identifier: IdentifierKind
    how: str
    at: dict[str, str] = {}
    use: Literal["export", "resolution"] = "export"


class Yields(_Entry):
    """An identifier that a record of this dataset proves to belong to the same person, inside the same tenant.

    `field` is the record's field, with dots for nested JSON. Only declared fields are ever followed. `exclusive` asks
    that no second person's record carries the same value: a shared mailbox is ambiguous, and then not searched with.
    """

    identifier: IdentifierKind
    field: str
    exclusive: bool = True


class Recipient(_Entry):
    """Who receives the data (GDPR Art. 15(1)(c)), with country and safeguard where it leaves the EEA (Art. 15(2))."""

    name: str
    purpose: Text
    country: str = Field(pattern=r"^[A-Z]{2}$")
    safeguard: Text | None = None


class Retention(_Entry):
    """How long records are kept: a period counted from an event, and what happens then."""

    period: timedelta
    counted_from: Literal[
        "created", "last_activity", "account_closed", "contract_ended", "request_closed", "fiscal_year_end"
    ]
    action: Literal["delete", "anonymise"]
    source: Text


class Dataset(_Entry):
    """One kind of record in one place.

    `tenancy`: `tenant` when each record belongs to a customer's Entra tenant and is searched inside it only; `none`
    when it is Spinpanel's own and is searched with proven identifiers, or those derived from other such datasets.
    `settings` says where the records are, in the connector's words. `legal_basis` is a DPV term.
    """

    id: Slug
    title: Text
    tenancy: Literal["tenant", "none"]
    settings: dict[str, str] = {}
    fields: tuple[DataField, ...] = Field(min_length=1)
    found_by: tuple[FoundBy, ...] = Field(min_length=1)
    yields: tuple[Yields, ...] = ()
    tenant_field: str | None = None
    purposes: tuple[Text, ...] = Field(min_length=1)
    legal_basis: Literal["A6-1-a", "A6-1-b", "A6-1-c", "A6-1-f"]
    authorisation: Literal["user", "administrator", "partner"]
    source: Text
    recipients: tuple[Recipient, ...] = ()
    retention: Retention
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

    def is_found_by(self, kind: str) -> bool:
        """Tell whether an identifier of this kind leads to records of this dataset, if only to resolve who that is."""
        return any(way.identifier == kind for way in self.found_by)


class Service(_Entry):
    """One system that holds personal data, worked on through its lane of the bus by one kind of connector."""

    id: Slug
    title: Text
    owner: str
    role: Role
    lane: Slug
    connector: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    settings: dict[str, str] = {}
    time_limit: timedelta = Field(gt=timedelta(0), le=timedelta(days=30))
    datasets: tuple[Dataset, ...] = Field(min_length=1)


class Contact(_Entry):
    """The controller, or its data protection contact, as GDPR Art. 13(1)(a) and (b) name them."""

    name: str
    address: str
    email: str


class Authority(_Entry):
    """The supervisory authority a complaint goes to (GDPR Art. 77)."""

    name: str
    address: str
    website: str


class DataMap(_Entry):
    """The whole map. `version` changes with every change of its text; a request remembers the one it ran under."""

    version: str = Field(min_length=1)
    controller: Contact
    privacy_contact: Contact
    authority: Authority
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

    def datasets(self) -> Iterator[tuple[Service, Dataset]]:
        """Yield every dataset with its service, in the map's order."""
        for service in self.services:
            for dataset in service.datasets:
                yield service, dataset

    def own_sources(self) -> frozenset[str]:
        """Return the ids of the datasets that are Spinpanel's own, whose identifiers may open its own records."""
        return frozenset(dataset.id for _, dataset in self.datasets() if dataset.tenancy == "none")

    def service(self, service_id: str) -> Service | None:
        """Return the service of this id, or None when the map no longer has it."""
        return next((service for service in self.services if service.id == service_id), None)

    def lanes(self) -> tuple[str, ...]:
        """Return every lane that a service names, sorted."""
        return tuple(sorted({service.lane for service in self.services}))
