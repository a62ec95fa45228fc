"""The contract of Tenants and TenantCases, over memory and Azure Tables."""

from datetime import UTC, datetime

import pytest
from builders import CONTOSO, FABRIKAM

from shared.adapters.azure_tables_tenant_cases import AzureTablesTenantCases
from shared.adapters.azure_tables_tenants import AzureTablesTenants
from shared.adapters.memory_tenant_cases import MemoryTenantCases
from shared.adapters.memory_tenants import MemoryTenants
from shared.domain.errors import AlreadyThere, StaleState
from shared.domain.tenant import Delegation, Tenant, Terms

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
REAL = pytest.param("real", marks=pytest.mark.stack)
CASES = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(1, 6)]


@pytest.fixture(params=["memory", REAL])
def tenants(request):
    if request.param == "memory":
        return MemoryTenants()
    return AzureTablesTenants(request.getfixturevalue("new_table")("Tenants"))


@pytest.fixture(params=["memory", REAL])
def cases(request):
    if request.param == "memory":
        return MemoryTenantCases()
    return AzureTablesTenantCases(request.getfixturevalue("new_table")("TenantCases"))


def tenant(tenant_id=CONTOSO, **more):
    terms = (Terms(version=1, since=SINCE, answers=frozenset({"access", "erasure"})),)
    return Tenant(**{"id": tenant_id, "name": "Contoso", "terms": terms} | more)


async def test_a_customer_nobody_wrote_is_not_there(tenants):
    assert await tenants.read(CONTOSO) is None


async def test_a_customer_comes_back_as_it_was_written(tenants):
    partner = Delegation(kind="partner", tenant=FABRIKAM, until=SINCE, contacts=("help@partner.example",))
    written = tenant(contacts=("privacy@contoso.example",), delegations=(partner,), self_service=frozenset({"profile"}))
    etag = await tenants.write(written, None)
    read = await tenants.read(CONTOSO)
    assert read.row == written
    assert read.etag == etag
    assert await tenants.read(FABRIKAM) is None


async def test_a_new_customer_overwrites_none(tenants):
    await tenants.write(tenant(), None)
    with pytest.raises(AlreadyThere):
        await tenants.write(tenant(name="Another"), None)
    assert (await tenants.read(CONTOSO)).row.name == "Contoso"


async def test_a_write_takes_the_etag_of_what_is_there(tenants):
    first = await tenants.write(tenant(), None)
    second = await tenants.write(tenant(name="Contoso Ltd."), first)
    with pytest.raises(StaleState):
        await tenants.write(tenant(name="Too late"), first)
    assert (await tenants.read(CONTOSO)).row.name == "Contoso Ltd."
    assert await tenants.write(tenant(name="In time"), second) != second


async def test_an_etag_of_nothing_writes_nothing(tenants):
    etag = await tenants.write(tenant(), None)
    with pytest.raises(StaleState):
        await tenants.write(tenant(FABRIKAM), etag)
    assert await tenants.read(FABRIKAM) is None


async def test_a_case_is_found_under_its_own_tenant_alone(cases):
    await cases.add(CONTOSO, CASES[0])
    await cases.add(CONTOSO, CASES[0])
    await cases.add(FABRIKAM, CASES[1])
    assert await cases.page(CONTOSO, 10) == ([CASES[0]], None)
    assert await cases.page(FABRIKAM, 10) == ([CASES[1]], None)


async def test_cases_come_in_pages_each_once(cases):
    for one in CASES:
        await cases.add(CONTOSO, one)
    first, cursor = await cases.page(CONTOSO, 2)
    second, further = await cases.page(CONTOSO, 2, cursor)
    third, end = await cases.page(CONTOSO, 2, further)
    assert sorted([*first, *second, *third]) == CASES
    assert [len(first), len(second), len(third)] == [2, 2, 1]
    assert end is None


async def test_a_full_last_page_is_the_last(cases):
    for one in CASES[:2]:
        await cases.add(CONTOSO, one)
    found, cursor = await cases.page(CONTOSO, 2)
    assert sorted(found) == CASES[:2]
    assert cursor is None


async def test_a_case_is_taken_out_once_and_for_all(cases):
    await cases.add(CONTOSO, CASES[0])
    await cases.remove(CONTOSO, CASES[0])
    await cases.remove(CONTOSO, CASES[0])
    assert await cases.page(CONTOSO, 10) == ([], None)
