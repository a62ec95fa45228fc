"""Finding blobs by index tags, where the index lags behind."""

from types import SimpleNamespace

from azure.core.exceptions import ResourceNotFoundError

from shared.connectors._blob_listing import with_tags


class Container:
    """Two blobs in its index, of which one is there."""

    continuation_token = None

    def __init__(self):
        self.pages = iter([["gone", "there"]])

    def find_blobs_by_tags(self, expression, results_per_page):
        assert expression == "\"caller\" = 'c-1'"
        return self

    def by_page(self, token):
        return self

    def __aiter__(self):
        return self

    async def __anext__(self):
        for page in self.pages:
            return self.found(page)
        raise StopAsyncIteration

    async def found(self, page):
        for name in page:
            yield SimpleNamespace(name=name)

    def get_blob_client(self, name):
        return Blob(name)


class Blob:
    def __init__(self, name):
        self.name = name

    async def get_blob_properties(self):
        if self.name == "gone":
            raise ResourceNotFoundError("gone")
        settings = SimpleNamespace(content_type=None)
        return SimpleNamespace(name=self.name, size=1, content_settings=settings, etag="e", metadata=None)

    async def get_blob_tags(self):
        return {"caller": "c-1"}


async def test_a_blob_that_the_index_still_names_and_that_is_gone_is_left_out():
    (page,) = [items async for items, _ in with_tags(Container(), {"caller": "c-1"}, None)]
    assert [(item.name, item.tags) for item in page] == [("there", {"caller": "c-1"})]
