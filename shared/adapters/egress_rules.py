"""Who may be called from here, and with which credential: decided before anything is sent."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from yarl import URL

from shared.adapters.public_addresses import is_loopback, is_public
from shared.domain.data_map import DataMap
from shared.domain.errors import Permanent

type Origin = tuple[str, str, int]

_UNRESOLVED = "@Microsoft.KeyVault("  # what Azure leaves in a setting whose reference it could not follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A bearer token and the one origin it is sent to."""

    origin: str
    token: str = field(repr=False)


class EgressRules:
    """`origins` gives URLs whose origin may be called; `local` are origins on this machine, for development."""

    def __init__(
        self,
        origins: Callable[[], Iterable[str]],
        credentials: Mapping[str, Credential],
        local: Collection[str] = (),
    ) -> None:
        self._origins = origins
        self._credentials = credentials
        self._local = {origin for one in local if (origin := _origin(one)) is not None}

    def admitted(self, url: str) -> URL:
        """Return the one reading of a URL that is checked and called.

        Raises:
            Permanent: `host_not_allowed`, `address_not_public`.
        """
        origin = _origin(url)
        if origin is None or origin not in {_origin(one) for one in self._origins()}:
            raise Permanent("host_not_allowed")
        target, local = URL(url), origin in self._local
        if target.user is not None or target.password is not None:
            raise Permanent("host_not_allowed")
        if target.scheme != "https" and not (local and target.scheme == "http"):
            raise Permanent("host_not_allowed")
        host = target.host or ""
        if ":" in host or host.rpartition(".")[2][:1].isdigit():
            self.must_fit(host, target.port or 0, [host])
        return target

    def must_fit(self, host: str, port: int, addresses: Collection[str]) -> None:
        """Refuse a name one of whose addresses is not public, or for a local origin not this machine.

        Raises:
            Permanent: `address_not_public`.
        """
        local = (host, port) in {one[1:] for one in self._local}
        fits = is_loopback if local else is_public
        if not all(fits(address) for address in addresses):
            raise Permanent("address_not_public")

    def proof(self, name: str | None, target: URL) -> dict[str, str]:
        """Return the header that proves us to a system, empty where no credential is asked.

        Raises:
            Permanent: `credential_missing`, none of this name is set for this origin.
        """
        if name is None:
            return {}
        held = self._credentials.get(setting_name(name))
        if held is None or _origin(held.origin) != _origin(str(target)) or not _is_token(held.token):
            raise Permanent("credential_missing")
        return {"Authorization": f"Bearer {held.token}"}


def outside_urls(data_map: DataMap) -> list[str]:
    """Return every URL that the map has us call: of services outside, and of recipients told over HTTP."""
    services = [service.settings["url"] for service in data_map.services if "url" in service.settings]
    told = [one.notify.address for one in data_map.recipients().values() if one.notify and one.notify.how == "http"]
    return services + told


def setting_name(name: str) -> str:
    """Return a name as it stands in the names of settings."""
    return name.upper().replace("-", "_")


def _origin(url: str) -> Origin | None:
    try:
        origin = URL(url).origin()
    except ValueError:
        return None
    return (origin.scheme, origin.host, origin.port) if origin.host and origin.port else None


def _is_token(token: str) -> bool:
    plain = token.isascii() and token.isprintable() and " " not in token
    return plain and token != "" and not token.startswith(_UNRESOLVED)
