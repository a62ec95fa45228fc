"""What systems outside the stores keep is written to their own files, the same every time."""

import json

import httpx

from samples.agency import running_agency
from samples.company import fill_outside
from samples.outside import SUBSCRIBERS, Outside
from samples.people import PEOPLE
from samples.telemetry_service.records import Records
from samples.vendor_service.shelf import Shelf


def kept(data):
    outside = Outside.beside(data)
    records = Records(outside.telemetry)
    anna = PEOPLE["anna"]
    identifiers = [{"kind": "entra_object_id", "value": anna.oid, "tenant": anna.tenant}]
    events = records.of("app-telemetry", identifiers)
    records.close()
    return Shelf(outside.vendor).file(SUBSCRIBERS).read_bytes(), events


def test_every_system_holds_its_own(tmp_path):
    fill_outside(tmp_path)
    subscribers, events = kept(tmp_path)
    assert PEOPLE["anna"].email.encode() in subscribers
    assert len(events) == 6
    assert {one["userAuthenticatedId"] for one in events} == {PEOPLE["anna"].oid}


def test_filling_again_changes_nothing(tmp_path):
    fill_outside(tmp_path)
    before = kept(tmp_path)
    fill_outside(tmp_path)
    assert kept(tmp_path) == before


def test_preparing_makes_what_is_empty_and_keeps_what_is_there(tmp_path):
    outside = Outside.beside(tmp_path / "data")
    outside.prepare()
    assert kept(outside.data) == (b"", [])
    fill_outside(outside.data)
    before = kept(outside.data)
    outside.prepare()
    assert kept(outside.data) == before


async def test_the_agency_keeps_each_notice_once(tmp_path):
    told = {"notification": "1", "identifiers": [{"kind": "email", "value": "anna@noordzee.example"}]}
    notices = tmp_path / "agency" / "notices.jsonl"
    async with running_agency(notices) as address, httpx.AsyncClient() as client:
        for notice in (told, told, told | {"notification": "2"}):
            answer = await client.post(address, json=notice)
            assert answer.json() == {"status": "erased"}
    assert [json.loads(line)["notification"] for line in notices.read_text().splitlines()] == ["1", "2"]
