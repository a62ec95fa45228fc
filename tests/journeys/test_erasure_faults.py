"""One fault of each kind on the real stack, in the middle of erasures: all end with one certificate and right counts."""

import asyncio
import random
import time

import pytest
from erasure_verdict import nothing_is_wrong
from unsteady_company import UnsteadyCompany, unsteady_company

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def company(tmp_path_factory):
    async with unsteady_company(tmp_path_factory.mktemp("unsteady")) as running:
        yield running


async def test_an_erasure_without_a_fault(company):
    people = await company.people(2)
    before = await company.held()
    ids = await company.erased(people)
    await nothing_is_wrong(company, people, ids, before)
