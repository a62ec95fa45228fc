"""What this service keeps of people itself: found by who they proved to be, and nobody else's with it."""

import json

import pytest
from asking import answered, asked, proven
from builders import CONTOSO, FABRIKAM, MIRA, START, TOM, memory_services

from shared.connectors.own_records import NUMBER, OwnRecordsConnector
from shared.domain.account_event import AccountEvent
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import DataMapInvalid, Permanent
from shared.domain.identity import EMAIL, OBJECT_ID, Identifier, Standing
from shared.domain.measure import ConsentEvent, Measure

TEXT = {"en": "Ours", "nl": "Van ons"}
FIELDS = {
    "cases": ["id", "rights", "address", "asked", "status", "mails", "history", "receivedAt"],
    "consents": ["purpose", "state", "at"],
    "limits": ["kind", "datasets", "since"],
    "account-events": ["happening", "at"],
    "unsearched": ["reference"],
}


def dataset(records, **changes):
    searched = records != "unsearched"
    kinds = [EMAIL, OBJECT_ID] if searched else [NUMBER]
    way = {"how": "reference"} if searched else {"how": "number", "use": "resolution"}
    reason = {"ground": "17-3-e", "source": TEXT, "years": 5, "counted_from": "request"}
    return Dataset.model_validate(
        {
            "id": f"own-{records}",
            "title": TEXT,
            "tenancy": "none",
            "settings": {"records": records},
            "fields": [
                {"name": one, "category": "user.telemetry", "rectify": "no"} for one in FIELDS.get(records, ["x"])
            ],
            "found_by": [{"identifier": kind} | way for kind in kinds],
            "purposes": [TEXT | {"id": "ours"}],
            "legal_basis": "A6-1-c",
            "authorisation": "user",
            "source": TEXT,
            "retention": {"period": "P5Y", "counted_from": "request_closed", "action": "delete", "source": TEXT},
            "erasure": {"action": "retain", "exemption": reason} if searched else {"action": "delete"},
        }
        | changes
    )


def service(*datasets, **changes):
    return Service.model_validate(
        {
            "id": "desk",
            "title": TEXT,
            "owner": "Privacy",
            "role": "controller",
            "lane": "stores",
            "connector": "own_records",
            "settings": {"store": "own"},
            "time_limit": "PT5M",
            "datasets": datasets,
        }
        | changes
    )


def of(kind, value, tenant=CONTOSO):
    return Identifier(kind=kind, value=value, tenant=tenant, standing=Standing.PROVEN, source="test")


def account(person):
    return of(OBJECT_ID, person.object_id, person.tenant)


class Stores:
    """What the connector is given."""

    def __init__(self, world):
        self._world = world

    def own(self):
        return self._world.own_records


async def found(world, records, *identifiers):
    connector, one = OwnRecordsConnector(Stores(world)), dataset(records)
    pages = [page async for page in connector.export(service(one), one, identifiers)]
    counts = [step.count async for step in connector.count(service(one), one, identifiers)]
    assert [page.position for page in pages] == [None]
    assert counts == [len(pages[0].records)]
    return list(pages[0].records)


async def test_a_case_tells_what_was_asked_said_and_done_and_never_who_handled_it():
    world = memory_services()
    request = await answered(world, signed_in=True)
    [case] = await found(world, "cases", account(MIRA))
    assert (case["id"], case["rights"], case["status"]) == (request.id, ["access"], "completed")
    assert case["address"] == MIRA.email
    assert "answered" in [mail["notice"] for mail in case["mails"]]
    assert case["history"][0]["event"] == "submitted"
    assert case["history"][-1]["status"] == "completed"
    assert set(case["history"][0]) == {"at", "event", "status"}


async def test_an_address_finds_what_was_asked_from_it_in_whatever_tenant():
    world = memory_services()
    request = await proven(world)
    for tenant in (CONTOSO, FABRIKAM, None):
        assert [one["id"] for one in await found(world, "cases", of(EMAIL, MIRA.email, tenant))] == [request.id]


async def test_an_address_that_was_only_claimed_leads_to_no_case():
    world = memory_services()
    await asked(world)
    assert await found(world, "cases", of(EMAIL, MIRA.email)) == []


async def test_cases_of_others_and_of_an_account_of_the_same_number_elsewhere_are_not_found():
    world = memory_services()
    await asked(world, MIRA, signed_in=True)
    mine = await asked(world, TOM, signed_in=True)
    assert [one["id"] for one in await found(world, "cases", account(TOM))] == [mine.id]
    assert await found(world, "cases", of(OBJECT_ID, MIRA.object_id, FABRIKAM)) == []


