"""The app settings that the functions host is started with, and the secrets among them."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devhost.certificates import Certificates
from devhost.errors import StackError
from devhost.folder import write_private
from devhost.identity.issuer import AUDIENCE, MANAGED_CLIENT, SIGN_IN_CLIENT, TELEMETRY_CLIENT
from devhost.identity.managed import PATH
from devhost.ports import LOOPBACK
from samples.people import HOME

ACCOUNTS = ("spinstate", "spinkeys", "spinexports", "spindata")
APP_KEYS = ("REFERENCE_KEY_1", "CODE_KEY_1", "WRAPPING_KEY_1", "SIGNING_KEY_1")
MAIL_SENDER = "privacy@spinpanel.example"
IDENTITIES = {"IDENTITY_HEADER": MANAGED_CLIENT, "TELEMETRY_IDENTITY_HEADER": TELEMETRY_CLIENT}  # clients by secret
TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must stay the same from run to run and is nobody else's business."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def azurite_accounts(self) -> str:
        """The storage accounts as Azurite wants to be told."""
        return ";".join(f"{account}:{self[account]}" for account in ACCOUNTS)


def load_secrets(file: Path) -> Secrets:
    """Read the folder's secrets; those that are missing are made."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    fresh = {
        name: base64.b64encode(secrets.token_bytes(32)).decode()
        for name in (*ACCOUNTS, *APP_KEYS, *IDENTITIES, "mint")
        if name not in known
    }
    if fresh:
        write_private(file, json.dumps(known | fresh, indent=2).encode())
    return Secrets(known | fresh)


def app_settings(ports: Mapping[str, int], held: Secrets, trust: Certificates, sql: Path) -> dict[str, str]:
    """Everything the app is configured by, with this stack's addresses; SQL databases are files in the folder `sql`."""
    tables, blobs = (f"https://{LOOPBACK}:{ports[name]}" for name in ("tables", "blobs"))
    return {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "SWEEP_SCHEDULE": "*/10 * * * * *",
        "ServiceBus": (
            f"Endpoint=sb://{LOOPBACK}:{ports['bus']};SharedAccessKeyName=local;SharedAccessKey=local;"
            "UseDevelopmentEmulator=true;"
        ),
        "STATE_TABLES_URL": f"{tables}/spinstate",
        "KEYS_TABLES_URL": f"{tables}/spinkeys",
        "EXPORTS_BLOBS_URL": f"{blobs}/spinexports",
        "STORE_SPINDATA_TABLES_URL": f"{tables}/spindata",
        "STORE_SPINDATA_BLOBS_URL": f"{blobs}/spindata",
        "STORE_SPINSQL_SQL_URL": f"sqlite+aiosqlite:///{sql.resolve()}/spin.sqlite",
        "ENTRA_AUTHORITY": f"https://{LOOPBACK}:{ports['identity']}",
        "ENTRA_AUDIENCE": AUDIENCE,
        "HOME_TENANT_ID": HOME.id,
        "SIGN_IN_CLIENT_ID": SIGN_IN_CLIENT,
        "PUBLIC_URL": f"http://{LOOPBACK}:{ports['app']}",
        "MAIL_KIND": "smtp",
        "SMTP_HOST": LOOPBACK,
        "SMTP_PORT": str(ports["mail"]),
        "MAIL_SENDER": MAIL_SENDER,
        "IDENTITY_ENDPOINT": f"http://{LOOPBACK}:{ports['managed_identity']}{PATH}",
        "IDENTITY_HEADER": held["IDENTITY_HEADER"],
        "AZURE_CLIENT_ID": MANAGED_CLIENT,
        **{name: held[name] for name in APP_KEYS},
        **trusting(trust),
    }


def trusting(trust: Certificates) -> dict[str, str]:
    """Make a program trust this stack as well as the machine's own authorities."""
    return dict.fromkeys(TRUST, str(trust.bundle))


def parse_settings(given: list[str]) -> dict[str, str]:
    """Read NAME=VALUE options."""
    parsed: dict[str, str] = {}
    for option in given:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise StackError(f"--set wants NAME=VALUE, not {name!r}")
        parsed[name] = value
    return parsed


def inherited() -> dict[str, str]:
    """This process's environment without what would lead a child astray."""
    astray = ("NODE_OPTIONS", "PYTHONSTARTUP", "AZURITE_DB", "SSL_CERT_DIR")
    return {name: value for name, value in os.environ.items() if name not in astray}
