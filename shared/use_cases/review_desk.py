"""What reviewers do: see which copies wait, look at items of one, and decide about each (GDPR Art. 15(4))."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from shared.domain.identity import OBJECT_ID, Identifier
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.review import ItemDecision, Review, Sheet, held_under
from shared.domain.states import Happening, State
from shared.messages.review_inputs import ReviewDecision, ReviewDecisions
from shared.ports.blobs import Blobs
from shared.ports.requests import Deadlines, Move, RequestStore, Versioned
from shared.ports.world import Clock, Maps, NewId, Principal
from shared.use_cases.caller import Caller, require_reviewer
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.review_decisions import item_number, on_sheets
from shared.use_cases.review_items import Item, decisions_of, items_of
from shared.use_cases.reviewing_copies import ReviewingCopies
from shared.use_cases.together import together

_FAR = timedelta(days=400)  # no review is due further away than that


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """One item as a reviewer sees it; `link` opens an original for a few minutes."""

    id: str
    item: Item
    link: str | None
    decided: ItemDecision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    """Items of one dataset, whose data they are, and where to go on."""

    request: Request
    sheet: Sheet
    person: Sequence[Identifier]
    items: Sequence[ShownItem]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDesk:
    """Decisions of named reviewers of the home tenant, none about themselves. Every look is a line of history."""

    requests: RequestStore
    reviews: Deadlines
    blobs: Blobs
    dossiers: Dossiers
    maps: Maps
    references: References
    reviewing: ReviewingCopies
    mover: Mover
    clock: Clock
    new_id: NewId
    link_valid_for: timedelta
    home_tenant: str

    async def waiting(self, caller: Caller, limit: int, cursor: str | None) -> tuple[Sequence[Request], str | None]:
        """Return requests whose copy waits for a reviewer, the one due first in front, and a cursor for more.

        Raises:
            NotSignedIn, NotAllowed: the caller is no reviewer.
        """
        require_reviewer(caller, self.home_tenant)
        now = self.clock()
        ids, more = await self.reviews.between(now - _FAR, now + _FAR, limit, cursor)
        found = await together([self._waiting(one) for one in ids])
        return [one for one in found if one is not None], more

    async def show(self, caller: Caller, request_id: RequestId, limit: int, cursor: str | None) -> ShownPage:
        """Return a page of items with their content, none of another dataset, and note that it was read.

        Raises:
            NotSignedIn, NotAllowed: the caller is no reviewer, or the subject.
            NotFound: there is no such request.
            Conflict: its copy does not wait for a review.
            InvalidInput: the cursor leads nowhere.
        """
        reviewer = require_reviewer(caller, self.home_tenant)
        number, start = item_number(cursor or "0.0", "cursor")
        read = await self.requests.read(request_id)
        people = await self._people(reviewer, read.row)
        sheets = _under_review(read.row).sheets
        if number >= len(sheets) or start >= sheets[number].items:
            raise InvalidInput("cursor", "leads nowhere")
        sheet = sheets[number]
        until = min(start + limit, sheet.items)
        items = (await items_of(self.blobs, sheet))[start:until]
        decided = (await decisions_of(self.blobs, sheet)).items
        shown = [
            ShownItem(
                id=f"{number}.{start + at}", item=item, link=await self._link(item), decided=decided.get(start + at)
            )
            for at, item in enumerate(items)
        ]

        async def note(newest: Versioned[Request]) -> None:
            _under_review(newest.row)
            after, entry = newest.row.happened(
                Happening.REVIEW_READ, self.clock(), actor=reviewer.object_id, about=f"{number}.{start}-{until - 1}"
            )
            await self.mover.commit(Move(etag=newest.etag, request=after, entry=entry))

        await self.mover.from_read(read, note)
        further = (
            f"{number}.{until}" if until < sheet.items else f"{number + 1}.0" if number + 1 < len(sheets) else None
        )
        person = people[read.row.parts[sheet.part].person]
        return ShownPage(request=read.row, sheet=sheet, person=person, items=shown, cursor=further)

    async def decide(self, caller: Caller, request_id: RequestId, given: ReviewDecisions) -> Request:
        """Put decisions in force; with the last one the copy goes on. A later decision takes an earlier one's place.

        Raises:
            NotSignedIn, NotAllowed: the caller is no reviewer, or the subject.
            NotFound: there is no such request.
            Conflict: its copy does not wait for a review.
            InvalidInput: a decision does not fit what it is about.
        """
        reviewer = require_reviewer(caller, self.home_tenant)

        async def put(newest: Versioned[Request]) -> None:
            await self._people(reviewer, newest.row)
            await self._put(newest, reviewer, given.decisions)

        await self.mover.on_newest(request_id, put)
        await self.reviewing.end(request_id)
        return (await self.requests.read(request_id)).row

    async def _put(self, read: Versioned[Request], reviewer: Principal, given: Sequence[ReviewDecision]) -> None:
        review = _under_review(read.row)
        sheets = list(review.sheets)
        asked = on_sheets(review, given, self.maps.current(), reviewer.object_id)
        about = hashlib.sha256()
        for number in sorted(asked):
            sheet = sheets[number]
            before = await decisions_of(self.blobs, sheet)
            records = [item.record is not None for item in await items_of(self.blobs, sheet)]
            data = asked[number].over(before, records).model_dump_json().encode()
            name = f"{held_under(read.row.id)}decisions/{number:05d}-{self.new_id().hex}"
            await self.blobs.put(name, data)
            sheets[number] = sheet.decided(asked[number].over(before, records), name, len(data))
            about.update(data)
        after, entry = read.row.happened(
            Happening.ITEM_REVIEWED,
            self.clock(),
            actor=reviewer.object_id,
            about=about.hexdigest(),
            review=review.model_copy(update={"sheets": tuple(sheets)}),
        )
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))

    async def _people(self, reviewer: Principal, request: Request) -> Sequence[Sequence[Identifier]]:
        """Return who a request is about; nobody looks through their own copy.

        Raises:
            NotAllowed: the reviewer is its subject.
        """
        own = self.references.subject_in_all_versions(OBJECT_ID, reviewer.object_id, reviewer.tenant)
        people = (await self.dossiers.of(request)).people
        known = {one.value for person in people for one in person if one.kind == OBJECT_ID}
        if request.owner_ref in own or reviewer.object_id in known:
            raise NotAllowed
        return people

    async def _link(self, item: Item) -> str | None:
        if item.file is None:
            return None
        return await self.blobs.link(item.file.blob, "original", self.link_valid_for)

    async def _waiting(self, request_id: RequestId) -> Request | None:
        try:
            request = (await self.requests.read(request_id)).row
        except NotFound:
            return None
        if request.state is State.REVIEWING:
            return request
        if request.review is not None:  # It was withdrawn or stopped: nobody has to look any more.
            await self.reviews.remove(request_id, request.review.listed_at)
        return None


def _under_review(request: Request) -> Review:
    """Return the review that a request is in.

    Raises:
        Conflict: it is in none.
    """
    if request.state is not State.REVIEWING or request.review is None:
        raise Conflict(f"not_while_{request.state.public}")
    return request.review
