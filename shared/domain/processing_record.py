"""The record of processing activities (GDPR Art. 30), as controller and as processor, made of the data map."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.domain.data_map import DataMap, Dataset, Recipient, Retention, Role, Service
from shared.domain.economic_area import EEA
from shared.domain.parties import Contact, Processor, SubProcessor
from shared.domain.request import Language


class _Told(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, alias_generator=to_camel, populate_by_name=True)


class Person(_Told):
    """Somebody who answers for something, and how to reach them."""

    name: str
    address: str
    email: str


class Transfer(_Told):
    """To whom data goes outside the EEA, and under which safeguard (GDPR Art. 30(1)(e), 30(2)(c))."""

    to: str
    country: str
    safeguard: str


class SubProcessorTold(_Told):
    """Whom a processor works with in turn."""

    name: str
    country: str
    purpose: str


class ProcessorTold(_Told):
    """Who processes data for us, and by which contract (GDPR Art. 28)."""

    name: str
    country: str
    purpose: str
    contract: str
    sub_processors: tuple[SubProcessorTold, ...]


class Activity(_Told):
    """One activity: of a controller everything for one purpose, of a processor everything in one system.

    `time_limits` are what is kept how long, `legal_bases` DPV terms; for a processor they are what its customers'
    agreements assume.
    """

    id: str
    title: str
    purposes: tuple[str, ...]
    subjects: tuple[str, ...]
    categories: tuple[str, ...]
    legal_bases: tuple[str, ...]
    recipients: tuple[str, ...]
    transfers: tuple[Transfer, ...]
    time_limits: tuple[str, ...]
    datasets: tuple[str, ...]
    systems: tuple[str, ...]
    owners: tuple[str, ...]


class ProcessingRecord(_Told):
    """The whole record of one role. `on_behalf_of` says of a processor where its controllers are listed."""

    role: Role
    version: str
    organisation: Person
    contact: Person
    protection_officer: Person | None = None
    representative: Person | None = None
    on_behalf_of: str | None = None
    activities: tuple[Activity, ...]
    processors: tuple[ProcessorTold, ...]
    security: tuple[str, ...]


def record_of(data_map: DataMap, role: Role, language: Language) -> ProcessingRecord:
    """Return the record of one role, in one language."""
    held = [(service, dataset) for service, dataset in data_map.datasets() if service.role is role]
    mine = {service.id for service, _ in held}
    processors = [one for one in data_map.processors if mine.intersection(one.services)]
    activities: list[Activity] = []
    if role is Role.CONTROLLER:
        for purpose in data_map.purposes().values():
            serving = [(service, dataset) for service, dataset in held if purpose in dataset.purposes]
            if serving:
                activities.append(_activity(purpose.id, purpose.in_language(language), serving, processors, language))
    else:
        for one in dict.fromkeys(service.id for service, _ in held):
            inside = [(service, dataset) for service, dataset in held if service.id == one]
            activities.append(_activity(one, inside[0][0].title.in_language(language), inside, processors, language))
    of_processor = role is Role.PROCESSOR and data_map.on_behalf_of is not None
    return ProcessingRecord(
        role=role,
        version=data_map.version,
        organisation=_person(data_map.controller),
        contact=_person(data_map.privacy_contact),
        protection_officer=_person(data_map.protection_officer) if data_map.protection_officer else None,
        representative=_person(data_map.representative) if data_map.representative else None,
        on_behalf_of=data_map.on_behalf_of.in_language(language) if of_processor and data_map.on_behalf_of else None,
        activities=tuple(activities),
        processors=tuple(_processor(one, language) for one in processors),
        security=tuple(one.in_language(language) for one in data_map.security),
    )


def _activity(
    activity_id: str,
    title: str,
    held: Sequence[tuple[Service, Dataset]],
    processors: Sequence[Processor],
    language: Language,
) -> Activity:
    services = {service.id for service, _ in held}
    recipients = [one for _, dataset in held for one in dataset.recipients]
    serving = [one for one in processors if services.intersection(one.services)]
    return Activity(
        id=activity_id,
        title=title,
        purposes=_each(purpose.in_language(language) for _, dataset in held for purpose in dataset.purposes),
        subjects=_each(subject for _, dataset in held for subject in dataset.subjects),
        categories=_each(sorted({field.category for _, dataset in held for field in dataset.fields})),
        legal_bases=_each(dataset.legal_basis for _, dataset in held),
        recipients=_each(one.name_in(language) for one in recipients),
        transfers=_transfers(
            [*recipients, *serving, *(sub for one in serving for sub in one.sub_processors)], language
        ),
        time_limits=_each(f"{dataset.title.in_language(language)}: {_limit(dataset.retention)}" for _, dataset in held),
        datasets=tuple(dataset.id for _, dataset in held),
        systems=_each(service.title.in_language(language) for service, _ in held),
        owners=_each(service.owner for service, _ in held),
    )


def _transfers(parties: Iterable[Recipient | Processor | SubProcessor], language: Language) -> tuple[Transfer, ...]:
    told = (
        Transfer(
            to=one.name, country=one.country, safeguard=one.safeguard.in_language(language) if one.safeguard else ""
        )
        for one in parties
        if one.country not in EEA
    )
    return tuple(dict.fromkeys(told))


def _limit(retention: Retention) -> str:
    """Write a period as ISO 8601 does: for lawyers and for programs, in every language the same."""
    return f"P{retention.period.days}D {retention.counted_from} {retention.action}"


def _processor(one: Processor, language: Language) -> ProcessorTold:
    return ProcessorTold(
        name=one.name,
        country=one.country,
        purpose=one.purpose.in_language(language),
        contract=one.contract.in_language(language),
        sub_processors=tuple(
            SubProcessorTold(name=sub.name, country=sub.country, purpose=sub.purpose.in_language(language))
            for sub in one.sub_processors
        ),
    )


def _person(contact: Contact) -> Person:
    return Person(name=contact.name, address=contact.address, email=contact.email)


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
