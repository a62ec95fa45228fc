"""An erasure that a customer decides, broken at every seam: nothing of theirs goes before, all of it once after."""

from collections import Counter

import pytest
from asking import operator
from builders import CONTOSO, MIRA, data_map
from customers import OURS, THEIRS, administrator, mixed_services
from faulty_world import Fault
from matrices import all_mended, sampled
from patient_world import PatientWorld
from test_fault_matrix import broken_at, planted, rows_of

from shared import wiring
from shared.domain.request import Request
from shared.domain.service_task import Work
from shared.domain.states import Happening, State
from shared.messages.inputs import SubmitRequest
from shared.messages.tenant_inputs import DecideCase, PutTenant

KINDS = ("crash before", "crash after", "throttled", "answer lost")
ASKED = SubmitRequest(rights=("erasure",), email=MIRA.email)
AGREED = PutTenant(name="Contoso Ltd.", contacts=("privacy@contoso.example",))
GRANTED = DecideCase(outcome="granted")
HELD = {"users", "activity", "signups", "tickets"}  # where records name the person; calls are found by a number
COUNTED = [dict.fromkeys(OURS, 1), dict.fromkeys(THEIRS, 1)]


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


class ErasingWorld(PatientWorld):
    """A life in which two controllers erase one person, each its own."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(fault)
        self.raw.maps.map = data_map(mixed_services())

    def left(self) -> set[str]:
        """Return the drawers that still hold something of the person."""
        return {name for name in HELD if rows_of(self.store.drawers["memory", name].rows, MIRA)}

    def others_changed(self) -> list[str]:
        """Return the drawers in which anybody else lost something."""
        return [
            name
            for name in HELD
            if [dict(row) for row in self.store.drawers["memory", name].rows if not rows_of([row], MIRA)]
            != [row for row in planted()["memory", name] if not rows_of([row], MIRA)]
        ]

    async def shown(self, request: Request) -> dict[str, int]:
        """Return what a request's receipts count."""
        case = await self.raw.requests.load(request.id)
        return {one.dataset: one.count for task in case.of(Work.ERASE) for one in task.receipts}


async def lived(fault: Fault | None) -> tuple[ErasingWorld, list[str]]:
    """Live to the end; return what is not as it has to be."""
    world = ErasingWorld(fault)
    assert world.left() == HELD
    await world.until_done("agree", lambda it: it.tenant_terms.put(operator(1), CONTOSO, AGREED, None))
    own_id = await world.asks(ASKED)
    own = await world.reaches(own_id, State.COMPLETED)
    before = world.left()
    [case_id], _ = await world.raw.tenant_cases.page(CONTOSO, 10)
    assert (await world.reaches(case_id, State.FORWARDED)).erasure is None
    await world.until_done("grant", lambda it: it.controller_cases.decide(administrator(), CONTOSO, case_id, GRANTED))
    case = await world.reaches(case_id, State.COMPLETED)
    shown = [await world.shown(one) for one in (own, case)]
    proven = [
        case.certificate.name in await world.raw.packages.names(case_id),
        case.certificate.id != own.certificate.id,
    ]
    for days in (31, 0, 0):
        await world.passes(days=days, minutes=5)  # certificates expire, and then what leads to the person goes
    history = {one: await world.raw.requests.history(one) for one in (own_id, case_id)}
    happened = [Counter(line.happening for line in lines) for lines in history.values()]
    checks = {
        "ours went and theirs stayed until it was granted": before == set(THEIRS),
        "then theirs went": world.left() == set(),
        "nobody else lost anything": world.others_changed() == [],
        "each counts its own alone": shown == COUNTED,
        "each was certified once": [one[Happening.CERTIFIED] for one in happened] == [1, 1] and all(proven),
        "one case is linked": list(own.linked) == [case_id],
        "their histories hold": all(broken_at(lines) is None for lines in history.values()),
        "traces went once": [one[Happening.TRACES_ERASED] for one in happened] == [1, 1],
        "no certificate is left": not [name for one in history for name in await world.raw.packages.names(one)],
        "no turn is left": world.raw.turns.held == {},
        "the person is in no index": await world.raw.owning.all(MIRA.caller()) == [],
        "nothing is dead": not world.life.dead,
    }
    return world, [name for name, well in checks.items() if not well]


async def test_an_undisturbed_life_meets_every_seam_of_an_erasure_that_a_customer_decides():
    world, wrong = await lived(None)
    assert wrong == []
    met = {(seam.during, seam.port, seam.method) for seam in world.life.writes}
    assert {("grant", "requests", "commit"), ("advance_request", "turns", "take")} <= met


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_breaks_each_controller_erases_its_own_once(kind, told):
    calm, _ = await lived(None)
    chosen = sampled(calm)
    await all_mended("customers' erasures", kind, chosen, lived, told)
    assert len(chosen) > 100
