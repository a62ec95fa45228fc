"""The world behind the ports: every adapter, built when it is first asked for."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from shared.domain.errors import Transient
from shared.domain.references import References

if TYPE_CHECKING:
    from shared.adapters.azure_clients import AzureClients, AzureStores
    from shared.adapters.azure_table import AzureTable
    from shared.adapters.sql_engines import SqlEngines
    from shared.ports.accounts import AccountEvents
    from shared.ports.blobs import Blobs
    from shared.ports.bus import Bus
    from shared.ports.case_keys import CaseKeys
    from shared.ports.connector import Connector
    from shared.ports.egress import Egress
    from shared.ports.erasing import Brakes, Signer, Turns
    from shared.ports.measures import Consents, Measures
    from shared.ports.requests import Deadlines, Exports, RequestStore, Subjects, Waits
    from shared.ports.tenants import TenantCases, Tenants
    from shared.ports.world import Limits, Mailer, Maps, Renderer, Tokens
    from shared.settings import Settings
    from shared.use_cases.own_records import OwnRecords

_KEY_SIZE = 32


class Ports:
    """Every port with its real adapter."""

    def __init__(self, settings: "Settings") -> None:
        self.settings = settings

    def clock(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        """Return a random id."""
        return uuid4()

    @cached_property
    def references(self) -> References:
        """The keys for references and derived secrets, by version."""
        return References(
            reference_keys=_keys({1: self.settings.reference_key_1, 2: self.settings.reference_key_2}),
            code_keys=_keys({1: self.settings.code_key_1}),
        )

    @cached_property
    def clients(self) -> "AzureClients":
        """Clients of Azure Storage on one session."""
        from shared.adapters.azure_clients import AzureClients

        return AzureClients(client_id=self.settings.azure_client_id)

    def _table(self, name: str) -> "AzureTable":
        from shared.adapters.azure_table import AzureTable

        return AzureTable(self.clients.table(self.settings.state_tables_url, name))

    @cached_property
    def requests(self) -> "RequestStore":
        """Where requests live."""
        from shared.adapters.azure_tables_requests import AzureTablesRequests

        return AzureTablesRequests(self._table("Requests"))

    @cached_property
    def waits(self) -> "Waits":
        """The due index."""
        from shared.adapters.azure_tables_indexes import AzureTablesWaits

        return AzureTablesWaits(self._table("Waits"))

    @cached_property
    def deadlines(self) -> "Deadlines":
        """Requests by due day."""
        from shared.adapters.azure_tables_indexes import AzureTablesDeadlines

        return AzureTablesDeadlines(self._table("Deadlines"))

    @cached_property
    def reviews(self) -> "Deadlines":
        """Requests that wait for a reviewer, by due day."""
        from shared.adapters.azure_tables_indexes import AzureTablesDeadlines

        return AzureTablesDeadlines(self._table("Reviews"))

    @cached_property
    def subjects(self) -> "Subjects":
        """Requests by subject reference."""
        from shared.adapters.azure_tables_indexes import AzureTablesSubjects

        return AzureTablesSubjects(self._table("Subjects"))

    @cached_property
    def exports(self) -> "Exports":
        """Exports and their requests."""
        from shared.adapters.azure_tables_indexes import AzureTablesExports

        return AzureTablesExports(self._table("Exports"))

    @cached_property
    def brakes(self) -> "Brakes":
        """Brakes on erasures."""
        from shared.adapters.azure_tables_brakes import AzureTablesBrakes

        return AzureTablesBrakes(self._table("Brakes"), self.limits, self.clock)

    @cached_property
    def turns(self) -> "Turns":
        """One erasure of a person at a time."""
        from shared.adapters.azure_tables_turns import AzureTablesTurns

        return AzureTablesTurns(self._table("Turns"))

    @cached_property
    def tenants(self) -> "Tenants":
        """Customers."""
        from shared.adapters.azure_tables_tenants import AzureTablesTenants

        return AzureTablesTenants(self._table("Tenants"))

    @cached_property
    def tenant_cases(self) -> "TenantCases":
        """Cases by the tenant that decides them."""
        from shared.adapters.azure_tables_tenant_cases import AzureTablesTenantCases

        return AzureTablesTenantCases(self._table("TenantCases"))

    @cached_property
    def account_events(self) -> "AccountEvents":
        """Signs of a possible takeover."""
        from shared.adapters.azure_tables_account_events import AzureTablesAccountEvents

        return AzureTablesAccountEvents(self._table("AccountEvents"))

    @cached_property
    def measures(self) -> "Measures":
        """Limits on processing."""
        from shared.adapters.azure_tables_measures import AzureTablesMeasures

        return AzureTablesMeasures(self._table("Measures"))

    @cached_property
    def consents(self) -> "Consents":
        """Records of consent."""
        from shared.adapters.azure_tables_consents import AzureTablesConsents

        return AzureTablesConsents(self._table("Consents"))

    @cached_property
    def limits(self) -> "Limits":
        """Flood counters."""
        from shared.adapters.azure_tables_limits import AzureTablesLimits

        return AzureTablesLimits(self._table("Limits"), self.clock)

    @cached_property
    def keys(self) -> "CaseKeys":
        """Wrapped keys of requests."""
        from shared.adapters.azure_table import AzureTable
        from shared.adapters.azure_tables_case_keys import AzureTablesCaseKeys

        table = AzureTable(self.clients.table(self.settings.keys_tables_url, "CaseKeys"))
        return AzureTablesCaseKeys(table, self._key_wrapper())

    def _key_wrapper(self) -> Any:
        if self.settings.wrapping_key_url is not None:
            from shared.adapters.key_vault_wrapping import KeyVaultWrapping

            return KeyVaultWrapping(self.settings.wrapping_key_url, self.clients.credential())
        from shared.adapters.key_wrapping import LocalKeyWrapping

        return LocalKeyWrapping(_keys({1: self.settings.wrapping_key_1}))

    @cached_property
    def signer(self) -> "Signer":
        """What signs certificates."""
        from shared.adapters.signing_keys import retired_keys

        settings = self.settings
        retired = retired_keys(settings.retired_signing_keys)
        if settings.signing_key_url is not None:
            from shared.adapters.key_vault_signer import KeyVaultSigner

            return KeyVaultSigner(settings.signing_key_url, self.clients.credential(), retired, self.clock)
        from shared.adapters.local_signer import LocalSigner

        since = {1: settings.signing_since_1, 2: settings.signing_since_2}
        keys = _keys({1: settings.signing_key_1, 2: settings.signing_key_2})
        begun = [(keys[version], moment) for version, moment in since.items() if version in keys and moment is not None]
        if len(begun) < len(keys):
            raise Transient("signing_since_missing")
        return LocalSigner(begun, retired, self.clock)

    def _blobs(self, container: str) -> "Blobs":
        from shared.adapters.azure_blobs import AzureBlobs

        return AzureBlobs(self.clients.blobs(self.settings.exports_blobs_url), container, self.clock)

    @cached_property
    def fragments(self) -> "Blobs":
        """Pieces of packages, until they are put together."""
        return self._blobs("fragments")

    @cached_property
    def packages(self) -> "Blobs":
        """Packages, until they expire."""
        return self._blobs("packages")

    @cached_property
    def bus(self) -> "Bus":
        """The bus."""
        from shared.adapters.azure_service_bus import AzureServiceBus

        connection = self.settings.service_bus.get_secret_value()
        if connection:
            return AzureServiceBus.from_connection_string(connection, self.clock)
        return AzureServiceBus.at_namespace(self.settings.service_bus_namespace, self.clients.credential(), self.clock)

    @cached_property
    def tokens(self) -> "Tokens":
        """Validation of Entra ID tokens."""
        from shared.adapters.entra_tokens import EntraTokens

        return EntraTokens(
            authority=self.settings.entra_authority,
            audience=self.settings.entra_audience,
            sign_in_client_id=self.settings.sign_in_client_id,
            clock=self.clock,
        )

    @cached_property
    def mailer(self) -> "Mailer":
        """The mail system."""
        settings = self.settings
        if settings.mail_kind == "acs":
            from shared.adapters.acs_mail import AcsMailer

            return AcsMailer(settings.acs_endpoint or "", self.clients.credential(), settings.mail_sender)
        from shared.adapters.smtp_mail import SmtpMailer

        return SmtpMailer(settings.smtp_host, settings.smtp_port, settings.mail_sender)

    @cached_property
    def renderer(self) -> "Renderer":
        """Texts for people."""
        from shared.adapters.jinja_rendering import JinjaRenderer

        return JinjaRenderer(self.maps)

    def content_security_policy(self) -> str:
        """Return the policy of our pages; forms may lead on to the package's store."""
        from urllib.parse import urlsplit

        from shared.adapters.jinja_rendering import content_security_policy

        exports = urlsplit(self.settings.exports_blobs_url)
        return content_security_policy(f"{exports.scheme}://{exports.netloc}")

    @cached_property
    def connectors(self) -> "Mapping[str, Connector]":
        """One connector for each kind of system."""
        from shared.connectors import discover

        return {kind: factory(self.stores) for kind, factory in discover().items()}

    @cached_property
    def stores(self) -> "AzureStores":
        """The stores that the data map names."""
        from shared.adapters.azure_clients import AzureStores

        return AzureStores(
            self.clients,
            tables=self.settings.stores("tables"),
            blobs=self.settings.stores("blobs"),
            sql=self.sql,
            egress=lambda: self.egress,
            own=lambda: self.own_records,
        )

    @cached_property
    def own_records(self) -> "OwnRecords":
        """What this service keeps of people itself."""
        from shared.use_cases.own_records import OwnRecords
        from shared.use_cases.reading_dossiers import Dossiers

        return OwnRecords(
            references=self.references,
            subjects=self.subjects,
            requests=self.requests,
            dossiers=Dossiers(keys=self.keys),
            consents=self.consents,
            measures=self.measures,
            account_events=self.account_events,
        )

    @cached_property
    def sql(self) -> "SqlEngines":
        """Engines of the SQL databases that the data map names."""
        from shared.adapters.sql_engines import SqlEngines

        return SqlEngines(self.settings.stores("sql"), self.clients.credential)

    @cached_property
    def egress(self) -> "Egress":
        """The way out to systems that are not ours."""
        from shared.adapters.egress_rules import Credential, EgressRules, outside_urls
        from shared.adapters.https_egress import HttpsEgress

        credentials = {
            name: Credential(origin=origin, token=token)
            for name, (origin, token) in self.settings.egress_credentials().items()
        }
        rules = EgressRules(lambda: outside_urls(self.maps.current()), credentials, self.settings.local_origins)
        return HttpsEgress(rules)

    @cached_property
    def maps(self) -> "Maps":
        """The data map in force."""
        from shared.adapters.yaml_data_map import YamlDataMap

        return YamlDataMap(Path(self.settings.data_map_file), self.connectors)


def _keys(given: Mapping[int, SecretStr | None]) -> dict[int, bytes]:
    """Read keys, strictly: a Key Vault reference that Azure could not resolve arrives as its own text.

    Raises:
        Transient: `key_missing_or_unreadable`, one is not 32 bytes in base64, or there is none.
    """
    try:
        found = {
            version: base64.b64decode(key.get_secret_value().strip(), validate=True)
            for version, key in given.items()
            if key is not None
        }
    except ValueError:
        found = {}
    if not found or any(len(key) != _KEY_SIZE for key in found.values()):
        raise Transient("key_missing_or_unreadable")
    return found
