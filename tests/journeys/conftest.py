"""The real stack with the sample company in it, started once and shared by the journeys."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from broken_services import broken_services, with_broken
from person import Package
from storage_accounts import StorageAccounts
from visitors import Visitors

from devhost.stack import Stack
from samples.people import PEOPLE
from samples.reviewing import reviewing
from samples.running import Company, running_company, unchanged

SHARED = {
    "INTAKE_PER_NETWORK": "100000",
    "INTAKE_PER_CALLER": "100000",
    "CODES_PER_ADDRESS": "20",
    "CODES_PER_DOMAIN": "100000",
    "COOLING_OFF": "PT0.5S",
}
type Change = Callable[[str], str]
type Start = Callable[..., AbstractAsyncContextManager[Stack]]


@pytest.fixture(scope="session")
def start_stack(tmp_path_factory) -> Start:
    """Start a stack of one's own: `async with start_stack(REISSUE_AFTER="PT4S") as stack`; it holds the company."""

    @asynccontextmanager
    async def start(
        *, folder: Path | None = None, seeded: bool = True, change: Change = unchanged, **settings: str
    ) -> AsyncIterator[Stack]:
        data = folder or tmp_path_factory.mktemp("stack")
        async with (
            running_company(data, settings=SHARED | settings, seeded=seeded, change=change) as company,
            reviewing(company.stack),
        ):
            yield company.stack

    return start


@pytest.fixture(scope="session")
async def strained(start_stack: Start, tmp_path_factory) -> AsyncIterator[Stack]:
    """A stack in trouble: few codes, proofs that age fast, and two services that cannot answer."""
    folder = tmp_path_factory.mktemp("strained")
    async with broken_services(folder) as broken:
        settings = {"CODES_PER_ADDRESS": "3", "FRESH_PROOF_FOR": "PT3S", "TASK_ATTEMPTS": "2", "RETRY_BASE": "PT0.2S"}
        async with start_stack(folder=folder, change=with_broken, **settings, **broken.settings) as running:
            yield running


@pytest.fixture(scope="session")
async def company(tmp_path_factory) -> AsyncIterator[Company]:
    """The stack that the tests share, and the systems around it: leave them running, and others' requests alone."""
    async with (
        running_company(tmp_path_factory.mktemp("company"), settings=SHARED) as shared,
        reviewing(shared.stack),
    ):
        yield shared


@pytest.fixture(scope="session")
def stack(company: Company) -> Stack:
    """The stack alone."""
    return company.stack


@pytest.fixture
async def visitors(stack: Stack) -> AsyncIterator[Visitors]:
    """People at the shared stack's door."""
    async with Visitors(stack) as coming:
        yield coming


@pytest.fixture(scope="session")
async def storage(stack: Stack) -> AsyncIterator[StorageAccounts]:
    """The shared stack's storage, seen from outside the app."""
    async with StorageAccounts(stack.told) as accounts:
        yield accounts


@pytest.fixture(scope="session")
async def annas(stack: Stack) -> Package:
    """The package of somebody with data in every service, signed in."""
    async with Visitors(stack) as coming:
        anna = await coming.signed_in(PEOPLE["anna"])
        return await coming.package(anna, (await anna.ask())["id"])
