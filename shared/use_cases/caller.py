"""Who is asking, as the edge found out."""

from dataclasses import dataclass

from shared.domain.errors import NotAllowed, NotSignedIn
from shared.domain.references import Session
from shared.ports.world import Principal

OPERATOR, AUDITOR, SERVICE = "Privacy.Operator", "Privacy.Auditor", "Privacy.Service"
REVIEWER = "Privacy.Reviewer"
ADMINISTRATOR, PARTNER = "Privacy.Admin", "Privacy.Partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One call's proof: an Entra token, a session from a mailed code, both or none.

    `network` is a keyed reference of the address the call came from.
    """

    network: str
    principal: Principal | None = None
    session: Session | None = None


def require_operator(caller: Caller, home_tenant: str) -> Principal:
    """Return the operator who is asking.

    The role counts from our home tenant only: any customer can grant its own users any role of a multi-tenant app.

    Raises:
        NotSignedIn: there is no Entra token.
        NotAllowed: the role is missing, granted elsewhere, or held by a daemon.
    """
    return _one_of_ours(caller, home_tenant, OPERATOR)


def require_reviewer(caller: Caller, home_tenant: str) -> Principal:
    """Return the person who is asking and may look through what others wrote, as `require_operator` does.

    Raises:
        NotSignedIn: there is no Entra token.
        NotAllowed: the role is missing, granted elsewhere, or held by a daemon.
    """
    return _one_of_ours(caller, home_tenant, REVIEWER)


def require_decider(caller: Caller, home_tenant: str) -> Principal:
    """Return the operator or reviewer who is asking: either may decide about a request.

    Raises:
        NotSignedIn: there is no Entra token.
        NotAllowed: the caller is neither.
    """
    if caller.principal is not None and REVIEWER in caller.principal.roles:
        return require_reviewer(caller, home_tenant)
    return require_operator(caller, home_tenant)


def require_service(caller: Caller, home_tenant: str) -> str:
    """Return the client id of the service of ours that is asking, as itself and for nobody.

    Raises:
        NotSignedIn: there is no Entra token.
        NotAllowed: the role is missing, granted elsewhere, or held by a person.
    """
    if caller.principal is None:
        raise NotSignedIn
    principal = caller.principal
    if SERVICE not in principal.roles or principal.tenant != home_tenant or principal.app is None:
        raise NotAllowed
    return principal.app


def require_administrator(caller: Caller) -> Principal:
    """Return the person who asks to act for a customer; for which one they may, its own records say.

    Raises:
        NotSignedIn: there is no Entra token.
        NotAllowed: neither role is there, or a daemon holds it.
    """
    if caller.principal is None:
        raise NotSignedIn
    principal = caller.principal
    if {ADMINISTRATOR, PARTNER}.isdisjoint(principal.roles) or principal.app is not None:
        raise NotAllowed
    return principal


def _one_of_ours(caller: Caller, home_tenant: str, role: str) -> Principal:
    if caller.principal is None:
        raise NotSignedIn
    principal = caller.principal
    if role not in principal.roles or principal.tenant != home_tenant or principal.app is not None:
        raise NotAllowed
    return principal
