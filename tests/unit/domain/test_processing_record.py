"""The Article 30 record: complete for both roles, made of the map, and nothing of one role in the other's."""

import csv
import io
import json
from pathlib import Path

import pytest

from shared.data_map_check import checked
from shared.domain.data_map import Role
from shared.domain.processing_record import record_of
from shared.processing_record import main
from shared.use_cases.writing_records import COLUMNS, as_sheet

MAP = Path(__file__).parents[3] / "data_map.yaml"


@pytest.fixture(scope="module")
def data_map():
    return checked(MAP)


def test_a_controllers_record_has_an_activity_for_every_purpose_it_pursues(data_map):
    record = record_of(data_map, Role.CONTROLLER, "en")
    pursued = {
        one.id
        for service, dataset in data_map.datasets()
        if service.role is Role.CONTROLLER
        for one in dataset.purposes
    }
    assert {one.id for one in record.activities} == pursued
    assert record.on_behalf_of is None


def test_a_processors_record_has_an_activity_for_every_system_and_says_for_whom(data_map):
    record = record_of(data_map, Role.PROCESSOR, "nl")
    systems = {one.id for one in data_map.services if one.role is Role.PROCESSOR}
    assert {one.id for one in record.activities} == systems
    assert record.on_behalf_of == data_map.on_behalf_of.nl


def test_every_dataset_stands_in_the_record_of_its_own_role_alone(data_map):
    for role in Role:
        there = {name for one in record_of(data_map, role, "en").activities for name in one.datasets}
        assert there == {dataset.id for service, dataset in data_map.datasets() if service.role is role}


@pytest.mark.parametrize("role", list(Role))
def test_nothing_that_article_30_asks_for_is_left_empty(data_map, role):
    record = record_of(data_map, role, "en")
    assert "" not in record.organisation.model_dump().values()
    assert record.security
    assert record.processors
    for one in record.activities:
        for told in (one.purposes, one.subjects, one.categories, one.legal_bases, one.recipients, one.time_limits):
            assert told, one.id
    transfers = [transfer for one in record.activities for transfer in one.transfers]
    assert transfers
    assert all(one.safeguard for one in transfers)


def test_processors_are_named_with_contract_and_sub_processors(data_map):
    told = {one.name: one for one in record_of(data_map, Role.CONTROLLER, "en").processors}
    assert {"Microsoft Ireland Operations Ltd.", "Mailkoerier B.V."} <= told.keys()
    assert all(one.contract for one in told.values())
    assert [sub.name for sub in told["Google Ireland Ltd."].sub_processors] == ["Google LLC"]
    of_processor = {one.name for one in record_of(data_map, Role.PROCESSOR, "en").processors}
    assert of_processor == {"Microsoft Ireland Operations Ltd."}


def test_a_sheet_has_a_whole_line_for_each_activity_and_no_formula(data_map):
    hostile = data_map.model_copy(update={"controller": data_map.controller.model_copy(update={"name": '=cmd|"x"!A0'})})
    record = record_of(hostile, Role.CONTROLLER, "en")
    rows = list(csv.DictReader(io.StringIO(as_sheet(record), newline="")))
    assert len(rows) == len(record.activities)
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["organisation"].startswith("'=cmd")
    assert all(row["security"] and row["timeLimits"] for row in rows)
    news = next(row for row in rows if row["activity"] == "newsletter")
    assert "Mailkoerier" in news["recipients"]


def test_the_command_writes_either_form(capsys):
    assert main(["--role", "processor", "--file", str(MAP)]) == 0
    assert json.loads(capsys.readouterr().out)["role"] == "processor"
    assert main(["--role", "controller", "--format", "csv", "--language", "nl", "--file", str(MAP)]) == 0
    assert capsys.readouterr().out.startswith(",".join(COLUMNS))


def test_the_command_says_in_one_line_what_is_wrong_with_a_map(tmp_path, capsys):
    bad = tmp_path / "map.yaml"
    bad.write_text("[]")
    assert main(["--role", "processor", "--file", str(bad)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
