"""What operators see: requests by due date, one with its tasks and history. Ids and codes, never who it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import NotAllowed, NotFound
from shared.domain.request import Entry, Request, RequestId
from shared.ports.requests import Case, Deadlines, RequestStore
from shared.use_cases.caller import AUDITOR, Caller, require_operator
from shared.use_cases.together import together


@dataclass(frozen=True, slots=True, kw_only=True)
class OverseeRequests:
    """Reads for operators of the home tenant."""

    requests: RequestStore
    deadlines: Deadlines
    home_tenant: str

    async def page(
        self, caller: Caller, first: datetime, last: datetime, limit: int, cursor: str | None
    ) -> tuple[Sequence[Request], str | None]:
        """Return requests due in a span, the earliest first, and a cursor for more.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
        """
        require_operator(caller, self.home_tenant)
        ids, more = await self.deadlines.between(first, last, limit, cursor)
        found = await together([self._read(one) for one in ids])
        return [request for request in found if request is not None], more

    async def one(self, caller: Caller, request_id: RequestId) -> tuple[Case, Sequence[Entry]]:
        """Return a request with its tasks, open commands and history.

        A case file, whose person is gone from it, is kept for claims alone: it takes an auditor to see it.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or no auditor.
            NotFound: there is none.
        """
        principal = require_operator(caller, self.home_tenant)
        case = await self.requests.load(request_id)
        if case.request.row.traces_gone_at is not None and AUDITOR not in principal.roles:
            raise NotAllowed
        return case, await self.requests.history(request_id)

    async def _read(self, request_id: RequestId) -> Request | None:
        try:
            return (await self.requests.read(request_id)).row
        except NotFound:
            return None
