"""Turns in an Azure table: PartitionKey is the person's reference, and there is one row, whoever inserts it first."""

from contextlib import suppress

from shared.adapters.azure_table import AzureTable, Refused, etag_of
from shared.adapters.azure_tables_transactions import Operation
from shared.domain.errors import AlreadyThere, StaleState
from shared.domain.request import RequestId

_TURN = "turn"
_TRIES = 3


class AzureTablesTurns:
    """Who has whose turn."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def take(self, subject_ref: str, request_id: RequestId) -> RequestId:
        """Take a turn."""
        for _ in range(_TRIES):
            try:
                await self._table.insert({"PartitionKey": subject_ref, "RowKey": _TURN, "request": request_id})
            except AlreadyThere:
                row = await self._table.get(subject_ref, _TURN)
                if row is not None:
                    return RequestId(row["request"])
            else:
                return request_id
        raise StaleState(request_id)

    async def leave(self, subject_ref: str, request_id: RequestId) -> None:
        """Give a turn back."""
        row = await self._table.get(subject_ref, _TURN)
        if row is None or row["request"] != request_id:
            return
        with suppress(Refused):  # somebody else took it over just now
            keys = {"PartitionKey": subject_ref, "RowKey": _TURN}
            await self._table.transact([Operation("delete", keys, etag_of(row))])
