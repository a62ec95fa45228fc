"""What operators see: requests by due date, one with its tasks and history. Ids and codes, never who it is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.errors import NotAllowed, NotFound
from shared.domain.request import Entry, Request, RequestId
from shared.ports.requests import Case, Deadlines, RequestStore
from shared.use_cases.caller import AUDITOR, Caller, require_decider, require_operator
from shared.use_cases.resend_code import PROPOSED
from shared.use_cases.settling_requests import DECISION
from shared.use_cases.together import together

_PAST, _AHEAD = timedelta(days=400), timedelta(days=120)  # in which an undecided request may be due
_MOST_LOOKS = 20  # at the index for one page


@dataclass(frozen=True, slots=True, kw_only=True)
class OverseeRequests:
    """Reads for operators of the home tenant."""

    requests: RequestStore
    deadlines: Deadlines
    home_tenant: str

    async def page(
        self,
        caller: Caller,
        first: datetime,
        last: datetime,
        limit: int,
        cursor: str | None,
        *,
        state: str | None = None,
        attention: str | None = None,
    ) -> tuple[Sequence[Request], str | None]:
        """Return requests due in a span, the earliest first, and a cursor for more.

        With `state`, a status word, or `attention`, a code, only such requests: a page may hold fewer than there are,
        and its cursor goes on.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
        """
        require_operator(caller, self.home_tenant)

        def fits(request: Request) -> bool:
            return (state is None or request.public == state) and (attention is None or attention in request.attention)

        return await self._page(first, last, limit, cursor, fits)

    async def undecided(
        self, caller: Caller, now: datetime, limit: int, cursor: str | None
    ) -> tuple[Sequence[Request], str | None]:
        """Return requests that wait for a decision or for a second person's word, the first due first.

        Raises:
            NotSignedIn, NotAllowed: the caller is neither operator nor reviewer.
        """
        require_decider(caller, self.home_tenant)
        return await self._page(now - _PAST, now + _AHEAD, limit, cursor, _is_undecided)

    async def _page(
        self, first: datetime, last: datetime, limit: int, cursor: str | None, fits: Callable[[Request], bool]
    ) -> tuple[list[Request], str | None]:
        found: dict[str, Request] = {}
        for _ in range(_MOST_LOOKS):
            ids, cursor = await self.deadlines.between(first, last, limit - len(found), cursor)
            read = await together([self._read(one) for one in ids])
            # A request whose due day moved may stand under the old one for a while.
            found |= {one.id: one for one in read if one is not None and first <= one.due_at <= last and fits(one)}
            if cursor is None or len(found) >= limit:
                break
        return list(found.values()), cursor

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


def _is_undecided(request: Request) -> bool:
    return not request.state.is_final and bool({DECISION, PROPOSED} & set(request.attention))
