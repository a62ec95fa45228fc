"""Ask for a second proof where an account shows signs of having been taken over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from shared.domain.account_event import CHANGES, AccountEvent
from shared.domain.data_map import DataMap
from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.errors import Gone
from shared.domain.identity import EMAIL, OBJECT_ID, UPN, Identifier
from shared.domain.references import References
from shared.domain.request import Part, Request, RequestId
from shared.domain.states import State
from shared.ports.accounts import AccountEvents
from shared.ports.case_keys import CaseKeys
from shared.ports.world import Clock
from shared.rights import discovered
from shared.use_cases.assurance import Proof, Signs, assurance, identifies

SECOND_PROOF = "second_proof_impossible"  # what operators are shown where no address is left to ask
type SecondProof = Literal["not_needed", "impossible"] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What is known of a person's accounts.

    `second_proof` is the address one is asked from; `not_needed`; or `impossible`, which operators look at. `previous`
    are addresses that the accounts had not long ago. `free` are the parts that need not wait for a second proof.
    """

    second_proof: SecondProof = "not_needed"
    previous: tuple[str, ...] = ()
    free: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardingAccounts:
    """Asked once it is known who a request is about: one look at what the app told, by account and address."""

    events: AccountEvents
    keys: CaseKeys
    references: References
    clock: Clock
    window: timedelta
    corrected_for: timedelta
    kept_for: timedelta

    async def look(self, request: Request, dossier: Dossier, data_map: DataMap) -> Guarded:
        """Return what a request's accounts ask for.

        A customer's case was guarded when it was still part of its origin.
        """
        if request.role == "processor":
            return Guarded(previous=dossier.previous_addresses)
        now = self.clock()
        events = await self.events.since(self._references(dossier), now - self.kept_for)
        if not events:
            return Guarded(previous=dossier.previous_addresses)
        told = [(event, await self._previous(event)) for event in reversed(events)]
        found = [address for _, address in told if address is not None]
        previous = tuple(dict.fromkeys([*dossier.previous_addresses, *found]))
        fresh = [(event, address) for event, address in told if event.at >= now - self._counts_for(event)]
        signs = Signs(
            taken_over=any(event.happening != "identifier_corrected" for event, _ in fresh),
            corrected=any(
                event.happening == "identifier_corrected" and self._used(dossier, event) for event, _ in fresh
            ),
        )
        needed = [self._needed(part, signs, dossier, data_map) for part in request.parts]
        if request.second_proof == "given" or Proof.SECOND not in needed or self._proved_twice(request, dossier, fresh):
            return Guarded(previous=previous)
        return Guarded(
            second_proof=self._another_address(dossier, fresh) or "impossible",
            previous=previous,
            free=tuple(
                part if proof < Proof.SECOND else part.model_copy(update={"state": State.REFUSED})
                for part, proof in zip(request.parts, needed, strict=True)
            ),
        )

    def _counts_for(self, event: AccountEvent) -> timedelta:
        return self.corrected_for if event.happening == "identifier_corrected" else self.window

    @staticmethod
    def _needed(part: Part, signs: Signs, dossier: Dossier, data_map: DataMap) -> Proof:
        right = discovered()[part.right]
        changes = right.work == "correction" and identifies(dossier.ask(right.code), data_map)
        return assurance(right, signs, identifies=changes)

    def _proved_twice(
        self, request: Request, dossier: Dossier, fresh: Sequence[tuple[AccountEvent, str | None]]
    ) -> bool:
        """Tell whether somebody signed in and took a code at the address that the account has had all along."""
        proven = request.verification is not None and request.verification.proven_at is not None
        if not proven or dossier.object_id is None or dossier.email is None or self._is_new(dossier.email, fresh):
            return False
        on_record = any(one.kind == UPN and one.value == dossier.email for one in _known(dossier))
        return on_record or any(self._used(dossier, event) for event, _ in fresh)

    def _another_address(self, dossier: Dossier, fresh: Sequence[tuple[AccountEvent, str | None]]) -> str | None:
        """Return the address before the first change; else one on record that no change has touched."""
        previous = [address for _, address in fresh if address is not None]
        untold = any(event.happening in CHANGES and event.address_ref is None for event, _ in fresh)
        on_record = [] if untold else [one.value for one in _known(dossier) if one.kind == EMAIL]
        known = [one for one in (*previous, *on_record) if one != dossier.email and not self._is_new(one, fresh)]
        return next(iter(known), None)

    def _is_new(self, address: str, fresh: Sequence[tuple[AccountEvent, str | None]]) -> bool:
        references = self.references.subject_in_all_versions(EMAIL, address, None)
        return any(event.happening in CHANGES and event.address_ref in references for event, _ in fresh)

    def _used(self, dossier: Dossier, event: AccountEvent) -> bool:
        """Tell whether an event names the address that was proven."""
        if dossier.email is None:
            return False
        return event.address_ref in self.references.subject_in_all_versions(EMAIL, dossier.email, None)

    def _references(self, dossier: Dossier) -> list[str]:
        known = {
            (one.kind, one.value, one.tenant if one.kind == OBJECT_ID else None)
            for one in _known(dossier)
            if one.kind in {OBJECT_ID, EMAIL}
        }
        if dossier.email is not None:
            known.add((EMAIL, dossier.email, None))
        return [one for told in sorted(known, key=str) for one in self.references.subject_in_all_versions(*told)]

    async def _previous(self, event: AccountEvent) -> str | None:
        """Open the address before a change; None where there is none, or it is being forgotten."""
        if event.previous is None:
            return None
        try:
            return (await self.keys.of(RequestId(event.id))).unlock(event.previous).decode()
        except Gone:
            return None


def _known(dossier: Dossier) -> list[Identifier]:
    return [one for person in dossier.people for one in person if one.standing in SEARCHED]