async def test_each_case_is_told_once_and_the_oldest_first():
    world = memory_services()
    first = await answered(world, signed_in=True)
    world.clock.advance(days=1)
    second = await asked(world, signed_in=True)
    cases = await found(world, "cases", account(MIRA), of(EMAIL, MIRA.email))
    assert [one["id"] for one in cases] == [first.id, second.id]


async def test_what_was_told_with_a_request_is_gone_with_its_key_and_the_rest_is_not():
    world = memory_services()
    request = await answered(world, signed_in=True)
    await world.keys.shred(request.id)
    [case] = await found(world, "cases", account(MIRA))
    assert case["id"] == request.id
    assert "address" not in case
    assert MIRA.email not in json.dumps(case)


async def test_consents_limits_and_signs_are_the_persons_own():
    world = memory_services()
    ref = world.references.subject(OBJECT_ID, MIRA.object_id, MIRA.tenant)
    handles = world.references.handles(OBJECT_ID, MIRA.object_id, MIRA.tenant)
    said = ConsentEvent(id="c-1", purpose="newsletter", state="ConsentWithdrawn", at=START)
    limit = Measure(id="r-1.0", kind="restriction", datasets=("tickets",), tenant=MIRA.tenant, since=START)
    sign = AccountEvent(id="e-1", happening="address_changed", at=START, previous=b"sealed", address_ref="k1.x")
    await world.consents.add(ref, said)
    await world.measures.put(handles, limit)
    await world.measures.put(handles, limit.model_copy(update={"id": "r-2.0", "role": "processor"}))
    await world.account_events.add([ref], sign)
    world.clock.advance(days=400)
    moment = START.isoformat().replace("+00:00", "Z")
    assert await found(world, "consents", account(MIRA)) == [
        {"purpose": "newsletter", "state": "ConsentWithdrawn", "at": moment}
    ]
    assert await found(world, "limits", account(MIRA)) == [
        {"kind": "restriction", "datasets": ["tickets"], "since": moment}
    ]
    assert await found(world, "account-events", account(MIRA)) == [
        {"happening": "address_changed", "at": START.isoformat()}
    ]
    for records in ("consents", "limits", "account-events"):
        assert await found(world, records, account(TOM)) == []


async def test_what_is_kept_by_number_alone_is_found_by_nobody():
    world = memory_services()
    await answered(world, signed_in=True)
    assert await found(world, "unsearched", account(MIRA), of(EMAIL, MIRA.email)) == []


async def test_nothing_is_erased_or_corrected_here():
    connector, one = OwnRecordsConnector(Stores(memory_services())), dataset("cases")
    with pytest.raises(Permanent, match="retained"):
        connector.erase(service(one), one, [], None)
    with pytest.raises(Permanent, match="not_correctable"):
        connector.rectify(service(one), one, [], None)


@pytest.mark.parametrize("records", sorted(FIELDS))
def test_every_kind_of_own_records_is_taken(records):
    one = dataset(records)
    OwnRecordsConnector(None).check(service(one), one)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        pytest.param(dataset("letters"), "settings: records: known are account-events", id="records"),
        pytest.param(dataset("cases", tenancy="tenant", tenant_field="x"), "tenancy", id="tenancy"),
        pytest.param(dataset("cases", erasure={"action": "delete"}), "erasure: these are retained", id="erasure"),
        pytest.param(
            dataset("cases", found_by=[{"identifier": "upn", "how": "reference"}]), "how: reference", id="identifier"
        ),
        pytest.param(dataset("cases", found_by=[{"identifier": NUMBER, "how": "number"}]), "how: number", id="number"),
        pytest.param(
            dataset("unsearched", found_by=[{"identifier": NUMBER, "how": "number"}]), "how: number", id="searched"
        ),
        pytest.param(
            dataset("cases", fields=[{"name": "id", "category": "user", "rectify": "self"}]), "fields", id="corrected"
        ),
    ],
)
def test_a_map_that_says_otherwise_is_refused(one, told):
    with pytest.raises(DataMapInvalid, match=told):
        OwnRecordsConnector(None).check(service(one), one)


def test_there_is_one_place_alone():
    one = dataset("cases")
    with pytest.raises(DataMapInvalid, match="settings: store: `own` is the only one"):
        OwnRecordsConnector(None).check(service(one, settings={"store": "spindata"}), one)
