"""Blobs of lines that many people share: one person's lines go, and every other byte stays where it was."""

import io
import json

import pytest
from azure.storage.blob import ContentSettings, StandardBlobTier
from places import ELSEWHERE, HERE, Asked, ByLine, dataset_of, identifier

from shared.connectors._blob_rewriting import BLOCK
from shared.domain.errors import DataMapInvalid, Permanent, StaleState, Transient

ANNA, BEN = identifier("anna@x.example"), identifier("ben@x.example")
NAME = "chat/1.jsonl"


def line(name="anna", number=1, tenant=HERE, **more):
    return json.dumps({"tenantId": tenant, "from": {"upn": f"{name}@x.example"}, "number": number, **more}).encode()


@pytest.fixture
async def place(azurite):
    made = ByLine(azurite)
    made.connector.check(made.service, made.dataset)
    await made.make()
    return made


async def keep(place, data, name=NAME, **options):
    return await place.container.upload_blob(name, io.BytesIO(data), overwrite=True, **options)


async def held(place, name=NAME):
    return await (await place.container.download_blob(name)).readall()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(line() + b"\n" + line("ben") + b"\n", line("ben") + b"\n", id="first"),
        pytest.param(line("ben") + b"\n" + line() + b"\n", line("ben") + b"\n", id="last"),
        pytest.param(line("ben") + b"\n" + line(), line("ben") + b"\n", id="last-without-end"),
        pytest.param(line() + b"\n" + line("ben"), line("ben"), id="others-without-end"),
        pytest.param(line() + b"\r\n" + line("ben") + b"\r\n", line("ben") + b"\r\n", id="crlf"),
        pytest.param(b"\n" + line() + b"\n\n \r\n" + line("ben"), b"\n\n \r\n" + line("ben"), id="blank-lines"),
        pytest.param(b"\xef\xbb\xbf" + line() + b"\n" + line("ben"), line("ben"), id="byte-order-mark"),
        pytest.param(
            b"{broken\n" + line() + b"\n\xff\xfe\n[1]\nnull\n", b"{broken\n\xff\xfe\n[1]\nnull\n", id="unreadable"
        ),
        pytest.param(line(), b"", id="nothing-else"),
        pytest.param(line() + b"\n", b"", id="nothing-else-ended"),
        pytest.param(
            line(tenant=ELSEWHERE) + b"\n" + line() + b"\n" + line("anna@x.example.evil"),
            line(tenant=ELSEWHERE) + b"\n" + line("anna@x.example.evil"),
            id="namesakes",
        ),
        pytest.param(
            b'{"a" : 1.0e0,  "b":"\\u00e9"}\n' + line() + b"\n\t{}\r\r\n",
            b'{"a" : 1.0e0,  "b":"\\u00e9"}\n\t{}\r\r\n',
            id="odd-spelling",
        ),
    ],
)
async def test_every_other_byte_stays(place, before, after):
    await keep(place, before)
    assert await place.count(ANNA) == 1
    assert await place.erase(ANNA) == 1
    assert await held(place) == after
    assert await place.count(ANNA) == 0


async def test_a_blob_larger_than_memory_should_hold_is_written_in_blocks(place):
    longest = b'"' + b"x" * (3 * 1024 * 1024) + b'"\n'
    others = b"".join(line("ben", number, note="x" * 4000) + b"\n" for number in range(1200))
    await keep(place, line() + b"\n" + longest + others + line() + b"\n" + others + line())
    steps = [(step.count, step.unreadable) async for step in place.erasing(ANNA)]
    assert steps == [(3, 1)]
    assert await held(place) == longest + others + others
    blocks, uncommitted = await place.container.get_blob_client(NAME).get_block_list("all")
    assert uncommitted == []
    assert len(blocks) > 1
    assert max(block.size for block in blocks) < 2 * BLOCK


async def test_what_a_blob_is_said_to_be_stays(place):
    headers = ContentSettings(
        content_type="application/x-ndjson",
        content_encoding="identity",
        content_language="nl",
        content_disposition="inline",
        cache_control="no-store",
    )
    kept = {"metadata": {"Writer": "chat"}, "tags": {"month": "2026-11"}, "standard_blob_tier": StandardBlobTier.COOL}
    await keep(place, line() + b"\n", content_settings=headers, **kept)
    blob = place.container.get_blob_client(NAME)
    before = await blob.get_blob_properties()
    assert await place.erase(ANNA) == 1
    after = await blob.get_blob_properties()
    assert after.size == 0
    assert after.etag != before.etag
    assert {**after.content_settings, "content_md5": None} == {**before.content_settings, "content_md5": None}
    assert (after.metadata, after.blob_tier, await blob.get_blob_tags()) == ({"Writer": "chat"}, "Cool", kept["tags"])


