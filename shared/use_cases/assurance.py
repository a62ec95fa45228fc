"""What proof a right takes: no more than what a wrong hand could do with it asks for (EDPB 01/2022, 3.3; GDPR 12(6)).

A proof is a sign-in, or a code to an address. There is none beyond a second one of these: nobody is asked for a copy of
an identity document.
"""

from dataclasses import dataclass
from enum import IntEnum

from shared.domain.ask import Ask
from shared.domain.data_map import DataMap, Dataset
from shared.rights.specification import RightSpec

_GUARDED = frozenset({"access", "portability", "erasure"})


class Proof(IntEnum):
    """How much proof there is, or has to be, each more than the one before."""

    AS_GIVEN = 0  # what giving a consent took: an address or a sign-in (GDPR Art. 7(3))
    ADDRESS = 1
    FRESH = 2  # the same, given again shortly before an answer is handed over
    SECOND = 3  # one more, from another address than the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What speaks for somebody else having come into an account.

    `taken_over`: the app told of a reset, a new way to sign in or a changed address. `corrected`: the address that
    proves it was corrected not long ago, so that whoever had it corrected would be proving themselves.
    """

    taken_over: bool = False
    corrected: bool = False


def assurance(right: RightSpec, signs: Signs, *, identifies: bool = False) -> Proof:
    """Return the proof that a right takes. `identifies`: it changes what a person is found or known by."""
    if right.assurance == "as_given":
        return Proof.AS_GIVEN
    if signs.corrected or (signs.taken_over and (right.code in _GUARDED or identifies)):
        return Proof.SECOND
    return Proof.ADDRESS if right.assurance == "address" else Proof.FRESH


def identifies(ask: Ask, data_map: DataMap) -> bool:
    """Tell whether a correction would change what a person is found or known by."""
    datasets = {dataset.id: dataset for _, dataset in data_map.datasets()}
    return any(one.dataset in datasets and one.field in _identifying(datasets[one.dataset]) for one in ask.corrections)


def _identifying(dataset: Dataset) -> set[str]:
    """Return the fields that identifiers are read from, or records are found by."""
    found = {place for way in dataset.found_by for place in way.at.values()}
    named = found | {edge.field for edge in dataset.yields}
    return {one.name for one in dataset.fields if one.name in named or one.category in _ADDRESSES}


_ADDRESSES = frozenset({"user.contact.email", "user.account.username"})
