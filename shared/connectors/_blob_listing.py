"""Listing one container: by the beginning of names, or by index tags."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from azure.core.exceptions import ResourceNotFoundError

from shared.connectors._failures import azure_failures

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties
    from azure.storage.blob.aio import ContainerClient

_ASKED_AFTER_AT_ONCE = 50  # found by tag, then asked for one by one

type Listed = tuple[Sequence[Item], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is known of a blob before it is read. `metadata` has its names in lower case and its values decoded."""

    name: str
    size: int
    media_type: str | None
    etag: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


async def in_folder(
    container: "ContainerClient", prefix: str, token: str | None, *, tags: bool = False
) -> AsyncIterator[Listed]:
    """Yield pages of the blobs whose names begin so, each with the token of the next.

    `tags` brings index tags along, which is a permission of its own.
    """
    include = ["metadata", "tags"] if tags else ["metadata"]
    pages = container.list_blobs(name_starts_with=prefix, include=include).by_page(token)
    while True:
        with azure_failures():
            page = await anext(pages, None)
            if page is None:
                return
            items = [_item(blob, blob.tags or {}) async for blob in page]
        yield items, pages.continuation_token or None  # type: ignore[attr-defined]  # the pager's, which has no type


async def with_tags(container: "ContainerClient", asked: Mapping[str, str], token: str | None) -> AsyncIterator[Listed]:
    """Yield pages of the blobs that carry all these index tags; the index may still name some that are gone."""
    pages = container.find_blobs_by_tags(_expression(asked), results_per_page=_ASKED_AFTER_AT_ONCE).by_page(token)
    while True:
        with azure_failures():
            page = await anext(pages, None)
            if page is None:
                return
            items = []
            async for found in page:
                blob = container.get_blob_client(found.name)
                with suppress(ResourceNotFoundError):
                    items.append(_item(await blob.get_blob_properties(), await blob.get_blob_tags()))
        yield items, pages.continuation_token or None  # type: ignore[attr-defined]


def starting_at(items: Sequence[Item], name: str) -> list[Item]:
    """Return the items from this name on; when it is gone, those that sort after it."""
    names = [item.name for item in items]
    if name in names:
        return list(items[names.index(name) :])
    return [item for item in items if item.name > name]


def _expression(asked: Mapping[str, str]) -> str:
    """Quote: tag names and values hold no quotes of their own, which the callers see to."""
    return " AND ".join(f"\"{name}\" = '{value}'" for name, value in asked.items())


def _item(blob: "BlobProperties", tags: Mapping[str, str]) -> Item:
    return Item(
        name=blob.name,
        size=blob.size,
        media_type=blob.content_settings.content_type,
        etag=f'"{blob.etag.strip('"')}"',  # a listing leaves the quotes out that a condition asks for
        metadata={name.lower(): unquote(value) for name, value in (blob.metadata or {}).items()},
        tags=tags,
    )
