"""Change one's own profile: what the map leaves to people is corrected without anybody's decision."""

from dataclasses import dataclass

from shared.domain.ask import Ask
from shared.domain.data_map import Role
from shared.domain.errors import Conflict, InvalidInput, NotSignedIn
from shared.domain.request import Language, Request
from shared.messages.inputs import SubmitRequest
from shared.messages.profile_inputs import UpdateProfile
from shared.ports.tenants import Tenants
from shared.ports.world import Maps
from shared.rights.rectification import check_corrections, outcome
from shared.rights.specification import Asked
from shared.use_cases.caller import Caller
from shared.use_cases.submit_request import Intake, SubmitRequestUseCase

RESTRICTED = "self_service_restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """One call as it came in. `body` is the raw body; `key` the Idempotency-Key header, if any."""

    given: UpdateProfile
    caller: Caller
    language: Language
    body: bytes
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProfileUseCase:
    """Let it run as a rectification that nobody has to decide: it is retried, told to recipients, and on record alike.

    No procedure is asked of the person, beyond a second proof where their account may have been taken over.
    """

    submit: SubmitRequestUseCase
    tenants: Tenants
    maps: Maps

    async def __call__(self, change: ProfileChange) -> Request:
        """Return the rectification as received.

        Raises:
            NotSignedIn: the caller is no person who signed in.
            InvalidInput: a field is none of the map's, or not left to people: it can be asked for as a right.
            Conflict: `self_service_restricted`, a customer's data, and its administrators, or nobody's word, allow it.
            TooMany, IdempotencyMismatch: as for a request.
        """
        principal = change.caller.principal
        if principal is None or principal.app is not None:
            raise NotSignedIn
        ask, data_map = Ask(corrections=change.given.corrections), self.maps.current()
        check_corrections(ask, data_map, "corrections")
        asked = {dataset.id: (service.role, outcome(dataset, ask)) for service, dataset in data_map.datasets()}
        for number, one in enumerate(ask.corrections):
            if asked[one.dataset][1] is not Asked.DO:
                raise InvalidInput(f"corrections.{number}", "not left to people: ask for a rectification")
        if any(asked[one.dataset][0] is Role.PROCESSOR for one in ask.corrections):
            await self._must_be_allowed(principal.tenant)
        submitted = SubmitRequest(rights=("rectification",), details={"rectification": ask})
        return await self.submit(
            Intake(
                submitted=submitted,
                caller=change.caller,
                language=change.language,
                channel="api",
                body=change.body,
                key=change.key,
            )
        )

    async def _must_be_allowed(self, tenant_id: str) -> None:
        """Refuse a customer's data where it says so, or is not known: that never stands in the way of a right."""
        tenant = await self.tenants.read(tenant_id)
        if tenant is None or "profile" in tenant.row.self_service:
            raise Conflict(RESTRICTED)
