"""Find out who a proven person is: a bounded walk over edges that the data map declares safe, inside each tenant.

Nothing is searched with an identifier that was merely claimed; names and similarity never match. An address opens only
what is keyed by that very address: the walk starts from a sign-in alone. An address that several people of a tenant
have on record proves none of them, and is not searched with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.domain.data_map import DataMap, Dataset, Service, Yields
from shared.domain.dossier import SEARCHED, SHARED_ADDRESS, TOO_MANY_TENANTS, Dossier, searchable
from shared.domain.errors import InvalidInput
from shared.domain.identity import EMAIL, OBJECT_ID, Identifier, Standing, normalise
from shared.ports.connector import Connector, Record
from shared.use_cases.together import together

MOST_IDENTIFIERS = 64
MOST_STEPS = 4
MOST_TENANTS = 25
AMBIGUOUS = "ambiguous_identifier"
TOO_MANY = "too_many_identifiers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who one part of a request is about: the tenant it lies in and every identifier with its standing."""

    tenant: str | None
    own: bool
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The outcome: one person a tenant, the first with Spinpanel's own records, and what an operator should see."""

    people: tuple[Person, ...]
    attention: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One tenant's walk: what is known so far, and what each dataset was searched with already."""

    tenant: str | None
    own: bool
    known: dict[tuple[str, str], Identifier] = field(default_factory=dict)
    searched: set[tuple[str, str, str]] = field(default_factory=set)
    attention: set[str] = field(default_factory=set)

    def add(self, identifier: Identifier) -> None:
        if len(self.known) >= MOST_IDENTIFIERS:
            self.attention.add(TOO_MANY)
            return
        self.known.setdefault((identifier.kind, identifier.value), identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveIdentity:
    """Walk from what was proved to the identifiers each part is searched with. Reads, and writes nothing."""

    connectors: Mapping[str, Connector]

    async def __call__(self, dossier: Dossier, data_map: DataMap) -> Resolution:
        """Return who the request is about.

        Raises:
            Transient, Permanent: a store that identities are resolved from could not be read.
        """
        found = set() if dossier.email is None else await self._tenants_of(dossier.email, data_map)
        tenants = set(sorted(found)[:MOST_TENANTS])
        if dossier.tenant is not None:
            tenants.add(dossier.tenant)
        own_tenant = dossier.tenant or min(tenants, default=None)
        ordered = [own_tenant, *sorted(tenants - {own_tenant})]
        looked = sorted(tenants)
        answers = await together([self._is_shared(dossier, one, data_map) for one in looked])
        shared = {tenant for tenant, is_shared in zip(looked, answers, strict=True) if is_shared}
        walks = [self._start(dossier, tenant, shared, own=tenant == own_tenant) for tenant in ordered]
        await together([self._walk(walk, data_map) for walk in walks])
        return Resolution(
            people=tuple(
                Person(tenant=walk.tenant, own=walk.own, identifiers=tuple(walk.known.values())) for walk in walks
            ),
            attention=tuple(
                sorted(
                    {SHARED_ADDRESS for _ in shared}.union(
                        {TOO_MANY_TENANTS} if len(found) > len(tenants) else (), *(walk.attention for walk in walks)
                    )
                )
            ),
        )

    async def _tenants_of(self, email: str, data_map: DataMap) -> set[str]:
        """Return the tenants in which records are keyed by a proven address."""
        proven = Identifier(kind=EMAIL, value=email, tenant=None, standing=Standing.PROVEN, source="mail code")
        tenants: set[str] = set()
        for service, dataset in data_map.datasets():
            if dataset.tenancy == "tenant" and dataset.tenant_field and dataset.is_found_by(EMAIL):
                async for page in self.connectors[service.connector].export(service, dataset, [proven]):
                    tenants |= {str(record.get(dataset.tenant_field) or "").lower() for record in page.records}
        tenants.discard("")
        return tenants

    async def _is_shared(self, dossier: Dossier, tenant: str, data_map: DataMap) -> bool:
        """Tell whether a proven address is on record for more than one person of a tenant."""
        if dossier.email is None:
            return False
        address = self._proven(EMAIL, dossier.email, tenant, "mail code")
        people = {dossier.object_id} if dossier.object_id and tenant == dossier.tenant else set()
        for service, dataset in data_map.datasets():
            edges = [edge for edge in dataset.yields if edge.identifier == OBJECT_ID]
            if edges and dataset.tenancy == "tenant" and dataset.is_found_by(EMAIL):
                for record in await self._search(service, dataset, [address]):
                    people |= {value for edge in edges for value in _values(record, edge)}
        return len(people) > 1

    def _start(self, dossier: Dossier, tenant: str | None, shared: set[str], *, own: bool) -> _Walk:
        walk = _Walk(tenant=tenant, own=own)
        vouched = dossier.account_facts and "operators"
        if tenant is not None and tenant == dossier.tenant and dossier.object_id:
            walk.add(self._proven(OBJECT_ID, dossier.object_id, tenant, vouched or "sign-in"))
        if dossier.email is not None:
            proven = self._proven(EMAIL, dossier.email, tenant, vouched or "mail code")
            # Spinpanel's own records name no tenant: any of those who share the address may have made them.
            doubtful = tenant in shared or (own and shared)
            walk.add(proven.model_copy(update={"standing": Standing.CLAIMED}) if doubtful else proven)
        return walk

    @staticmethod
    def _proven(kind: str, value: str, tenant: str | None, source: str) -> Identifier:
        return Identifier(kind=kind, value=value, tenant=tenant, standing=Standing.PROVEN, source=source)

    async def _walk(self, walk: _Walk, data_map: DataMap) -> None:
        if not any(one.kind == OBJECT_ID for one in walk.known.values()):
            return
        edges = [(service, dataset) for service, dataset in data_map.datasets() if dataset.yields]
        own_sources = data_map.own_sources()
        for _ in range(MOST_STEPS):
            known = tuple(walk.known.values())
            await together([self._follow(walk, known, service, dataset, own_sources) for service, dataset in edges])
            if len(walk.known) == len(known):
                return

    async def _follow(
        self,
        walk: _Walk,
        known: tuple[Identifier, ...],
        service: Service,
        dataset: Dataset,
        own_sources: frozenset[str],
    ) -> None:
        fresh = [
            one
            for one in searchable(dataset, known, own=walk.own, own_sources=own_sources)
            if (dataset.id, one.kind, one.value) not in walk.searched
            and (one.kind != EMAIL or one.standing is not Standing.PROVEN)
        ]
        if not fresh:
            return
        walk.searched |= {(dataset.id, one.kind, one.value) for one in fresh}
        for record in await self._search(service, dataset, fresh):
            for edge in dataset.yields:
                for value in _values(record, edge):
                    await self._yielded(walk, service, dataset, edge, value)

    async def _yielded(self, walk: _Walk, service: Service, dataset: Dataset, edge: Yields, value: str) -> None:
        if (edge.identifier, value) in walk.known:
            return
        identifier = Identifier(
            kind=edge.identifier, value=value, tenant=walk.tenant, standing=Standing.DERIVED, source=dataset.id
        )
        if edge.exclusive and dataset.is_found_by(edge.identifier):
            walk.searched.add((dataset.id, identifier.kind, identifier.value))
            holders = await self._search(service, dataset, [identifier])
            if any(not self._is_theirs(walk, dataset, holder, identifier) for holder in holders):
                walk.attention.add(AMBIGUOUS)
                identifier = identifier.model_copy(update={"standing": Standing.CLAIMED})
        walk.add(identifier)

    @staticmethod
    def _is_theirs(walk: _Walk, dataset: Dataset, record: Record, identifier: Identifier) -> bool:
        """Tell whether a record names this person by another identifier than the one in question."""
        return any(
            (edge.identifier, value) in walk.known and walk.known[edge.identifier, value].standing in SEARCHED
            for edge in dataset.yields
            if edge.identifier != identifier.kind
            for value in _values(record, edge)
        )

    async def _search(self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier]) -> list[Record]:
        connector = self.connectors[service.connector]
        found: list[Record] = []
        async for page in connector.export(service, dataset, identifiers):
            found.extend(page.records)
            if len(found) > MOST_IDENTIFIERS:
                break
        return found


def _values(record: Record, edge: Yields) -> list[str]:
    """Return the normalised values of a yielding field; a value that is not of its kind yields nothing."""
    value: Any = record
    for step in edge.field.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    found = value if isinstance(value, list) else [value]
    normal = []
    for one in found:
        if isinstance(one, str) and one:
            try:
                normal.append(normalise(edge.identifier, one))
            except InvalidInput:
                continue
    return normal
