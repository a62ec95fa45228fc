"""The one place that names real adapters: builds the graph lazily, once for each process."""

import asyncio
import base64
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

from pydantic import SecretStr

from shared.domain.errors import NotSignedIn, TooMany, Transient
from shared.domain.references import References
from shared.domain.request import Language, Request
from shared.messages.commands import AnyCommand
from shared.messages.inputs import SubmitRequest
from shared.use_cases.caller import Caller, require_operator

if TYPE_CHECKING:
    from shared.adapters.azure_clients import AzureClients
    from shared.adapters.azure_table import AzureTable
    from shared.ports.blobs import Blobs
    from shared.ports.bus import Bus
    from shared.ports.case_keys import CaseKeys
    from shared.ports.connector import Connector
    from shared.ports.requests import Deadlines, Exports, RequestStore, Subjects, Waits
    from shared.ports.world import Limits, Mailer, Maps, Principal, Renderer, Tokens
    from shared.settings import Settings
    from shared.use_cases.assemble_export import AssembleExportUseCase
    from shared.use_cases.confirm_identity import ConfirmIdentityUseCase
    from shared.use_cases.deliver_export import DeliverExport
    from shared.use_cases.moving import Mover
    from shared.use_cases.oversee_requests import OverseeRequests
    from shared.use_cases.owning import Owning
    from shared.use_cases.plan_request import PlanRequestUseCase
    from shared.use_cases.reading_dossiers import Dossiers
    from shared.use_cases.resend_code import ResendCodeUseCase
    from shared.use_cases.run_service_task import RunServiceTaskUseCase
    from shared.use_cases.send_code import SendCodeUseCase
    from shared.use_cases.send_notice import SendNoticeUseCase
    from shared.use_cases.submit_request import SubmitRequestUseCase
    from shared.use_cases.sweep_waits import SweepWaits
    from shared.use_cases.withdraw_request import WithdrawRequestUseCase

# Longer than a function may run: no step that was under way can still write after it.
_TIDY_AFTER = timedelta(minutes=15)


