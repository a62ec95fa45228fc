"""Under which handles somebody is known where limits on processing are looked up."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.data_map import DataMap
from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.identity import Standing
from shared.domain.references import References
from shared.domain.request import Part

MAIL_CODE = "mail code"  # the source of an address that a code proved, whoever else shares it


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One identifier as services know it: inside a tenant's records, or in Spinpanel's own where `tenant` is None."""

    kind: str
    value: str
    tenant: str | None

    def handles(self, references: References) -> list[str]:
        """Return its handles under every live key; the first is the one that is told."""
        return references.handles(self.kind, self.value, self.tenant)


def known_as(part: Part, dossier: Dossier, data_map: DataMap, *, as_given: bool = False) -> Iterator[Known]:
    """Yield every identifier under which services may know the person of a part, each once.

    What is proven or derived counts, as for a search. With `as_given` an address counts that a code proved and several
    people share: what was said from a mailbox can be taken back from it.
    """
    own_sources = data_map.own_sources()
    seen: set[tuple[str, str, str | None]] = set()
    for one in dossier.people[part.person]:
        mailbox = as_given and one.source == MAIL_CODE
        if one.standing not in SEARCHED and not mailbox:
            continue
        own = part.own and (one.standing is Standing.PROVEN or one.source in own_sources or mailbox)
        inside = one.tenant if one.standing in SEARCHED else None
        for tenant in ({inside} if inside is not None else set()) | ({None} if own else set()):
            if (one.kind, one.value, tenant) not in seen:
                seen.add((one.kind, one.value, tenant))
                yield Known(kind=one.kind, value=one.value, tenant=tenant)
