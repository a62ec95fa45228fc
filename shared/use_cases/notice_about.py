"""What a notice tells of."""

from dataclasses import dataclass

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.request import Request
from shared.domain.tenant import Tenant
from shared.ports.case_keys import Seal
from shared.ports.requests import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a notice is about: the case, whose it is, its seal, and the map that names services and datasets.

    `tenant` is the customer that decides the case, where the notice tells of it. `subject` names the service, or the
    code, that the notice is about.
    """

    case: Case
    dossier: Dossier
    data_map: DataMap
    seal: Seal
    tenant: Tenant | None = None
    subject: str = ""

    @property
    def request(self) -> Request:
        """The request's row."""
        return self.case.request.row

    def opened(self, sealed: bytes | None) -> str | None:
        """Return a text that was sealed under the request's key."""
        return None if sealed is None else self.seal.unlock(sealed).decode()
