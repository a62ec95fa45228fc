"""Ask again, when work on a customer's case begins, whether what it begins on still holds."""

from dataclasses import dataclass
from uuid import UUID

from shared.domain.request import Request
from shared.domain.states import Happening
from shared.messages.commands import PlanRequest, SendNotice
from shared.ports.requests import Case, Move
from shared.ports.tenants import Tenants
from shared.ports.world import Clock
from shared.use_cases.acting_for_tenants import ActingForTenants
from shared.use_cases.moving import Mover


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingInstructions:
    """A decision of somebody whose delegation ended, or terms that changed, begin no work: the customer is asked."""

    tenants: Tenants
    acting: ActingForTenants
    mover: Mover
    clock: Clock

    async def hold(self, case: Case) -> bool:
        """Tell whether a case's decision still holds; where it does not, pass the case on to the customer.

        Raises:
            StaleState: the case moved meanwhile.
        """
        request = case.request.row
        if request.role == "controller" or await self._holds(request):
            return True
        now, of = self.clock(), UUID(request.id)
        number = 1 + sum(one.notice == "controller_asked" for one in request.told)
        after, entry = request.happened(Happening.FORWARDED, now, forwarded_at=now, verdicts=(), warned=())
        opens = [SendNotice(request_id=of, notice="controller_asked", number=number)]
        opens += [SendNotice(request_id=of, notice="forwarded", number=number)]
        closes = [PlanRequest(request_id=of).key]
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry, opens=opens, closes=closes))
        return False

    async def _holds(self, request: Request) -> bool:
        given, tenant_id = request.verdict(0), request.tenant or ""
        if given is not None:
            return await self.acting.still_may(given.proposed_by, tenant_id)
        read = await self.tenants.read(tenant_id)
        return read is not None and {part.right for part in request.parts} <= read.row.term.answers