async def test_a_blob_without_their_lines_is_not_written(place):
    await keep(place, (line("ben", note="x" * 4000) + b"\n") * (BLOCK // 4000) + b"{broken\n")
    await keep(place, line() + b"\n", "chat/2.jsonl")
    blob = place.container.get_blob_client(NAME)
    before, asked = (await blob.get_blob_properties()).etag, Asked()
    steps = [(step.count, step.unreadable) async for step in place.erasing(ANNA, asked=asked)]
    assert steps == [(0, 1), (1, 0)]
    assert (await blob.get_blob_properties()).etag == before
    assert (await blob.get_block_list("uncommitted"))[1] == []
    assert asked.times == 1


async def test_unreadable_lines_are_told_and_not_counted(place):
    await keep(place, line() + b"\n{broken\n\xff\n")
    assert await place.count(ANNA) == 1
    assert [(step.count, step.unreadable) async for step in place.erasing(ANNA)] == [(1, 2)]
    assert await place.count(ANNA) == 0


async def test_what_is_written_meanwhile_is_kept_and_looked_through_again(place):
    await keep(place, line() + b"\n" + line("ben") + b"\n")

    async def others_write(times):
        if times == 1:
            await keep(place, line("ben") + b"\n" + line(number=2) + b"\n" + line("cleo") + b"\n")

    asked = Asked(others_write)
    assert await place.erase(ANNA, asked=asked) == 1
    assert asked.times == 2
    assert await held(place) == line("ben") + b"\n" + line("cleo") + b"\n"


async def test_a_blob_that_never_rests_is_left_for_later(place):
    await keep(place, line())

    async def others_write(times):
        await keep(place, line() + b"\n" + line("ben", times))

    with pytest.raises(Transient, match="changed_meanwhile"):
        await place.erase(ANNA, asked=Asked(others_write))
    assert await held(place) == line() + b"\n" + line("ben", 5)


async def test_a_blob_that_is_deleted_meanwhile_stays_deleted(place):
    await keep(place, line())

    async def others_delete(_):
        await place.container.delete_blob(NAME)

    assert await place.erase(ANNA, asked=Asked(others_delete)) == 0
    assert await place.dump() == []


async def test_two_people_leave_the_same_blob_at_once(place):
    await keep(place, line() + b"\n" + line("ben") + b"\n" + line("cleo") + b"\n")

    async def ben_first(times):
        if times == 1:
            assert await place.erase(BEN, connector=place.again()) == 1

    assert await place.erase(ANNA, asked=Asked(ben_first)) == 1
    assert await held(place) == line("cleo") + b"\n"


async def test_where_a_request_was_stopped_nothing_of_a_blob_is_committed(place):
    before = line() + b"\n" + line("ben")
    await keep(place, before)
    blob = place.container.get_blob_client(NAME)
    etag = (await blob.get_blob_properties()).etag

    async def no(_):
        raise StaleState("stopped")

    with pytest.raises(StaleState):
        await place.erase(ANNA, asked=Asked(no))
    assert await held(place) == before
    assert (await blob.get_blob_properties()).etag == etag
    assert await place.erase(ANNA) == 1
    assert await held(place) == line("ben")


async def test_an_append_blob_cannot_be_rewritten_and_is_left_for_a_person(place):
    blob = place.container.get_blob_client(NAME)
    await blob.create_append_blob()
    await blob.append_block(line() + b"\n" + line("ben") + b"\n")
    assert await place.erase(identifier("nobody@x.example")) == 0
    assert await place.count(ANNA) == 1
    with pytest.raises(Permanent, match="append_blob"):
        await place.erase(ANNA)
    assert await held(place) == line() + b"\n" + line("ben") + b"\n"


async def test_an_anonymised_line_stays_in_its_place_with_its_end(place):
    fields = [{"name": "number", "category": "user", "anonymise": "keep"}, {"name": "from.upn", "category": "user"}]
    dataset = dataset_of(place.settings(), place.dataset.found_by, fields)
    await keep(place, line("ben") + b"\r\n" + line(number=7, note="hers") + b"\r\n" + line("cleo") + b"\n" + line())
    assert await place.erase(ANNA, action="anonymise", dataset=dataset) == 2
    anonymised = [b'{"number": 7}', b'{"number": 1}']
    assert await held(place) == b"".join(
        [line("ben"), b"\r\n", anonymised[0], b"\r\n", line("cleo"), b"\n", anonymised[1]]
    )
    assert await place.count(ANNA) == 0


@pytest.mark.parametrize(
    ("ways", "fields", "told"),
    [
        pytest.param(
            [{"identifier": "upn", "how": "line", "at": {"prefix": "{tenant}/{value}/", "path": "upn"}}],
            [{"name": "number", "category": "user"}],
            "name says whose",
            id="named-after-them",
        ),
        pytest.param(
            [{"identifier": "upn", "how": "line", "at": {"prefix": "a/", "path": "from.upn"}}],
            [{"name": "from", "category": "user", "anonymise": "keep"}],
            "finds by a field that anonymising keeps",
            id="kept",
        ),
        pytest.param(
            [{"identifier": "upn", "how": "json", "at": {"name": "{tenant}/{value}.json"}}],
            [{"name": "number", "category": "user"}],
            "name says whose",
            id="document",
        ),
        pytest.param(
            [{"identifier": "upn", "how": "prefix", "at": {"prefix": "{tenant}/{value}/"}}],
            [{"name": "number", "category": "user"}],
            "a file cannot be anonymised",
            id="file",
        ),
    ],
)
def test_what_would_be_found_again_is_not_anonymised(azurite, ways, fields, told):
    made = ByLine(azurite)
    dataset = dataset_of(made.settings(), ways, fields)
    made.connector.check(made.service, dataset)
    erasing = dataset.model_copy(update={"erasure": dataset.erasure.model_copy(update={"action": "anonymise"})})
    with pytest.raises(DataMapInvalid, match=told):
        made.connector.check(made.service, erasing)
