"""Records a service uploaded, page by page."""

import json

import pytest
from builders import data_map
from lane_world import services

from shared.adapters.memory_blobs import MemoryBlobs
from shared.domain.errors import Permanent
from shared.use_cases.reading_uploads import PIECE, Upload

SERVICE = data_map(services()).service("telemetry")
EVENTS, OPENS, _ = SERVICE.datasets


async def pages(data: bytes, dataset=EVENTS, position=None):
    blobs = MemoryBlobs()
    await blobs.put("upload", data)
    return [page async for page in Upload(blobs=blobs, name="upload").export(SERVICE, dataset, [], position)]


def line(number: int, dataset: str = "events", size: int = 0) -> bytes:
    return json.dumps({"dataset": dataset, "record": {"oid": number, "page": "x" * size}}).encode() + b"\n"


def told(found) -> list:
    return [record["oid"] for page in found for record in page.records]


async def test_an_empty_upload_is_one_empty_last_page():
    (page,) = await pages(b"")
    assert (page.records, page.unreadable, page.position) == ((), 0, None)


async def test_a_large_upload_is_read_in_pieces_and_goes_on_in_another_process():
    data = b"".join(line(number, size=1000) for number in range(3000))
    found = await pages(data)
    assert len(found) == len(data) // PIECE + 1
    assert told(found) == list(range(3000))
    assert found[-1].position is None
    taken = 0
    for page in found[:-1]:
        taken += len(page.records)
        assert told(await pages(data, position=page.position)) == list(range(taken, 3000))


async def test_a_line_longer_than_a_piece_is_skipped_and_said():
    for ending in (b"\n", b""):
        found = await pages(line(1) + line(2, size=3 * PIECE)[:-1] + ending + (line(3) if ending else b""))
        assert told(found) == ([1, 3] if ending else [1])
        assert sum(page.unreadable for page in found) == 1


@pytest.mark.parametrize(
    "odd",
    [
        b"{broken",
        b"[]",
        b'"text"',
        b"null",
        b'{"record": {}}',
        b'{"dataset": "events"}',
        b'{"dataset": "events", "record": []}',
        b'{"dataset": ["events"], "record": {}}',
        b'{"dataset": "users", "record": {}}',
        b'{"dataset": "events", "record": ' + b"[" * 4000 + b"]" * 4000 + b"}",
        b"\xff\xfe",
    ],
)
async def test_a_line_that_says_nothing_is_unreadable_for_every_dataset(odd):
    for dataset in (EVENTS, OPENS):
        found = await pages(line(1) + odd + b"\n" + line(2, "opens"), dataset)
        assert sum(page.unreadable for page in found) == 1
        assert [len(page.records) for page in found] == [1]


async def test_a_missing_upload_is_said_by_name():
    with pytest.raises(Permanent, match="upload_missing"):
        [page async for page in Upload(blobs=MemoryBlobs(), name="none").export(SERVICE, EVENTS, [])]
