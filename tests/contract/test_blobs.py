"""The contract of Blobs, over memory and Blob Storage."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from shared.adapters.azure_blobs import AzureBlobs
from shared.adapters.memory_blobs import MemoryBlobs
from shared.domain.errors import NotFound, StaleState, Transient
from shared.domain.request import RequestId

ONE, TWO = RequestId("00000000-0000-4000-8000-000000000001"), RequestId("00000000-0000-4000-8000-000000000002")
NAME = f"{ONE}/fragments/0.a-1"


def now():
    return datetime.now(UTC)


@pytest.fixture
def real(azurite, clients):
    return AzureBlobs(clients.blobs(azurite.url("blobs", "spinexports")), f"c{uuid4().hex}", now)


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def blobs(request):
    return MemoryBlobs() if request.param == "memory" else request.getfixturevalue("real")


async def test_a_blob_is_read_back_whole_and_in_ranges(blobs):
    await blobs.put(NAME, b"0123456789")
    assert await blobs.size(NAME) == 10
    assert await blobs.read(NAME, 0, 10) == b"0123456789"
    assert await blobs.read(NAME, 3, 4) == b"3456"
    assert await blobs.read(NAME, 8, 100) == b"89"
    assert await blobs.read(NAME, 10, 5) == b""
    assert await blobs.read(NAME, 2, 0) == b""
    assert b"".join([piece async for piece in blobs.stream(NAME, 1, 8)]) == b"12345678"


async def test_putting_again_replaces_what_was_there(blobs):
    await blobs.put(NAME, b"first, longer")
    await blobs.put(NAME, b"second")
    assert await blobs.read(NAME, 0, 100) == b"second"
    await blobs.put(NAME, b"")
    assert await blobs.size(NAME) == 0


async def test_what_is_not_there_is_not_found(blobs):
    assert await blobs.size(NAME) is None
    for length in (0, 5):
        with pytest.raises(NotFound):
            await blobs.read(NAME, 0, length)
    with pytest.raises(NotFound):
        [piece async for piece in blobs.stream(NAME, 0, 5)]
    assert list(await blobs.names(ONE)) == []
    await blobs.delete([NAME])


async def test_blocks_make_a_blob_in_the_order_of_the_commit(blobs):
    await blobs.stage(NAME, 11, b"c")
    await blobs.stage(NAME, 2, b"wrong")
    await blobs.stage(NAME, 2, b"b")
    await blobs.stage(NAME, 0, b"a")
    await blobs.stage(NAME, 7, b"never")
    assert await blobs.size(NAME) is None
    assert list(await blobs.names(ONE)) == []
    await blobs.commit(NAME, [0, 2, 11])
    assert await blobs.read(NAME, 0, 100) == b"abc"


async def test_committing_the_same_blocks_again_changes_nothing(blobs):
    await blobs.stage(NAME, 0, b"a")
    await blobs.stage(NAME, 1, b"b")
    await blobs.commit(NAME, [0, 1])
    await blobs.commit(NAME, [0, 1])
    assert await blobs.read(NAME, 0, 100) == b"ab"


async def test_a_commit_with_a_missing_block_is_stale_and_changes_nothing(blobs):
    with pytest.raises(StaleState):
        await blobs.commit(NAME, [0])
    await blobs.stage(NAME, 0, b"a")
    with pytest.raises(StaleState):
        await blobs.commit(NAME, [0, 1])
    assert await blobs.size(NAME) is None
    await blobs.commit(NAME, [0])
    await blobs.stage(NAME, 1, b"b")
    with pytest.raises(StaleState):
        await blobs.commit(NAME, [1, 2])
    assert await blobs.read(NAME, 0, 100) == b"a"


async def test_blocks_left_over_are_gone_after_a_commit(blobs):
    await blobs.stage(NAME, 0, b"a")
    await blobs.stage(NAME, 1, b"left")
    await blobs.commit(NAME, [0])
    with pytest.raises(StaleState):
        await blobs.commit(NAME, [0, 1])


async def test_a_requests_blobs_are_named_and_no_others(blobs):
    for name in (f"{ONE}/b", f"{ONE}/a b#c?é%2F", f"{TWO}/a"):
        await blobs.put(name, b"x")
    assert sorted(await blobs.names(ONE)) == [f"{ONE}/a b#c?é%2F", f"{ONE}/b"]
    assert await blobs.read(f"{ONE}/a b#c?é%2F", 0, 1) == b"x"


async def test_deleting_takes_many_and_those_that_are_gone(blobs):
    names = [f"{ONE}/{number}" for number in range(5)]
    for name in names[:4]:
        await blobs.put(name, b"x")
    await blobs.put(f"{TWO}/kept", b"x")
    await blobs.delete([*names, names[0]])
    await blobs.delete([])
    assert list(await blobs.names(ONE)) == []
    assert await blobs.size(f"{TWO}/kept") == 1


async def test_a_link_names_one_blob_read_only_and_its_file(blobs):
    await blobs.put(NAME, b"x")
    link = urlsplit(await blobs.link(NAME, "export.zip", timedelta(minutes=5)))
    asked = parse_qs(link.query)
    assert link.path.endswith(f"/{NAME}")
    assert asked["sp"] == ["r"]
    assert asked["rscd"] == ['attachment; filename="export.zip"']


@pytest.mark.stack
async def test_a_long_blob_streams_in_bounded_pieces(real):
    data = bytes(range(256)) * 40_000
    await real.put(NAME, data)
    pieces = [piece async for piece in real.stream(NAME, 1000, 10_000_000)]
    assert b"".join(pieces) == data[1000:10_001_000]
    assert max(len(piece) for piece in pieces) <= 4 * 1024 * 1024


async def fetched(azurite, url, method="GET", data=None):
    headers = {"x-ms-blob-type": "BlockBlob"} if data is not None else {}
    async with azurite.session.request(method, url, data=data, headers=headers) as answer:
        return answer.status, dict(answer.headers), await answer.read()


@pytest.mark.stack
async def test_a_link_downloads_and_does_nothing_else(azurite, real):
    await real.put(NAME, b"package")
    await real.put(f"{TWO}/other", b"other")
    link = await real.link(NAME, 'naïve "export"\r\nX: y.zip', timedelta(minutes=5))
    status, headers, body = await fetched(azurite, link)
    assert (status, body) == (200, b"package")
    assert headers["Content-Disposition"] == 'attachment; filename="na_ve_export_X_y.zip"'
    assert headers["Cache-Control"] == "no-store"
    assert (await fetched(azurite, link, "DELETE"))[0] == 403
    assert (await fetched(azurite, link.replace(NAME, f"{TWO}/other")))[0] == 403


async def test_an_upload_link_names_one_blob_to_write(blobs):
    link = urlsplit(await blobs.upload_link(NAME, timedelta(minutes=5)))
    assert link.scheme == "https"
    assert link.path.endswith(f"/{NAME}")
    assert parse_qs(link.query)["sp"] == ["cw"]
    assert await blobs.size(NAME) is None


@pytest.mark.stack
async def test_an_upload_link_writes_its_blob_and_does_nothing_else(azurite, real):
    await real.put(f"{TWO}/other", b"other")
    link = await real.upload_link(NAME, timedelta(minutes=5))
    elsewhere = link.replace(NAME, f"{TWO}/other")
    folder = link.replace(f"/{NAME}?", "?restype=container&comp=list&")
    for data in (b"first, longer", b"second"):
        assert (await fetched(azurite, link, "PUT", data))[0] == 201
        assert await real.read(NAME, 0, 100) == data
    for url, method in ((link, "GET"), (link, "HEAD"), (link, "DELETE"), (elsewhere, "PUT"), (folder, "GET")):
        assert (await fetched(azurite, url, method, b"x" if method == "PUT" else None))[0] == 403, (url, method)
    assert await real.read(NAME, 0, 100) == b"second"
    assert await real.read(f"{TWO}/other", 0, 100) == b"other"


@pytest.mark.stack
async def test_what_was_made_by_an_upload_link_is_deleted_with_its_snapshots(azurite, real):
    link = await real.upload_link(NAME, timedelta(minutes=5))
    assert (await fetched(azurite, link, "PUT", b"x"))[0] == 201
    assert (await fetched(azurite, link.replace("?", "?comp=snapshot&"), "PUT"))[0] == 201
    assert len([one async for one in real._container.list_blobs(include=["snapshots"])]) == 2
    await real.delete([NAME])
    assert [one async for one in real._container.list_blobs(include=["snapshots", "deleted"])] == []


@pytest.mark.stack
async def test_an_upload_link_ends_after_minutes_and_works_before_any_blob_is_there(azurite, real):
    link = await real.upload_link(NAME, timedelta(minutes=5))
    asked = parse_qs(urlsplit(link).query)
    assert timedelta(minutes=9) < datetime.fromisoformat(asked["se"][0]) - datetime.fromisoformat(asked["st"][0])
    assert datetime.fromisoformat(asked["se"][0]) < now() + timedelta(minutes=6)
    assert asked["spr"] == ["https"]
    assert (await fetched(azurite, link, "PUT", b"x"))[0] == 201
    late = AzureBlobs(real._service, real._container.container_name, lambda: now() - timedelta(hours=2))
    ended = await late.upload_link(f"{ONE}/late", timedelta(minutes=5))
    assert (await fetched(azurite, ended, "PUT", b"x"))[0] == 403
    assert await real.size(f"{ONE}/late") is None


@pytest.mark.stack
async def test_a_link_is_good_from_before_now_until_it_ends(azurite, clients, real):
    await real.put(NAME, b"x")
    asked = parse_qs(urlsplit(await real.link(NAME, "x.zip", timedelta(minutes=5))).query)
    start, end, key_end = (datetime.fromisoformat(asked[name][0]) for name in ("st", "se", "ske"))
    assert timedelta(minutes=9) < end - start < timedelta(minutes=11)
    assert end <= key_end
    assert asked["spr"] == ["https"]
    late = AzureBlobs(real._service, real._container.container_name, lambda: now() - timedelta(hours=2))
    assert (await fetched(azurite, await late.link(NAME, "x.zip", timedelta(minutes=5))))[0] == 403


@pytest.mark.stack
async def test_a_link_never_outlives_its_key_and_the_key_is_renewed_in_time(azurite, real):
    hand = [now()]
    blobs = AzureBlobs(real._service, real._container.container_name, lambda: hand[0])
    await blobs.put(NAME, b"x")

    async def key_and_link_end(valid_for):
        asked = parse_qs(urlsplit(await blobs.link(NAME, "x.zip", valid_for)).query)
        return [datetime.fromisoformat(asked[name][0]) for name in ("ske", "se")]

    first, _ = await key_and_link_end(timedelta(minutes=5))
    assert (await key_and_link_end(timedelta(minutes=5)))[0] == first
    key_end, end = await key_and_link_end(timedelta(days=6))
    assert first < end <= key_end <= hand[0] + timedelta(days=7)
    with pytest.raises(ValueError, match="7 days"):
        await blobs.link(NAME, "x.zip", timedelta(days=7))


@pytest.mark.stack
async def test_a_dead_storage_is_transient(clients):
    blobs = AzureBlobs(clients.blobs("https://127.0.0.1:9/spinexports"), "c", now)
    with pytest.raises(Transient) as failed:
        await blobs.link(NAME, "x", timedelta(minutes=1))
    assert failed.value.code == "blob_unreachable"
