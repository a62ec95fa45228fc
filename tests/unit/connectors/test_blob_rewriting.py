"""Writing a blob anew: what is staged when, and what a failed commit means."""

from types import SimpleNamespace

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContentSettings

from shared.connectors._blob_rewriting import BLOCK, begin
from shared.domain.errors import Permanent, Transient


class Blob:
    """Keeps what it is given, until it fails."""

    def __init__(self, *, blob_type="BlockBlob", tags=0, refused=None, tier="Hot"):
        self.properties = SimpleNamespace(
            blob_type=blob_type,
            etag="e",
            metadata={"a": "b"},
            content_settings=ContentSettings(content_type="text/plain", content_md5=bytearray(b"old")),
            tag_count=tags,
            blob_tier=tier,
            blob_tier_inferred=False,
        )
        self.refused = refused
        self.staged = {}

    async def get_blob_properties(self):
        return self.properties

    async def get_blob_tags(self):
        if not self.properties.tag_count:
            raise HttpResponseError("reading tags is a right of its own")
        return {"month": "11"}

    async def stage_block(self, name, data, length):
        self.staged[name] = data.read()

    async def commit_block_list(self, blocks, headers, metadata, **options):
        if self.refused:
            failure = HttpResponseError("no")
            failure.status_code, failure.error_code = self.refused
            raise failure
        self.committed = b"".join(self.staged[block.id] for block in blocks)
        self.headers, self.metadata, self.options = headers, metadata, options


async def test_blocks_are_staged_as_they_fill_and_committed_in_order():
    blob = Blob()
    _, rewriting = await begin(blob)
    await rewriting.add(b"a" * (BLOCK - 1))
    assert blob.staged == {}
    await rewriting.add(b"bb")
    assert [len(one) for one in blob.staged.values()] == [BLOCK + 1]
    await rewriting.add(b"c")
    await rewriting.commit()
    assert blob.committed == b"a" * (BLOCK - 1) + b"bbc"
    assert len({len(name) for name in blob.staged}) == 1
    assert (blob.headers.content_type, blob.headers.content_md5, blob.metadata) == ("text/plain", None, {"a": "b"})
    assert (blob.options["etag"], blob.options["tags"]) == ("e", None)


async def test_two_attempts_share_no_name_of_a_block():
    blob = Blob()
    for text in (b"one", b"two"):
        _, rewriting = await begin(blob)
        await rewriting.add(text)
        await rewriting.commit()
        assert blob.committed == text
    assert len(blob.staged) == 2


@pytest.mark.parametrize(("tier", "asked"), [("Cool", "Cool"), ("Premium", None), (None, None)])
async def test_tags_and_tier_are_asked_for_again(tier, asked):
    blob = Blob(tags=1, tier=tier)
    _, rewriting = await begin(blob)
    await rewriting.commit()
    assert blob.options["tags"] == {"month": "11"}
    assert blob.options["standard_blob_tier"] == asked
    assert blob.committed == b""


@pytest.mark.parametrize(
    ("refused", "failure", "told"),
    [
        ((400, "InvalidBlockList"), Transient, "changed_meanwhile"),
        ((412, "ConditionNotMet"), Transient, "changed_meanwhile"),
        ((404, "BlobNotFound"), Transient, "gone_meanwhile"),
        ((409, "BlobImmutableDueToPolicy"), Permanent, "refused_409"),
    ],
)
async def test_a_refused_commit_is_told_for_what_it_is(refused, failure, told):
    _, rewriting = await begin(Blob(refused=refused))
    with pytest.raises(failure, match=told):
        await rewriting.commit()


@pytest.mark.parametrize(("kind", "told"), [("AppendBlob", "append_blob"), ("PageBlob", "page_blob")])
async def test_what_is_not_made_of_blocks_is_left_alone(kind, told):
    with pytest.raises(Permanent, match=told):
        await begin(Blob(blob_type=kind))
