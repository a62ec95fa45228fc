"""What is split off for a customer, broken once at every seam: two cases, each asked, told and answered once."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from asking import datasets, manifest_of, operator
from builders import CONTOSO, MIRA, data_map
from customers import OURS, THEIRS, administrator, mixed_services
from faulty_world import Fault
from matrices import all_mended, sampled
from patient_world import PatientWorld
from test_fault_matrix import broken_at

from shared import wiring
from shared.domain.request import Request
from shared.domain.states import Happening, State
from shared.messages.inputs import SubmitRequest
from shared.messages.tenant_inputs import DecideCase, PutTenant, PutTerms

KINDS = ("crash before", "crash after", "throttled", "answer lost")
CONTACT, OTHER = "privacy@contoso.example", "it@contoso.example"
ASKED = SubmitRequest(rights=("access", "portability"), email=MIRA.email)
# A standing instruction for copies; what is portable the customer decides itself.
AGREED = PutTenant(name="Contoso Ltd.", contacts=(CONTACT,), others=(OTHER,), terms=PutTerms(answers={"access"}))
GRANTED = DecideCase(outcome="granted")
MAILS = {
    (MIRA.email, "Your code for Spinpanel"): 1,
    (MIRA.email, "Your request goes to your organisation"): 1,
    (MIRA.email, "Your personal data is ready"): 3,
    (CONTACT, "A privacy request for you to decide"): 1,
    (CONTACT, "Reminder: a privacy request waits for your decision"): 1,
}


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


def portable(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let people have brought some fields about themselves: those are portable."""
    for dataset in (one for service in services for one in service["datasets"]):
        for place, field in enumerate(dataset["fields"]):
            if field["name"] in {"name", "company", "action"}:
                dataset["fields"][place] = field | {"origin": "provided"}
    return services


class TenancyWorld(PatientWorld):
    """A life in which Spinpanel holds some data as controller, and some as a customer's processor."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(fault)
        self.raw.maps.map = data_map(portable(mixed_services()))
        self.raw.settings = self.raw.settings.model_copy(update={"package_kept_for": timedelta(days=30)})
        self.services = self._started(self.raw)

    async def cases(self) -> dict[str, Request]:
        """Return every case that the customer's index names, by what it asks."""
        ids, _ = await self.raw.tenant_cases.page(CONTOSO, 10)
        found = [await self.now(one) for one in ids]
        return {"+".join(part.right for part in one.parts): one for one in found}


async def lived(fault: Fault | None) -> tuple[TenancyWorld, list[str]]:
    """Live to the end; return what is not as it has to be."""
    world = TenancyWorld(fault)
    await world.until_done("agree", lambda it: it.tenant_terms.put(operator(1), CONTOSO, AGREED, None))
    own_id = await world.asks(ASKED)
    await world.reaches(own_id, State.COMPLETED)
    cases = await world.cases()
    for case in cases.values():
        await world.reaches(case.id, State.COMPLETED, State.FORWARDED)
    waiting = await world.now(cases["portability"].id)
    for _ in range(3):
        await world.passes(days=7 / 3, minutes=5)
    for _ in range(2):
        await world.passes(minutes=5)
    await world.until_done("look", lambda it: it.controller_cases.one(administrator(), CONTOSO, waiting.id))
    await world.until_done(
        "grant", lambda it: it.controller_cases.decide(administrator(), CONTOSO, waiting.id, GRANTED)
    )
    await world.reaches(waiting.id, State.COMPLETED)
    await world.passes(minutes=5)  # what a step left behind that was broken off goes with the next look
    return world, [*await _not_split_once(world, own_id, waiting), *await _not_answered_once(world, own_id)]


async def _not_split_once(world: TenancyWorld, own_id: str, waiting: Request) -> list[str]:
    """Return what is wrong with the cases and with what became of them."""
    cases, own = await world.cases(), await world.now(own_id)
    asked, instructed = cases["portability"], cases["access"]
    indexed, _ = await world.raw.tenant_cases.page(CONTOSO, 10)
    hers = await world.raw.owning.all(MIRA.caller())
    history = {one.id: await world.raw.requests.history(one.id) for one in (own, *cases.values())}
    happened = Counter(line.happening for line in history[asked.id])
    begun = {name: history[one.id][0].happening for name, one in cases.items()}
    checks = {
        "there are two cases": set(indexed) == set(own.linked) and len(indexed) == len(own.linked) == 2,
        "the person finds all three": sorted(one.id for one in hers) == sorted([own_id, *indexed]),
        "one waited": (waiting.state, waiting.export) == (State.FORWARDED, None),
        "all were answered": {own.state, asked.state, instructed.state} == {State.COMPLETED},
        "each began as agreed": begun == {"access": Happening.INSTRUCTED, "portability": Happening.FORWARDED},
        "it was passed on, reminded of and granted once": all(
            happened[one] == 1 for one in (Happening.FORWARDED, Happening.CONTROLLER_REMINDED, Happening.GRANTED)
        ),
        "its decision is on record once": [one.outcome for one in asked.verdicts] == ["granted"],
        "nothing is asked of anybody": not {*asked.attention, *instructed.attention, *own.attention},
        "their histories hold": all(broken_at(one) is None for one in history.values()),
        "nothing is dead": not world.life.dead,
    }
    return [name for name, well in checks.items() if not well]


async def _not_answered_once(world: TenancyWorld, own_id: str) -> list[str]:
    """Return what is wrong with what was sent and handed over."""
    cases = await world.cases()
    wanted = {own_id: set(OURS)} | {one.id: set(THEIRS) for one in cases.values()}
    found = {}
    for one in wanted:
        assert await world.raw.packages.names(one) == [f"{one}/package.zip"]
        found[one] = set(datasets(await manifest_of(world.raw, one)))
    checks = {
        "each package holds its own alone": found == wanted,
        "no piece is left": not [name for one in wanted for name in await world.raw.fragments.names(one)],
        "each mail was sent once": world.mails() == MAILS,
    }
    return [name for name, well in checks.items() if not well]


async def test_an_undisturbed_life_meets_every_seam_of_a_customers_case():
    world, wrong = await lived(None)
    assert wrong == []
    met = {(seam.during, seam.port, seam.method) for seam in world.life.writes}
    assert {("agree", "tenants", "write"), ("plan_request", "tenant_cases", "add")} <= met


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_breaks_two_cases_are_each_answered_once(kind, told):
    calm, _ = await lived(None)
    chosen = sampled(calm)
    await all_mended("customers' cases", kind, chosen, lived, told)
    assert len(chosen) > 100
