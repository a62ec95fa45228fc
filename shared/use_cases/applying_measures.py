"""Set limits on processing as rights ask: at once, on the person's word, under every identifier they are known by."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.measure import ConsentEvent, Measure
from shared.domain.references import References
from shared.domain.request import Part, Request
from shared.domain.states import State
from shared.ports.measures import Consents
from shared.use_cases.changing_measures import ChangingMeasures, is_measure, known_of
from shared.use_cases.known_handles import Known
from shared.use_cases.measure_scope import scope_of
from shared.use_cases.opening_stages import told_of_restriction
from shared.use_cases.together import together

_REFUSED = frozenset({"refused", "fee"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyingMeasures:
    """Withdrawals, objections and restrictions. Every call can be repeated.

    `lifting_after` is the time between word that a limit ends and its end (GDPR Art. 18(3)).
    """

    changing: ChangingMeasures
    consents: Consents
    references: References
    lifting_after: timedelta

    async def apply(
        self, request: Request, parts: tuple[Part, ...], dossier: Dossier, data_map: DataMap
    ) -> tuple[Part, ...]:
        """Set what the parts ask for and return them: those that nobody has to decide have come to their end.

        A restriction of which recipients are still to be told (GDPR Art. 19) is in force, and ends with their being
        told.

        Raises:
            Transient: a store or the bus could not be reached; nothing may go on record then.
        """
        after = list(parts)
        for number, part in enumerate(parts):
            if is_measure(part) and not part.state.is_final:
                after[number] = await self._applied(request, number, part, dossier, data_map)
        return tuple(after)

    async def decided(self, request: Request, dossier: Dossier, data_map: DataMap) -> None:
        """Let measures follow the verdicts: one that was granted stands for good.

        One that was refused ends a while after the verdict, of which its person hears before.

        Raises:
            Transient: a store or the bus could not be reached; nothing may go on record then.
        """
        for number, part in enumerate(request.parts):
            verdict = request.verdict(number)
            if not is_measure(part) or part.state.is_final or verdict is None or verdict.given_at is None:
                continue
            if verdict.outcome in _REFUSED:
                at = verdict.given_at + self.lifting_after
                await self.changing.end(request, number, dossier, data_map, at, may_be_ended)
            else:
                await self.changing.change(request, number, dossier, data_map, _for_good)

    async def _applied(self, request: Request, number: int, part: Part, dossier: Dossier, data_map: DataMap) -> Part:
        scope = scope_of(request, number, part, dossier.ask(part.right), data_map)
        known = known_of(part, dossier, data_map)
        await together([self._note(one, event) for one in known for event in scope.consents])
        await self.changing.put(request, known, scope.measures)
        if scope.decide:
            return part.model_copy(update={"decide": True})
        if part.right == "restriction" and told_of_restriction(data_map, part, dossier):
            return part
        return part.model_copy(update={"state": State.COMPLETED})

    async def _note(self, known: Known, event: ConsentEvent) -> None:
        await self.consents.add(self.references.subject(known.kind, known.value, known.tenant), event)


def may_be_ended(measure: Measure) -> bool:
    """Tell whether a decision may end a measure that nobody has ended: what is absolute stands."""
    return measure.may_be_ended and measure.lifted_at is None


def _for_good(measure: Measure) -> Measure:
    return measure.model_copy(update={"provisional": False})
