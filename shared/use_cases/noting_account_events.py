"""Note what tells of a possible takeover of somebody's account, and forget it in time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.account_event import AccountEvent
from shared.domain.errors import InvalidInput, NotAllowed
from shared.domain.identity import EMAIL, OBJECT_ID, Identifier, normalise
from shared.domain.references import References
from shared.domain.request import RequestId
from shared.messages.inputs import NoteAccountEvent
from shared.ports.accounts import AccountEvents
from shared.ports.case_keys import CaseKeys
from shared.ports.world import Clock
from shared.use_cases.caller import Caller, require_service

log = logging.getLogger(__name__)

_SKEW = timedelta(minutes=5)
_BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NotingAccountEvents:
    """Takes the app's word, and our own of a corrected address.

    An event stands under the account's reference and under those of its address before and after: whoever asks by any
    of them meets it. The address before is sealed under a key of the event's own, which is shredded with it.
    """

    events: AccountEvents
    keys: CaseKeys
    references: References
    clock: Clock
    home_tenant: str
    clients: frozenset[str]
    kept_for: timedelta

    async def __call__(self, caller: Caller, told: NoteAccountEvent) -> None:
        """Note an event of the app's; again is no error, and one that is too old to count is let go.

        Raises:
            NotSignedIn, NotAllowed: the caller is not the app.
            InvalidInput: a field cannot be accepted.
        """
        client = require_service(caller, self.home_tenant)
        if client not in self.clients:
            raise NotAllowed
        now = self.clock()
        if told.at > now + _SKEW:
            raise InvalidInput("at", "in the future")
        tenant, object_id = normalise(OBJECT_ID, told.tenant), normalise(OBJECT_ID, told.object_id)
        previous = None if told.previous_address is None else normalise(EMAIL, told.previous_address)
        address = None if told.address is None else normalise(EMAIL, told.address)
        if told.at < now - self.kept_for:
            return
        key = f"{tenant}/{object_id}/{told.happening}/{told.at.isoformat()}"
        event = AccountEvent(
            id=str(self.references.idempotent_id(client, "account event", key)),
            happening=told.happening,
            at=told.at,
        )
        await self._note(event, [(OBJECT_ID, object_id, tenant)], previous, address)

    async def corrected(
        self, request_id: RequestId, person: Sequence[Identifier], previous: str | None, address: str
    ) -> None:
        """Note that a request corrected an address, which proves nothing by itself for a while; again is no error."""
        accounts = [(OBJECT_ID, one.value, one.tenant) for one in person if one.kind == OBJECT_ID]
        event = AccountEvent(
            id=str(self.references.idempotent_id(request_id, "corrected", normalise(EMAIL, address))),
            happening="identifier_corrected",
            at=self.clock(),
        )
        before = None if previous is None else normalise(EMAIL, previous)
        await self._note(event, accounts, before, normalise(EMAIL, address))

    async def sweep(self) -> int:
        """Forget what has been kept long enough; return how many events that were."""
        forgotten = 0
        while due := await self.events.before(self.clock() - self.kept_for, _BATCH):
            for noted in due:
                await self.keys.shred(RequestId(noted.id))
                await self.events.remove(noted)
            forgotten += len(due)
        return forgotten

    async def _note(
        self,
        event: AccountEvent,
        accounts: Sequence[tuple[str, str, str | None]],
        previous: str | None,
        address: str | None,
    ) -> None:
        known = [*accounts, *((EMAIL, one, None) for one in (previous, address) if one is not None)]
        sealed = None
        if previous is not None:
            sealed = (await self.keys.create(RequestId(event.id))).lock(previous.encode())
        reference = None if address is None else self.references.subject(EMAIL, address, None)
        noted = event.model_copy(update={"previous": sealed, "address_ref": reference})
        await self.events.add([self.references.subject(*one) for one in known], noted)
        log.info("account event noted happening=%s", event.happening)