class Services:
    """Every use case with its ports. What is asked for first is built first: cold starts pay for what they use.

    Tests build one over memory adapters by overriding attributes before they are first read.
    """

    def __init__(self, settings: "Settings") -> None:
        self.settings = settings

    # ── Ports ────────────────────────────────────────────────────────────────────────────────────────────────────

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
        from shared.adapters.azure_clients import AzureStores
        from shared.connectors import discover

        stores = AzureStores(self.clients, tables=self.settings.stores("tables"), blobs=self.settings.stores("blobs"))
        return {kind: factory(stores) for kind, factory in discover().items()}

    @cached_property
    def maps(self) -> "Maps":
        """The data map in force."""
        from shared.adapters.yaml_data_map import YamlDataMap

        return YamlDataMap(Path(self.settings.data_map_file), self.connectors)

    # ── Use cases ────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def mover(self) -> "Mover":
        """How requests move."""
        from shared.use_cases.moving import Mover

        return Mover(requests=self.requests, bus=self.bus)

    @cached_property
    def dossiers(self) -> "Dossiers":
        """How dossiers are opened."""
        from shared.use_cases.reading_dossiers import Dossiers

        return Dossiers(keys=self.keys)

    @cached_property
    def owning(self) -> "Owning":
        """Whose request it is."""
        from shared.use_cases.owning import Owning

        return Owning(
            requests=self.requests,
            subjects=self.subjects,
            dossiers=self.dossiers,
            references=self.references,
            clock=self.clock,
        )

    @cached_property
    def submit_request(self) -> "SubmitRequestUseCase":
        """Receive a request."""
        from shared.use_cases.submit_request import IntakeRules, SubmitRequestUseCase

        settings = self.settings
        return SubmitRequestUseCase(
            requests=self.requests,
            keys=self.keys,
            waits=self.waits,
            deadlines=self.deadlines,
            subjects=self.subjects,
            limits=self.limits,
            references=self.references,
            mover=self.mover,
            clock=self.clock,
            new_id=self.new_id,
            rules=IntakeRules(
                answer_within=settings.answer_within,
                code_valid_for=settings.code_valid_for,
                code_tries=settings.code_tries,
                reissue_after=settings.reissue_after,
                per_network=settings.intake_per_network,
                per_caller=settings.intake_per_caller,
                window=settings.intake_window,
            ),
        )

    async def submit(
        self,
        submitted: SubmitRequest,
        caller: Caller,
        language: Language,
        channel: Literal["api", "page"],
        body: bytes,
        key: str | None,
    ) -> Request:
        """Receive a request that came in over HTTP."""
        from shared.use_cases.submit_request import Intake

        return await self.submit_request(
            Intake(submitted=submitted, caller=caller, language=language, channel=channel, body=body, key=key)
        )

    @cached_property
    def send_code(self) -> "SendCodeUseCase":
        """Mail a code."""
        from shared.use_cases.send_code import CodeBudget, SendCodeUseCase

        settings = self.settings
        return SendCodeUseCase(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            limits=self.limits,
            mailer=self.mailer,
            renderer=self.renderer,
            mover=self.mover,
            bus=self.bus,
            clock=self.clock,
            budget=CodeBudget(
                per_address=settings.codes_per_address,
                per_domain=settings.codes_per_domain,
                window=settings.codes_window,
            ),
            code_valid_for=settings.code_valid_for,
            public_url=settings.public_url,
        )

    @cached_property
    def resend_code(self) -> "ResendCodeUseCase":
        """Issue a new code."""
        from shared.use_cases.resend_code import ResendCodeUseCase

        settings = self.settings
        return ResendCodeUseCase(
            requests=self.requests,
            waits=self.waits,
            mover=self.mover,
            clock=self.clock,
            code_valid_for=settings.code_valid_for,
            code_tries=settings.code_tries,
            codes_per_request=settings.codes_per_request,
            reissue_after=settings.reissue_after,
        )

    @cached_property
    def confirm_identity(self) -> "ConfirmIdentityUseCase":
        """Take a code."""
        from shared.use_cases.confirm_identity import ConfirmIdentityUseCase

        return ConfirmIdentityUseCase(
            requests=self.requests,
            waits=self.waits,
            subjects=self.subjects,
            dossiers=self.dossiers,
            references=self.references,
            mover=self.mover,
            clock=self.clock,
            session_for=self.settings.session_for,
            reissue_after=self.settings.reissue_after,
        )

    @cached_property
    def withdraw_request(self) -> "WithdrawRequestUseCase":
        """Withdraw a request."""
        from shared.use_cases.withdraw_request import WithdrawRequestUseCase

        return WithdrawRequestUseCase(
            requests=self.requests,
            owning=self.owning,
            waits=self.waits,
            mover=self.mover,
            clock=self.clock,
            tidy_after=_TIDY_AFTER,
        )

    @cached_property
    def plan_request(self) -> "PlanRequestUseCase":
        """Plan a request."""
        from shared.use_cases.plan_request import PlanRequestUseCase
        from shared.use_cases.resolve_identity import ResolveIdentity

        return PlanRequestUseCase(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            resolve=ResolveIdentity(connectors=self.connectors),
            maps=self.maps,
            mover=self.mover,
            clock=self.clock,
        )

    @cached_property
    def run_service_task(self) -> "RunServiceTaskUseCase":
        """Export one service's data."""
        from shared.use_cases.run_service_task import RunServiceTaskUseCase

        settings = self.settings
        return RunServiceTaskUseCase(
            requests=self.requests,
            blobs=self.fragments,
            connectors=self.connectors,
            dossiers=self.dossiers,
            maps=self.maps,
            mover=self.mover,
            clock=self.clock,
            new_id=self.new_id,
            attempts=settings.task_attempts,
            step_for=settings.step_for,
            step_bytes=settings.step_bytes,
        )

    @cached_property
    def assemble_export(self) -> "AssembleExportUseCase":
        """Put a package together."""
        from shared.use_cases.assemble_export import AssembleExportUseCase

        settings = self.settings
        return AssembleExportUseCase(
            requests=self.requests,
            fragments=self.fragments,
            packages=self.packages,
            exports=self.exports,
            waits=self.waits,
            dossiers=self.dossiers,
            maps=self.maps,
            renderer=self.renderer,
            mover=self.mover,
            clock=self.clock,
            package_kept_for=settings.package_kept_for,
            step_for=settings.step_for,
        )

    @cached_property
    def send_notice(self) -> "SendNoticeUseCase":
        """Mail a notice."""
        from shared.use_cases.send_notice import SendNoticeUseCase

        return SendNoticeUseCase(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            maps=self.maps,
            mailer=self.mailer,
            renderer=self.renderer,
            mover=self.mover,
            clock=self.clock,
            public_url=self.settings.public_url,
        )

    @cached_property
    def deliver_export(self) -> "DeliverExport":
        """Hand over a package."""
        from shared.use_cases.deliver_export import DeliverExport

        settings = self.settings
        return DeliverExport(
            requests=self.requests,
            waits=self.waits,
            exports=self.exports,
            packages=self.packages,
            owning=self.owning,
            references=self.references,
            mover=self.mover,
            clock=self.clock,
            home_tenant=settings.home_tenant_id,
            fresh_proof=settings.delivery_proof == "fresh",
            fresh_proof_for=settings.fresh_proof_for,
            download_valid_for=settings.download_valid_for,
            link_tries=settings.link_tries,
            reissue_after=settings.reissue_after,
        )

    @cached_property
    def oversee_requests(self) -> "OverseeRequests":
        """What operators see."""
        from shared.use_cases.oversee_requests import OverseeRequests

        return OverseeRequests(
            requests=self.requests, deadlines=self.deadlines, home_tenant=self.settings.home_tenant_id
        )

    @cached_property
    def sweep_waits(self) -> "SweepWaits":
        """Look again at what waits."""
        from shared.use_cases.sweep_waits import SweepWaits

        settings = self.settings
        return SweepWaits(
            requests=self.requests,
            waits=self.waits,
            fragments=self.fragments,
            packages=self.packages,
            mover=self.mover,
            clock=self.clock,
            reissue_after=settings.reissue_after,
            proof_within=settings.proof_within,
            batch=settings.sweep_batch,
            run_for=settings.sweep_for,
        )

    # ── What the edge needs ──────────────────────────────────────────────────────────────────────────────────────

    async def identify(self, token: str | None, network: str, *, lenient: bool) -> Caller:
        """Find out who is asking.

        `lenient` treats a session that has expired as none: a cookie that outlived it is no error on a page.

        Raises:
            NotSignedIn: a token was given and is not valid.
        """
        where = self.references.limit("network", network)
        if token is None:
            return Caller(network=where)
        if token.startswith("s1."):
            try:
                return Caller(network=where, session=self.references.session(token, self.clock()))
            except NotSignedIn:
                if lenient:
                    return Caller(network=where)
                raise
        return Caller(network=where, principal=await self.tokens.access(token))

    def require_operator(self, caller: Caller) -> "Principal":
        """Return the operator who is asking, or refuse."""
        return require_operator(caller, self.settings.home_tenant_id)

    def admit(self, caller: Caller) -> None:
        """Refuse a network that floods us with calls that send mail.

        Raises:
            TooMany: it does.
        """
        settings = self.settings
        wait = self.limits.admit("intake-network", caller.network, settings.intake_per_network, settings.intake_window)
        if wait is not None:
            raise TooMany(max(1, round(wait.total_seconds())))

    async def put_back(self, command: AnyCommand, retry_after: float | None) -> None:
        """Send a scheduled copy with the next attempt: exponential, with jitter on the upper half.

        Once the wait grows longer than the sweep takes to come by, the command is left to the sweep, which sends every
        open one anew: a long outage never piles up chains of retries.

        Raises:
            Transient: the bus could not be reached.
        """
        base = self.settings.retry_base.total_seconds()
        wait = base * 2 ** min(command.attempt - 1, 20) * random.uniform(0.5, 1)
        if retry_after is None and wait > self.settings.reissue_after.total_seconds() / 2:
            return
        again = command.model_copy(update={"attempt": command.attempt + 1})
        await self.bus.send([again], timedelta(seconds=max(wait, retry_after or 0)))

    async def dependencies(self) -> dict[str, Literal["ok", "unreachable"]]:
        """Ask each dependency something cheap."""
        nobody = str(UUID(int=0))
        checks: dict[str, Any] = {
            "state": self.subjects.requests([nobody]),
            "keys": self.keys.shred(nobody),  # type: ignore[arg-type]
            "exports": self.packages.size(nobody),
            "bus": self.bus.send([]),
            "dataMap": asyncio.to_thread(self.maps.current),
        }
        found = await asyncio.gather(*checks.values(), return_exceptions=True)
        return {
            name: "unreachable" if isinstance(result, Exception) else "ok"
            for name, result in zip(checks, found, strict=True)
        }


def _keys(given: Mapping[int, SecretStr | None]) -> dict[int, bytes]:
    found = {version: base64.b64decode(key.get_secret_value()) for version, key in given.items() if key is not None}
    short = [version for version, key in found.items() if len(key) < 32]
    if short or not found:
        raise Transient("key_missing_or_short")
    return found


_lock = Lock()
_services: Services | None = None


def services() -> Services:
    """Return the graph, built at first use."""
    global _services  # noqa: PLW0603 - one graph a process is what this module is for
    if _services is None:
        with _lock:
            if _services is None:
                from shared.settings import Settings

                _services = Services(Settings())
    return _services


def override(replacement: Services | None) -> None:
    """Use another graph, or with None build a new one at next use; for tests."""
    global _services  # noqa: PLW0603
    _services = replacement
