"""Searching the sample company finds what each person may see, and nothing of anyone else."""

import json

import pytest

from samples.company import fill
from samples.people import PEOPLE
from shared.domain.dossier import Dossier, searchable
from shared.use_cases.resolve_identity import AMBIGUOUS, ResolveIdentity

BY_SIGN_IN_ALONE = {
    "exchange-usage",
    "azure-utilization",
    "device-printers",
    "drive-mappings",
    "invoices",
    "website-visits",
}
BY_ADDRESS = {
    "sign-ups", "marketplace-leads", "support-tickets", "ticket-attachments", "chat-messages",
    "applications", "curricula-vitae", "unsolicited-ideas", "marketing-mails",
}  # fmt: skip


def signed_in(key):
    return Dossier(tenant=PEOPLE[key].tenant, object_id=PEOPLE[key].oid)


def in_stores(data_map):
    """The datasets that our own stores keep."""
    return [
        (service, dataset)
        for service, dataset in data_map.datasets()
        if not service.connector.endswith("_service") and service.connector != "own_records"
    ]


def text_of(found):
    return json.dumps([list(records) for records, _ in found.values()], ensure_ascii=False, default=str)


@pytest.fixture(scope="session")
def search(filled, sample_map):
    own_sources = frozenset(dataset.id for _, dataset in sample_map.datasets() if dataset.tenancy == "none")

    async def people(dossier):
        resolution = await ResolveIdentity(connectors=filled)(dossier, sample_map)
        return resolution.attention, [await everything(person) for person in resolution.people]

    async def everything(person):
        found = {}
        for service, dataset in in_stores(sample_map):
            with_these = searchable(dataset, person.identifiers, own=person.own, own_sources=own_sources)
            records, files = [], []
            if with_these:
                async for page in filled[service.connector].export(service, dataset, with_these):
                    assert page.unreadable == 0
                    records += page.records
                    files += page.files
            if records or files:
                found[dataset.id] = (records, files)
        return found

    return people


@pytest.mark.stack
async def test_anna_signed_in_and_by_mail_is_found_in_every_dataset(search, sample_map):
    attention, (whole, *_) = await search(signed_in("anna").model_copy(update={"email": PEOPLE["anna"].email}))
    assert set(whole) == {dataset.id for _, dataset in in_stores(sample_map)}
    assert attention == ()


@pytest.mark.stack
async def test_an_address_opens_what_is_keyed_by_it_in_each_tenant(search):
    _, parts = await search(Dossier(email=PEOPLE["anna"].email))
    assert sorted(map(set, parts), key=len) == [{"sign-ups"}, BY_ADDRESS]


@pytest.mark.stack
async def test_signing_in_reaches_what_only_resolution_finds(search):
    _, (found,) = await search(signed_in("anna"))
    assert set(found) >= BY_SIGN_IN_ALONE
    assert not set(found) & (BY_ADDRESS - {"sign-ups"})
    assert len(found["registered-devices"][0]) == 2
    assert len(found["azure-utilization"][0]) == 6


@pytest.mark.stack
async def test_a_secret_that_is_stored_is_never_found(search):
    _, (found,) = await search(signed_in("anna"))
    assert "LAPTOP-Anna" in text_of(found)
    assert "never-to-be-handed-over" not in text_of(found)


@pytest.mark.stack
@pytest.mark.parametrize(("key", "other"), [("jan", "jan-finance"), ("jan-finance", "jan"), ("kim", "tom")])
async def test_namesakes_and_mailbox_sharers_never_see_one_another(search, key, other):
    _, (found,) = await search(signed_in(key))
    assert PEOPLE[key].oid in text_of(found)
    assert PEOPLE[other].oid not in text_of(found)
    assert PEOPLE[other].upn not in text_of(found)


@pytest.mark.stack
async def test_a_shared_mailbox_is_ambiguous(search):
    attention, (found,) = await search(signed_in("kim"))
    assert attention == (AMBIGUOUS,)
    assert "directory-users" in found


@pytest.mark.stack
@pytest.mark.parametrize("key", ["guest", "shaun", "lukasz", "danielle", "lina"])
async def test_odd_names_are_found_by_their_upn(search, key):
    attention, (found,) = await search(signed_in(key))
    assert {"exchange-usage", "onedrive-usage", "skype-usage", "yammer-usage", "sharepoint-activity"} <= set(found)
    assert found["directory-users"][0][0]["displayName"] == PEOPLE[key].name
    assert attention == ()


@pytest.mark.stack
async def test_an_application_opens_by_the_address_it_was_sent_from(search):
    _, (found,) = await search(Dossier(email=PEOPLE["carmen"].private_address))
    assert set(found) == {"applications", "curricula-vitae"}


@pytest.mark.stack
@pytest.mark.parametrize(
    "dossier", [signed_in("nobody"), Dossier(email=PEOPLE["nobody"].email)], ids=["sign-in", "mail"]
)
async def test_nobody_is_found_nowhere(search, dossier):
    _, (found,) = await search(dossier)
    assert found == {}


@pytest.mark.stack
async def test_loading_again_changes_nothing(search, sample_stores):
    _, before = await search(signed_in("bram"))
    await fill(sample_stores)
    _, after = await search(signed_in("bram"))
    assert text_of(before[0]) == text_of(after[0])
    assert before[0]
