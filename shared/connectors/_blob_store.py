"""Reading one container: ranges of a blob, and whole blobs handed over as files."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from shared.connectors._blob_listing import Item
from shared.connectors._failures import azure_failures
from shared.ports.connector import File

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

RANGE = 4 * 1024 * 1024
BYTES = "application/octet-stream"
SAFE_MEDIA_TYPES = frozenset(
    {
        "application/json",
        "application/msword",
        "application/pdf",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "message/rfc822",
        "text/csv",
        "text/plain",
        "video/mp4",
        "video/webm",
    }
)


async def read_range(
    container: "ContainerClient", name: str, offset: int, length: int, etag: str | None = None
) -> bytes:
    """Read a part of a blob; with `etag`, of that very version.

    Raises:
        Transient: may pass; `gone_meanwhile` and `changed_meanwhile` ask for a new listing.
        Permanent: will not pass.
    """
    from azure.core import MatchConditions

    pinned: dict[str, Any] = {"etag": etag, "match_condition": MatchConditions.IfNotModified} if etag else {}
    with azure_failures():
        download = await container.get_blob_client(name).download_blob(offset=offset, length=length, **pinned)
        data: bytes = await download.readall()
    return data


def file_of(container: "ContainerClient", item: Item) -> File:
    """Hand over a blob as it is listed now: one that changes before it was read fails, and is listed again."""

    async def read() -> AsyncIterator[bytes]:
        for offset in range(0, item.size, RANGE):
            yield await read_range(container, item.name, offset, min(RANGE, item.size - offset), item.etag)

    return File(name=item.name, size=item.size, media_type=_safe(item.media_type), open=read)


def _safe(media_type: str | None) -> str:
    essence = (media_type or "").partition(";")[0].strip().lower()
    return essence if essence in SAFE_MEDIA_TYPES else BYTES
