"""Payloads in Blob Storage: one container, and links by user-delegation SAS."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import batched
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobSasPermissions, UserDelegationKey, generate_blob_sas
from azure.storage.blob.aio import BlobServiceClient

from shared.adapters.azure_failures import azure_failures, meaning
from shared.domain.errors import NotFound, StaleState, Transient
from shared.domain.request import RequestId
from shared.ports.world import Clock

_DELETED_AT_ONCE = 256
_AT_ONCE = 1024 * 1024
_SKEW = timedelta(minutes=5)
_KEY_LIVES = timedelta(days=1)
_LONGEST_KEY = timedelta(days=7)  # the service's own bound on a user delegation key
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_FILE_NAME = 100


class AzureBlobs:
    """A container that is made by the first write."""

    def __init__(self, service: BlobServiceClient, container: str, clock: Clock) -> None:
        self._service = service
        self._container = service.get_container_client(container)
        self._clock = clock
        self._key: tuple[datetime, UserDelegationKey] | None = None
        self._key_lock = asyncio.Lock()

    async def put(self, name: str, data: bytes) -> None:
        """Write a whole blob."""
        if len(data) > _AT_ONCE:
            await self.stage(name, 0, data)
            return await self.commit(name, [0])
        blob = self._container.get_blob_client(name)
        await self._write(lambda: blob.upload_blob(data, overwrite=True, length=len(data)))
        return None

    async def stage(self, name: str, block: int, data: bytes) -> None:
        """Stage one block."""
        blob = self._container.get_blob_client(name)
        # a stream is sent piece by piece, with other work between
        await self._write(lambda: blob.stage_block(_block_id(block), io.BytesIO(data), length=len(data)))

    async def commit(self, name: str, blocks: Sequence[int]) -> None:
        """Make the blob of these blocks; the newest of each, staged or committed before."""
        try:
            await self._container.get_blob_client(name).commit_block_list(
                [BlobBlock(_block_id(block)) for block in blocks]
            )
        except HttpResponseError as error:
            if getattr(error, "error_code", None) in {"InvalidBlockList", "ContainerNotFound", "BlobNotFound"}:
                raise StaleState(name) from None
            raise meaning("blob", error) from None
        except AzureError as error:
            raise meaning("blob", error) from None

    async def read(self, name: str, offset: int, length: int) -> bytes:
        """Read a range; what lies behind the end is not there."""
        return b"".join([piece async for piece in self.stream(name, offset, length)])

    async def stream(self, name: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """Read a range in pieces."""
        blob = self._container.get_blob_client(name)
        try:
            if length == 0:
                await blob.get_blob_properties()
                return
            async for piece in (await blob.download_blob(offset, length)).chunks():
                yield piece
        except ResourceNotFoundError:
            raise NotFound(name) from None
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            raise meaning("blob", error) from None
        except AzureError as error:
            raise meaning("blob", error) from None

    async def size(self, name: str) -> int | None:
        """Return the committed blob's size."""
        try:
            return (await self._container.get_blob_client(name).get_blob_properties()).size
        except ResourceNotFoundError:
            return None
        except AzureError as error:
            raise meaning("blob", error) from None

    async def delete(self, names: Sequence[str]) -> None:
        """Delete blobs, as many to a call as the service takes; snapshots too, which an upload link can make."""
        for some in batched(dict.fromkeys(names), _DELETED_AT_ONCE, strict=False):
            try:
                answers = await self._container.delete_blobs(
                    *some, raise_on_any_failure=False, delete_snapshots="include"
                )
                statuses = [answer.status_code async for answer in answers]
            except ResourceNotFoundError:
                return
            except AzureError as error:
                raise meaning("blob", error) from None
            if not set(statuses) <= {HTTPStatus.ACCEPTED, HTTPStatus.NOT_FOUND}:
                raise Transient("blob_not_deleted")

    async def names(self, request_id: RequestId) -> Sequence[str]:
        """List a request's committed blobs."""
        try:
            return [name async for name in self._container.list_blob_names(name_starts_with=request_id)]
        except ResourceNotFoundError:
            return []
        except AzureError as error:
            raise meaning("blob", error) from None

    async def link(self, name: str, file_name: str, valid_for: timedelta) -> str:
        """Mint a read-only URL for https, never good for longer than the key that signs it."""
        shown_as = {"content_disposition": f'attachment; filename="{_safe(file_name)}"', "cache_control": "no-store"}
        return await self._signed(name, BlobSasPermissions(read=True), valid_for, **shown_as)

    async def upload_link(self, name: str, valid_for: timedelta) -> str:
        """Mint a URL for https that writes one blob; the container is there for it, made by this if need be."""
        await self._write(self._container.get_container_properties)
        return await self._signed(name, BlobSasPermissions(create=True, write=True), valid_for)

    async def _signed(self, name: str, permission: BlobSasPermissions, valid_for: timedelta, **shown_as: Any) -> str:
        now = self._clock()
        expiry = now + valid_for
        key_ends, key = await self._delegation_key(now, expiry)
        sas = generate_blob_sas(
            self._service.account_name or "",
            self._container.container_name,
            name,
            user_delegation_key=key,
            permission=permission,
            start=now - _SKEW,
            expiry=min(expiry, key_ends),
            protocol="https",
            **shown_as,
        )
        return f"{self._container.get_blob_client(name).url}?{sas}"

    async def _delegation_key(self, now: datetime, needed_until: datetime) -> tuple[datetime, UserDelegationKey]:
        async with self._key_lock:
            if self._key is None or self._key[0] < needed_until:
                ends = min(max(needed_until + _SKEW, now + _KEY_LIVES), now + _LONGEST_KEY - _SKEW)
                if ends < needed_until:
                    raise ValueError("a link lives no longer than the key that signs it: 7 days")
                with azure_failures("blob"):
                    key = await self._service.get_user_delegation_key(now - _SKEW, ends)
                self._key = (ends.astimezone(UTC).replace(microsecond=0), key)
            return self._key

    async def _write(self, write: Callable[[], Awaitable[object]]) -> None:
        with azure_failures("blob"):
            try:
                await write()
            except ResourceNotFoundError:
                with suppress(ResourceExistsError):
                    await self._container.create_container()
                await write()


def _block_id(block: int) -> str:
    return f"{block:06}"


def _safe(file_name: str) -> str:
    return _UNSAFE.sub("_", file_name).strip("._")[:_LONGEST_FILE_NAME] or "file"
