"""One table, spoken to in our own errors. A table that is missing is made when something is first written to it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableEntity, UpdateMode

from shared.adapters.azure_clients import LeanTable
from shared.adapters.azure_failures import azure_failures, by_status, meaning
from shared.adapters.azure_tables_transactions import Entity, Operation
from shared.domain.errors import AlreadyThere, StaleState

MOST_ROWS = 100
_PAGE = 1000
_REFUSED = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}
_QUIET = {"response_preference": "return-no-content"}
_ANY_METHOD = frozenset({"GET", "POST", "PUT", "DELETE"})  # ETags make a repeated write harmless


def etag_of(row: TableEntity) -> str:
    """Return the ETag a row was read with."""
    return str(row.metadata["etag"])


class Refused(Exception):
    """A write was refused, and nothing of it is there. `status` is that of the first refused operation."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class AzureTable:
    """The calls we make, no more."""

    def __init__(self, lean: LeanTable) -> None:
        self._client = lean.client
        self._transactions = lean.transactions

    async def get(self, partition: str, row: str) -> TableEntity | None:
        """Read one row, None when it is not there."""
        try:
            return await self._client.get_entity(partition, row)
        except ResourceNotFoundError:
            return None
        except AzureError as error:
            raise meaning("table", error) from None

    async def query(
        self, text: str, parameters: Mapping[str, str], *, limit: int = _PAGE, select: Sequence[str] | None = None
    ) -> AsyncIterator[TableEntity]:
        """Yield rows, `limit` to a page."""
        found = self._client.query_entities(
            text,
            parameters=dict(parameters),
            results_per_page=min(limit, _PAGE),
            select=list(select) if select else None,
        )
        try:
            async for entity in found:
                yield entity
        except ResourceNotFoundError:
            return
        except AzureError as error:
            raise meaning("table", error) from None

    async def insert(self, entity: Entity) -> str:
        """Insert a row and return its ETag.

        Raises:
            AlreadyThere: a row with this key exists.
        """
        insert = partial(self._client.create_entity, entity, retry_on_methods=_ANY_METHOD, **_QUIET)
        try:
            told = await self._write(insert)
        except Refused:
            raise AlreadyThere from None
        return str(told["etag"])

    async def upsert(self, entity: Entity) -> None:
        """Write a row, whatever was there."""
        await self._write(partial(self._client.upsert_entity, entity, mode=UpdateMode.REPLACE))

    async def replace(self, entity: Entity, etag: str) -> str:
        """Replace a row that was read, and return its new ETag.

        Raises:
            StaleState: it changed, or is gone.
        """
        update = partial(self._client.update_entity, entity, mode=UpdateMode.REPLACE)
        try:
            told = await self._write(partial(update, etag=etag, match_condition=MatchConditions.IfNotModified))
        except Refused:
            raise StaleState from None
        return str(told["etag"])

    async def delete(self, partition: str, row: str) -> None:
        """Delete a row; one that is gone is no error."""
        with azure_failures("table"):
            await self._client.delete_entity(partition, row)

    async def transact(self, operations: Sequence[Operation]) -> None:
        """Do all operations on one partition, or none.

        Raises:
            Refused: a row is there that should not be (409), is not there (404), or changed (412).
        """
        with azure_failures("table"):
            outcome = await self._transactions.submit(operations)
            if outcome.table_missing:
                await self._make_table()
                outcome = await self._transactions.submit(operations)
        if outcome.status in _REFUSED:
            raise Refused(outcome.status)
        if outcome.status != HTTPStatus.ACCEPTED:
            raise by_status("table", outcome.status)

    async def _write(self, write: Callable[[], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
        try:
            try:
                return await write()
            except HttpResponseError as error:
                if not _table_is_missing(error):
                    raise
                await self._make_table()
                return await write()
        except HttpResponseError as error:
            if error.status_code in _REFUSED:
                raise Refused(error.status_code) from None
            raise meaning("table", error) from None
        except AzureError as error:
            raise meaning("table", error) from None

    async def _make_table(self) -> None:
        with suppress(ResourceExistsError):  # somebody else made it just now
            await self._client.create_table()


def _table_is_missing(error: HttpResponseError) -> bool:
    return error.status_code == HTTPStatus.NOT_FOUND and "TableNotFound" in str(error)  # it has no code on every call
