"""Every setting, read from app settings once, by the wiring alone. Periods are ISO 8601 or seconds."""

import os
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the app needs to know of where it runs, and every period with the source of its length.

    In Azure the keys are Key Vault references, so that no secret stands in a template.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    # Where things are
    state_tables_url: str
    keys_tables_url: str
    exports_blobs_url: str
    service_bus: SecretStr = Field(default=SecretStr(""), alias="ServiceBus")
    service_bus_namespace: str = Field(default="", alias="ServiceBus__fullyQualifiedNamespace")
    azure_client_id: str | None = None
    data_map_file: str = "data_map.yaml"
    public_url: str
    cases_url: str = (
        ""  # the app's page on which a customer decides, with {tenant} and {case}; without one no link is mailed
    )
    egress_local_origins: str = ""  # for development: origins on this machine, with commas between

    # Who may ask
    entra_authority: str = "https://login.microsoftonline.com"
    entra_audience: str
    home_tenant_id: str
    sign_in_client_id: str | None = None
    app_clients: str = ""  # client ids of the app that tells of its accounts, with commas between
    trusted_proxies: int = Field(default=1, ge=0)

    # Keys: 32 random bytes in base64; the highest number present is used for new things, all are tried when reading
    reference_key_1: SecretStr
    reference_key_2: SecretStr | None = None
    code_key_1: SecretStr
    wrapping_key_1: SecretStr | None = None
    wrapping_key_url: str | None = None

    # What certificates are signed with: numbers on P-256, each from its own moment on, or a key of Key Vault
    signing_key_1: SecretStr | None = None
    signing_since_1: AwareDatetime = datetime(2026, 1, 1, tzinfo=UTC)
    signing_key_2: SecretStr | None = None
    signing_since_2: AwareDatetime | None = None
    signing_key_url: str | None = None
    retired_signing_keys: str = "[]"  # public JWKs that sign no more, each with `since` and `until`

    # Mail
    mail_kind: Literal["smtp", "acs"] = "smtp"
    mail_sender: str
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    acs_endpoint: str | None = None

    # Periods
    answer_within: timedelta = timedelta(days=30)  # the privacy policy's promise; GDPR Art. 12(3) bounds it too
    # Shorter periods of other countries, in days, by ISO 3166 code: LGPD Art. 19(II). None lengthens anything
    foreign_periods: dict[str, int] = {"BR": 15}
    prompt_within: int = Field(default=3, ge=1)  # working days, ours: "without undue delay" in EDPB 01/2022, 5.3
    at_risk_reserve: timedelta = timedelta(days=5)  # ours: how long before an answer is due operators are warned
    code_valid_for: timedelta = timedelta(minutes=30)  # ours
    code_tries: int = 5  # ours: 5 of 2^40
    codes_per_request: int = 10  # ours
    proof_within: timedelta = timedelta(days=7)  # ours; a lapsed proof can be asked anew
    session_for: timedelta = timedelta(hours=1)  # ours
    fresh_proof_for: timedelta = timedelta(minutes=15)  # EDPB 01/2022: re-authentication before a download
    delivery_proof: Literal["fresh", "link"] = "fresh"
    package_kept_for: timedelta = timedelta(days=7)  # ours
    download_valid_for: timedelta = timedelta(minutes=5)  # ours
    cooling_off: timedelta = timedelta(days=3)  # ours: time to think, well inside the month of GDPR Art. 12(3)
    package_reminder_after: timedelta = timedelta(days=5)  # ours, of a copy that an erasure waits behind
    erasure_after_reminder: timedelta = timedelta(days=5)  # ours
    erasure_reserve: timedelta = timedelta(days=10)  # ours: what an erasure is given before the answer is due
    manual_margin: timedelta = timedelta(days=1)  # ours: a task left to an operator ends that long before
    inform_within: timedelta = timedelta(days=2)  # ours: how long a recipient is tried (GDPR Art. 19)
    review_reserve: timedelta = timedelta(days=5)  # ours: a review ends that long before the answer is due
    lifting_after: timedelta = timedelta(days=3)  # ours: between word that a limit ends and its end (GDPR Art. 18(3))
    lookup_max_age: timedelta = timedelta(minutes=5)  # ours: how long a service may go by what it was answered
    certificate_kept_for: timedelta = timedelta(days=30)  # ours
    case_file_kept_for: timedelta = timedelta(days=5 * 365 + 1)  # ours, by the term of Awb 5:45; GDPR Art. 17(3)(e)
    takeover_window: timedelta = timedelta(days=14)  # ours: a second proof after a sign of takeover (GDPR Art. 12(6))
    corrected_unproven_for: timedelta = timedelta(days=30)  # ours: how long a corrected address proves nothing alone
    account_events_kept_for: timedelta = timedelta(days=60)  # ours: twice the longest of these (GDPR Art. 5(1)(e))
    # A customer's case is passed on at once (SCC Decision 2021/915, clause 8(a)): when its silence climbs, all ours
    statistics_least: int = Field(default=5, ge=2)  # ours (k-anonymity): no EU number exists
    forward_within_working_days: int = 1
    controller_reminded_after: timedelta = timedelta(days=7)
    controller_others_after: timedelta = timedelta(days=14)
    controller_partner_after: timedelta = timedelta(days=18)
    controller_late_after: timedelta = timedelta(days=21)
    link_tries: int = 20  # ours: a link secret holds 256 bits, its typed form 60

    # Erasure
    erasure_approval: Literal["cooling_off", "operator"] = "cooling_off"
    drift_factor: int = Field(default=2, ge=1)  # a service may hold that many times what the plan showed,
    drift_extra: int = Field(default=100, ge=0)  # or that many more, before a person has to look
    brake_limit: int = Field(default=200, ge=1)  # erasures in one hour and tenant
    brake_window: timedelta = timedelta(hours=1)
    upload_valid_for: timedelta = timedelta(minutes=15)

    # Work
    task_attempts: int = 100  # a service's time limit in the data map comes first
    step_for: timedelta = timedelta(seconds=60)
    step_bytes: int = 1024**3
    retry_base: timedelta = timedelta(seconds=2)
    reissue_after: timedelta = timedelta(minutes=3)
    sweep_batch: int = 200
    sweep_for: timedelta = timedelta(seconds=45)

    # Floods, counted in windows
    intake_per_network: int = 60
    intake_per_caller: int = 30
    intake_window: timedelta = timedelta(minutes=10)
    claims_per_task: int = 200  # in that window; each claim is a line of its request's history
    lookups_per_service: int = 6000  # in that window, of up to 100 identifiers each
    codes_per_address: int = 5
    codes_per_domain: int = 200
    codes_window: timedelta = timedelta(hours=1)

    def stores(self, kind: Literal["tables", "blobs", "sql"]) -> dict[str, str]:
        """Return the URLs of the data map's stores by name: `STORE_<NAME>_TABLES_URL`, `_BLOBS_URL`, `_SQL_URL`."""
        ending = f"_{kind.upper()}_URL"
        return {
            name.removeprefix("STORE_").removesuffix(ending).lower(): value
            for name, value in os.environ.items()
            if name.startswith("STORE_") and name.endswith(ending)
        }

    def egress_credentials(self) -> dict[str, tuple[str, str]]:
        """Return origin and token by name, from `EGRESS_<NAME>_ORIGIN` and `EGRESS_<NAME>_TOKEN`."""
        names = [name[7:-6] for name in os.environ if name.startswith("EGRESS_") and name.endswith("_TOKEN")]
        return {
            name: (os.environ.get(f"EGRESS_{name}_ORIGIN", ""), os.environ[f"EGRESS_{name}_TOKEN"]) for name in names
        }

    @property
    def local_origins(self) -> tuple[str, ...]:
        """The origins on this machine that may be called: none, unless we run on a machine of our own ourselves."""
        if urlsplit(self.public_url).hostname not in {"localhost", "127.0.0.1", "::1"}:
            return ()
        return tuple(one.strip() for one in self.egress_local_origins.split(",") if one.strip())
