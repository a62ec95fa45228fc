"""Time, randomness, mail, flood limits, tokens and the data map: the rest of the world the use cases need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from shared.domain.data_map import DataMap
from shared.domain.request import Language

type Clock = Callable[[], datetime]
type NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person. `key` is stable over repeats: it becomes the Message-ID and the vendor's operation id."""

    key: UUID
    to: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Hands a mail to a mail system."""

    async def send(self, mail: Mail) -> None:
        """Send. Repeats carry the same key.

        Raises:
            Transient: may pass.
            Permanent: the address or the message is refused for good.
        """
        ...


class Limits(Protocol):
    """Counters in fixed windows, shared by all instances."""

    async def take(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Count one against `limit` in the running window, exactly; None when it is allowed, else the time to wait.

        `key` is a keyed reference, never an identifier. What is refused is not counted.
        """
        ...

    def admit(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Do the same without waiting: counts here, and learns of the others' counts every few seconds.

        It may let through, for that long, at most `limit` for every instance: for flood protection on a hot path.
        """
        ...

    async def sweep(self, now: datetime) -> int:
        """Delete the counters of windows that have ended; return how many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a validated Entra ID access token stands for: `(tenant, object id)` and roles, nothing it merely claims.

    `app` is the client id for a daemon's token, None for a person's. Roles are as the token lists them: whether one
    counts depends on the tenant it comes from.
    """

    tenant: str
    object_id: str
    roles: frozenset[str]
    app: str | None = None


class Tokens(Protocol):
    """Validates Entra ID tokens."""

    async def access(self, token: str) -> Principal:
        """Validate an access token for our API.

        Raises:
            NotSignedIn: not valid, for whatever reason; the reason is not told.
            Transient: the signing keys could not be fetched.
        """
        ...

    async def sign_in(self, id_token: str, nonce: str) -> Principal:
        """Validate an ID token that answers our own sign-in with this nonce. Roles are empty.

        Raises:
            NotSignedIn: not valid.
            Transient: the signing keys could not be fetched.
        """
        ...


class Maps(Protocol):
    """The data map in force."""

    def current(self) -> DataMap:
        """Return the newest good build of the map.

        Raises:
            DataMapInvalid: there is no good build.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailText:
    """A rendered mail."""

    subject: str
    text: str
    html: str


class Renderer(Protocol):
    """Renders texts for people, in their language, with every value escaped for where it stands."""

    def page(self, name: str, language: Language, values: Mapping[str, Any]) -> str:
        """Render an HTML page."""
        ...

    def mail(self, name: str, language: Language, values: Mapping[str, Any]) -> MailText:
        """Render a mail."""
        ...

    def previews(self, name: str, language: Language, public_url: str) -> Mapping[str, MailText]:
        """Render every form of a mail with invented values, by the names of the forms.

        Raises:
            NotFound: there is no such mail.
        """
        ...

    def package_index(self, language: Language, values: Mapping[str, Any]) -> bytes:
        """Render a package's `index.html`, readable offline. Deterministic: the same values give the same bytes."""
        ...

    def package_readme(self, language: Language, values: Mapping[str, Any]) -> bytes:
        """Render the text that explains data for other programs. The same values give the same bytes."""
        ...

    def certificate_page(self, language: Language, values: Mapping[str, Any]) -> bytes:
        """Render a certificate's `index.html`, readable offline. The same values give the same bytes."""
        ...
