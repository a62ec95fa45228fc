"""Every record of the sample company is one that the data map describes."""

import json
from itertools import chain

import pytest

from samples.company import places, records_of
from samples.people import PEOPLE
from samples.records.hostile import FILE_NAMES, TEXTS
from samples.records.shapes import Blob, Entry, Row, SqlRow

SECRET = "never-to-be-handed-over"


@pytest.fixture(scope="module")
def by_place(sample_map):
    def place(one):
        return one.settings.get("table") or one.settings.get("container") or one.id

    return {place(dataset): dataset for service, dataset in sample_map.datasets() if service.connector != "own_records"}


def place_of(record):
    """Where a record lies, by the map's word for it."""
    if isinstance(record, Entry):
        return record.dataset
    return record.table if isinstance(record, Row | SqlRow) else record.container


@pytest.fixture(scope="module")
def everything():
    return list(chain.from_iterable(records_of(person) for person in PEOPLE.values()))


def test_every_place_is_in_the_map_and_every_place_of_the_map_is_filled(by_place, everything):
    filled = {place_of(record) for record in everything}
    tables, containers, sql = places()
    outside = {record.dataset for record in everything if isinstance(record, Entry)}
    assert filled == set(by_place) == {*tables, *containers, *(table.name for table in sql), *outside}
    assert len(sql) > 2
    assert len(outside) == 2


def test_what_systems_outside_keep_is_theirs_by_the_map(sample_map, everything):
    held = {(record.service, record.dataset) for record in everything if isinstance(record, Entry)}
    outside = {"http_service", "lane_service"}
    assert held == {(one.id, dataset.id) for one, dataset in sample_map.datasets() if one.connector in outside}


def test_every_field_of_every_record_is_in_the_map(by_place, everything):
    for record in everything:
        place = place_of(record)
        if not isinstance(record, Blob):
            names = set(record.values)
        elif record.container == "device-settings":
            names = set(json.loads(record.data))
        else:
            continue
        ways = [way.at for way in by_place[place].found_by]
        searched = {at[word] for at in ways for word in ("property", "column") if word in at}
        keys = set(by_place[place].settings.get("key", "").replace(" ", "").split(","))
        known = {field.name for field in by_place[place].fields} | searched | keys
        assert names <= known, place


def test_every_field_of_the_map_that_is_no_file_has_a_value_somewhere(by_place, everything):
    held = {}
    for record in everything:
        if not isinstance(record, Blob):
            told = {name for name, value in record.values.items() if value is not None}
            held.setdefault(place_of(record), set()).update(told)
    for place, names in held.items():
        assert {field.name for field in by_place[place].fields} <= names, place


def test_no_key_holds_what_tables_refuse(everything):
    rows = [record.entity for record in everything if isinstance(record, Row)]
    keys = {key for row in rows for key in (row["PartitionKey"], row["RowKey"])}
    assert any("%23ext%23" in key for key in keys)
    assert not any(set(key) & set("/\\#?") for key in keys)


def test_no_two_records_overwrite_one_another(everything):
    keys = [(one.table, one.entity["PartitionKey"], one.entity["RowKey"]) for one in everything if isinstance(one, Row)]
    names = [(one.container, one.name) for one in everything if isinstance(one, Blob)]
    assert len(set(keys)) == len(keys) > 500
    assert len(set(names)) == len(names) > 50


def test_withheld_fields_hold_a_secret_to_look_for(by_place, everything):
    withheld = {(place, one.name) for place, dataset in by_place.items() for one in dataset.fields if one.withhold}
    filled = {
        (record.table, name)
        for record in everything
        if isinstance(record, Row | SqlRow)
        for name, value in record.values.items()
        if value == SECRET
    }
    assert filled == withheld
    assert len(withheld) > 2


def test_the_hostile_person_holds_every_hostile_text_and_name():
    records = list(records_of(PEOPLE["bobby"]))
    texts = {
        value for one in records if not isinstance(one, Blob) for value in one.values.values() if isinstance(value, str)
    }
    names = {one.name.partition("/")[2] for one in records if isinstance(one, Blob)}
    assert set(TEXTS) <= texts
    assert set(FILE_NAMES) <= names


def test_nobody_has_nothing():
    assert list(records_of(PEOPLE["nobody"])) == []


def test_the_records_are_the_same_every_time():
    assert [list(records_of(person)) for person in PEOPLE.values()] == [
        list(records_of(person)) for person in PEOPLE.values()
    ]
