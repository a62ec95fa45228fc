"""How a customer's cases ended, by right: Spinpanel's own cases are not among them, nor counts that point at people."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.errors import NotFound
from shared.domain.request import Request, RequestId
from shared.domain.suppression import Row, suppressed
from shared.ports.requests import RequestStore
from shared.ports.tenants import TenantCases
from shared.use_cases.acting_for_tenants import ActingForTenants
from shared.use_cases.caller import Caller
from shared.use_cases.together import together

OUTCOMES = ("completed", "partially_completed", "refused", "withdrawn", "unanswered", "open")
_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantStatistics:
    """Counted from the cases themselves. A count below `least` is left out."""

    acting: ActingForTenants
    cases: TenantCases
    requests: RequestStore
    least: int

    async def __call__(self, caller: Caller, tenant_id: str) -> Mapping[str, Row]:
        """Return by right how its cases ended.

        Raises:
            NotSignedIn, NotAllowed, NotFound: as `ActingForTenants` says.
        """
        await self.acting.admit(caller, tenant_id)
        counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
        cursor: str | None = None
        while True:
            ids, cursor = await self.cases.page(tenant_id, _PAGE, cursor)
            for case in await together([self._read(one) for one in ids]):
                if case is not None and case.tenant == tenant_id and case.disclosed_to is None:
                    for part in case.parts:
                        word = part.state.public
                        counted[part.right][word if word in OUTCOMES else "open"] += 1
            if cursor is None:
                break
        return {
            right: suppressed({word: counts[word] for word in OUTCOMES}, self.least)
            for right, counts in sorted(counted.items())
        }

    async def _read(self, case_id: RequestId) -> Request | None:
        try:
            return (await self.requests.read(case_id)).row
        except NotFound:
            return None
