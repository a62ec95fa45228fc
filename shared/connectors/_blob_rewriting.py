"""Writing a blob anew under the ETag it was read with, in blocks: no more than one of them is held in memory."""

import io
import secrets
from typing import TYPE_CHECKING

from azure.core.exceptions import HttpResponseError

from shared.connectors._failures import azure_failures
from shared.domain.errors import Permanent, Transient

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties
    from azure.storage.blob.aio import BlobClient

BLOCK = 4 * 1024 * 1024


class Rewriting:
    """One attempt. Before its commit nobody sees anything of it; what it staged is dropped by the service.

    Its blocks have names of their own: another attempt on the same blob takes none of them.
    """

    def __init__(self, blob: "BlobClient", read: "BlobProperties") -> None:
        self._blob = blob
        self._read = read
        self._attempt = secrets.token_hex(8)
        self._waiting = bytearray()
        self._staged: list[str] = []

    async def add(self, data: bytes) -> None:
        """Append to what is written."""
        self._waiting += data
        if len(self._waiting) >= BLOCK:
            await self._stage()

    async def commit(self) -> None:
        """Put what was added in the place of what was read: its type, headers, metadata, tags and tier stay.

        Raises:
            Transient: `changed_meanwhile`, the blob is another by now; `gone_meanwhile`; and what else may pass.
        """
        from azure.core import MatchConditions
        from azure.storage.blob import BlobBlock, ContentSettings, StandardBlobTier

        if self._waiting:
            await self._stage()
        before = self._read.content_settings
        tiers = {} if self._read.blob_tier_inferred else {tier.value: tier for tier in StandardBlobTier}
        headers = ContentSettings(
            content_type=before.content_type,
            content_encoding=before.content_encoding,
            content_language=before.content_language,
            content_disposition=before.content_disposition,
            cache_control=before.cache_control,
        )
        with azure_failures():
            tags = await self._blob.get_blob_tags() if self._read.tag_count else None
            try:
                await self._blob.commit_block_list(
                    [BlobBlock(name) for name in self._staged],
                    headers,
                    self._read.metadata,
                    tags=tags,
                    standard_blob_tier=tiers.get(self._read.blob_tier or ""),
                    etag=self._read.etag,
                    match_condition=MatchConditions.IfNotModified,
                )
            except HttpResponseError as error:
                if getattr(error, "error_code", None) == "InvalidBlockList":  # another's commit has dropped ours
                    raise Transient("changed_meanwhile") from None
                raise

    async def _stage(self) -> None:
        name = f"{self._attempt}{len(self._staged):06}"
        data = bytes(self._waiting)
        with azure_failures():  # a stream is sent piece by piece, with other work between
            await self._blob.stage_block(name, io.BytesIO(data), length=len(data))
        self._staged.append(name)
        self._waiting.clear()


async def begin(blob: "BlobClient") -> tuple["BlobProperties", Rewriting]:
    """Begin an attempt on the blob as it is now.

    Raises:
        Permanent: `append_blob`, blocks can only be added to it; `page_blob`.
        Transient: `gone_meanwhile`, and what else may pass.
    """
    with azure_failures():
        read = await blob.get_blob_properties()
    if read.blob_type != "BlockBlob":
        raise Permanent("append_blob" if read.blob_type == "AppendBlob" else "page_blob")
    return read, Rewriting(blob, read)
