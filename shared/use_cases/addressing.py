"""To whom a notice goes: the person, their customer's administrators or partner, a service, or our own desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier, known_addresses
from shared.domain.request import Language, Request
from shared.domain.tenant import Tenant
from shared.messages.commands import Notice, SendNotice
from shared.ports.tenants import Tenants

NO_ADDRESS, CONTROLLER_UNREACHED, SERVICE_UNREACHED = "no_address", "controller_unreached", "service_unreached"
_TO_CONTROLLERS: dict[Notice, Literal["contacts", "others", "partners"]] = {
    "controller_asked": "contacts",
    "controller_reminder": "contacts",
    "controller_others": "others",
    "controller_partner": "partners",
}
_NAME_CONTROLLERS: frozenset[Notice] = frozenset({"forwarded", "controller_silent", "refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The mailboxes of one notice and the language to write in. `unreached` marks a case of which none takes mail."""

    addresses: tuple[str, ...]
    language: Language
    unreached: str
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """Finds a notice's audience."""

    tenants: Tenants

    async def customer(self, notice: Notice, request: Request) -> Tenant | None:
        """Return the customer whose case it is, where the notice goes to it or tells of it."""
        if request.tenant is None or notice not in _TO_CONTROLLERS.keys() | _NAME_CONTROLLERS:
            return None
        read = await self.tenants.read(request.tenant)
        return None if read is None else read.row

    @staticmethod
    def audience(
        command: SendNotice,
        request: Request,
        dossier: Dossier,
        tenant: Tenant | None,
        data_map: DataMap,
        now: datetime,
    ) -> Audience:
        """Return who is written to."""
        notice, language = command.notice, request.language
        if notice in _TO_CONTROLLERS:
            return _audience(_mailboxes(notice, tenant, now), tenant.language if tenant else "en", CONTROLLER_UNREACHED)
        if notice == "operator_alert":
            return _audience([data_map.privacy_contact.email], "en", "desk_unreached")
        if notice == "service_reminder":
            service = data_map.service(command.about)
            return _audience([service.contact] if service and service.contact else [], "en", SERVICE_UNREACHED)
        if notice == "announced":
            return Audience(addresses=tuple(known_addresses(dossier)), language=language, unreached=NO_ADDRESS)
        nobody = dossier.address is None or request.disclosed_to is not None  # the administrator finds it in the app
        return Audience(addresses=() if nobody else (dossier.address or "",), language=language, unreached=NO_ADDRESS)


def _audience(addresses: Iterable[str], language: Language, code: str) -> Audience:
    """Return an audience that is not the person: that it takes no mail says nothing of how the person is reached."""
    return Audience(addresses=tuple(dict.fromkeys(addresses)), language=language, unreached=code, refused=code)


def _mailboxes(notice: Notice, tenant: Tenant | None, now: datetime) -> list[str]:
    if tenant is None:
        return []
    match _TO_CONTROLLERS[notice]:
        case "contacts":
            return list(tenant.contacts)
        case "others":
            delegated = [one for delegation in tenant.delegates("administrator", now) for one in delegation.contacts]
            return [*tenant.others, *delegated]
        case "partners":
            return [one for delegation in tenant.delegates("partner", now) for one in delegation.contacts]
