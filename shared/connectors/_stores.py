"""The clients that connectors work with; the wiring builds, shares and closes them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.blob.aio import BlobServiceClient
    from sqlalchemy.ext.asyncio import AsyncEngine

    from shared.ports.egress import Egress
    from shared.use_cases.own_records import OwnRecords

type Write = tuple[Literal["replace", "merge", "delete"], dict[str, Any], str]
"""What to do, to which row, under which ETag."""


class Transactions(Protocol):
    """Entity-group transactions on one table, with no more work for each row than writing its line."""

    async def submit(self, operations: Sequence[Write], /) -> tuple[int, bool]:
        """Write up to a hundred rows of one partition, all or none.

        Returns the status of the first write that was refused, 202 when none was; and whether the table is missing.

        Raises:
            AzureError: there was no answer.
        """
        ...


class Stores(Protocol):
    """Clients by the `store` that a service names in its settings; a connector never closes one."""

    def tables(self, store: str) -> "TableServiceClient":
        """Return the client of this store's tables.

        Raises:
            Permanent: `store_unknown`, no address is set for it.
        """
        ...

    def transactions(self, store: str, table: str) -> Transactions:
        """Return the writer of one of this store's tables.

        Raises:
            Permanent: `store_unknown`, no address is set for it.
        """
        ...

    def blobs(self, store: str) -> "BlobServiceClient":
        """Return the client of this store's blobs.

        Raises:
            Permanent: `store_unknown`, no address is set for it.
        """
        ...

    def sql(self, store: str) -> "AsyncEngine":
        """Return the engine of this SQL database.

        Raises:
            Permanent: `store_unknown`, no address is set for it, or `store_unusable`, it is not one we can work with.
        """
        ...

    def own(self) -> "OwnRecords":
        """Return what this service keeps of people itself."""
        ...

    def egress(self) -> "Egress":
        """Return the way out to systems that are not ours."""
        ...
