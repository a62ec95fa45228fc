"""The generator makes the same people for the same seed, and its map finds them."""

import gzip
from pathlib import Path

import pytest

from samples.generator import main, write_files, write_rows
from samples.synthetic import chunks, file_pieces, subject, synthetic_map
from shared.adapters.yaml_data_map import build
from shared.connectors import discover
from shared.domain.identity import EMAIL, OBJECT_ID, Identifier, Standing

SEED = 7


def identifier(kind, who):
    return Identifier(kind=kind, value=who.key(kind), tenant=None, standing=Standing.PROVEN, source="test")


def rows_of(number, seed=SEED, records=250):
    return [list(chunk) for chunk in chunks(subject(number, seed), records, 1, seed)]


def test_the_same_seed_makes_the_same_rows():
    assert rows_of(3) == rows_of(3)
    assert subject(3, SEED) == subject(3, SEED)


def test_other_seeds_and_other_people_differ():
    assert rows_of(3) != rows_of(3, seed=8)
    assert len({subject(number, SEED).oid for number in range(100)}) == 100


def test_rows_come_in_whole_transactions():
    assert [len(chunk) for chunk in rows_of(1)] == [100, 100, 50]
    assert {row["PartitionKey"] for chunk in rows_of(1) for row in chunk} == {subject(1, SEED).email}


def test_files_are_of_the_size_asked_and_do_not_compress():
    whole = b"".join(file_pieces(subject(1, SEED), 1, SEED))
    assert len(whole) == 1024 * 1024
    assert len(gzip.compress(whole)) > len(whole)


@pytest.mark.parametrize("kind", [EMAIL, OBJECT_ID])
@pytest.mark.parametrize("files", [False, True])
def test_the_map_has_the_services_asked_for(kind, files):
    connectors = {name: factory(None) for name, factory in discover().items()}
    data_map = build(synthetic_map(12, identifier=kind, files=files), "synthetic.yaml", connectors)
    assert len(data_map.services) == 12 + files
    assert all(dataset.is_opened_by(kind) for _, dataset in data_map.datasets())


@pytest.mark.stack
@pytest.mark.parametrize("kind", [EMAIL, OBJECT_ID])
async def test_the_map_finds_all_that_was_written(azurite, sample_stores, kind):
    subjects = [subject(number, SEED) for number in range(3)]
    await write_rows(sample_stores, subjects, 205, 2, SEED, identifier=kind)
    await write_files(sample_stores, subjects[:1], 5, SEED, identifier=kind)
    connectors = {name: factory(azurite) for name, factory in discover().items()}
    data_map = build(synthetic_map(2, identifier=kind, files=True), "synthetic.yaml", connectors)
    found, files = [], []
    for service, dataset in data_map.datasets():
        async for page in connectors[service.connector].export(service, dataset, [identifier(kind, subjects[0])]):
            found += page.records
            files += page.files
    assert len(found) == 205
    assert [file.size for file in files] == [5 * 1024 * 1024]
    assert b"".join([piece async for piece in files[0].open()]) == b"".join(file_pieces(subjects[0], 5, SEED))


def test_without_a_stack_the_command_says_so(monkeypatch, capsys, tmp_path: Path):
    asked = ["--people", "1", "--records", "1", "--services", "1", "--data", str(tmp_path), "--data-map", "x.yaml"]
    monkeypatch.setattr("sys.argv", ["samples.generator", *asked])
    assert main() == 2
    assert capsys.readouterr().err == f"no stack runs in {tmp_path}: start one with `make up`\n"
