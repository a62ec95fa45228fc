"""Announce a request to everybody it may have been made in the name of."""

from uuid import UUID

from shared.domain.dossier import Dossier, known_addresses
from shared.domain.request import Request
from shared.messages.commands import SendNotice
from shared.ports.requests import Case


def is_to_announce(case: Case, dossier: Dossier) -> bool:
    """Tell whether a request that is planned has still to be announced.

    It has not where the one address known is the one that just proved itself, and once it was: a request that was held
    up is planned again. A customer's case was announced with its origin.
    """
    request = case.request.row
    told = any(one.notice == "announced" for one in request.told) or announced_of(request).key in case.open
    if told or request.role == "processor":
        return False
    proven = request.verification is not None and request.verification.proven_at is not None
    others = [one for one in known_addresses(dossier) if not proven or one != dossier.email]
    return bool(others)


def announced_of(request: Request) -> SendNotice:
    """Return the command that announces a request."""
    return SendNotice(request_id=UUID(request.id), notice="announced")
