"""Every record of the sample company is one that the data map describes."""

import json
from itertools import chain

import pytest

from samples.company import places, records_of
from samples.people import PEOPLE
from samples.records.hostile import FILE_NAMES, TEXTS
from samples.records.shapes import Blob, Line, Row

SECRET = "never-to-be-handed-over"


@pytest.fixture(scope="module")
def by_place(sample_map):
    return {place: dataset for _, dataset in sample_map.datasets() for place in dataset.settings.values()}


@pytest.fixture(scope="module")
def everything():
    return list(chain.from_iterable(records_of(person) for person in PEOPLE.values()))


def test_every_place_is_in_the_map_and_every_place_of_the_map_is_filled(by_place, everything):
    filled = {record.table if isinstance(record, Row) else record.container for record in everything}
    tables, containers = places()
    assert filled == set(by_place) == {*tables, *containers}


def test_every_field_of_every_record_is_in_the_map(by_place, everything):
    for record in everything:
        if isinstance(record, Row):
            names, place = set(record.values), record.table
        elif isinstance(record, Line):
            names, place = set(record.values), record.container
        elif record.container == "device-settings":
            names, place = set(json.loads(record.data)), record.container
        else:
            continue
        searched = {way.at["property"] for way in by_place[place].found_by if "property" in way.at}
        known = {field.name for field in by_place[place].fields} | searched
        assert names <= known, place


def test_every_field_of_the_map_that_is_no_file_has_a_value_somewhere(by_place, everything):
    held = {}
    for record in everything:
        if isinstance(record, Row | Line):
            place = record.table if isinstance(record, Row) else record.container
            held.setdefault(place, set()).update(name for name, value in record.values.items() if value is not None)
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
        if isinstance(record, Row)
        for name, value in record.values.items()
        if value == SECRET
    }
    assert filled == withheld
    assert len(withheld) > 2


def test_the_hostile_person_holds_every_hostile_text_and_name():
    records = list(records_of(PEOPLE["bobby"]))
    texts = {
        value
        for one in records
        if isinstance(one, Row | Line)
        for value in one.values.values()
        if isinstance(value, str)
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
