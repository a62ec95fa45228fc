"""Set limits on processing as rights ask: at once, on the person's word, under every identifier they are known by."""

from dataclasses import dataclass

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.request import Part, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyingMeasures:
    """Withdrawals, objections and restrictions. Every call can be repeated."""

    async def apply(
        self, request: Request, parts: tuple[Part, ...], dossier: Dossier, data_map: DataMap
    ) -> tuple[Part, ...]:
        """Set what the parts ask for and return them: those that nobody has to decide have come to their end."""
        return parts

    async def decided(self, request: Request, dossier: Dossier, data_map: DataMap) -> None:
        """Let measures follow the verdicts: one that was refused is lifted, one that was granted stands for good."""
