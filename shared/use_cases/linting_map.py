"""What a data map leaves open that somebody has to decide: named by dataset and field, one line each."""

from collections.abc import Iterator

from shared.domain.data_map import DataMap, Dataset, Role, Service
from shared.domain.economic_area import EEA
from shared.domain.parties import Processor, SubProcessor
from shared.rights import discovered
from shared.use_cases.publishing_map import behaviours

ADMINISTRATORS = "administrators"  # the recipient that every customer's data goes to
CREDENTIALS = "user.authorization.credentials"
_DECIDED = {
    "erasure": "what an erasure does is not said",
    "review": "whether a person looks at a copy first is not said",
    "subjects": "whom it is about is not said",
}
_DECIDED_OF_FIELDS = {
    "origin": "who brought it about is not said, and portability hangs on it",
    "rectify": "how it is corrected is not said",
}


def findings(data_map: DataMap) -> Iterator[str]:
    """Yield everything that is left open or contradicts itself; a good map yields nothing."""
    if not data_map.security:
        yield "map: security: no measure is named (GDPR Art. 30(1)(g))"
    if data_map.on_behalf_of is None and any(service.role is Role.PROCESSOR for service in data_map.services):
        yield "map: on_behalf_of: it is not said where the controllers are listed (GDPR Art. 30(2)(a))"
    yield from _of_processors(data_map)
    for service in data_map.services:
        if service.contact is None:
            yield f"service {service.id}: contact: nobody could be reminded"
        for dataset in service.datasets:
            yield from (f"dataset {dataset.id}: {one}" for one in _of_dataset(service, dataset))


def _of_dataset(service: Service, dataset: Dataset) -> Iterator[str]:
    yield from (f"{name}: {problem}" for name, problem in _DECIDED.items() if name not in dataset.model_fields_set)
    if not dataset.subjects:
        yield "subjects: whom it is about is not said"
    for field in dataset.fields:
        for name, problem in _DECIDED_OF_FIELDS.items():
            if name not in field.model_fields_set:
                yield f"field {field.name}: {name}: {problem}"
        if field.category.startswith(CREDENTIALS) and field.withhold is None:
            yield f"field {field.name}: withhold: a credential is never handed over"
    for recipient in dataset.recipients:
        if recipient.id is None:
            yield f"recipients: {recipient.name}: without an id nobody can object to it"
        if recipient.country not in EEA and recipient.safeguard is None:
            yield f"recipients: {recipient.name}: outside the EEA, and no safeguard (GDPR Art. 46)"
    if service.role is Role.PROCESSOR and ADMINISTRATORS not in {one.id for one in dataset.recipients}:
        yield f"recipients: a customer's data, and not its `{ADMINISTRATORS}`"
    outcomes = behaviours(dataset, tuple(discovered()))
    yield from (f"right {code}: it is not said what happens" for code in discovered() if outcomes.get(code) is None)
    if dataset.profiling is not None and dataset.legal_basis != "A6-1-f":
        yield "profiling: nobody could object to it on this legal basis (GDPR Art. 21)"


def _of_processors(data_map: DataMap) -> Iterator[str]:
    known = {service.id for service in data_map.services}
    for one in data_map.processors:
        yield from (
            f"processor {one.name}: services: {name} is not there" for name in one.services if name not in known
        )
        parties: tuple[Processor | SubProcessor, ...] = (one, *one.sub_processors)
        for party in parties:
            if party.country not in EEA and party.safeguard is None:
                yield f"processor {party.name}: outside the EEA, and no safeguard (GDPR Art. 46)"
    processed = {name for one in data_map.processors for name in one.services}
    yield from (f"service {name}: no processor is named" for name in sorted(known - processed))
