"""The clients that connectors work with; the wiring builds, shares and closes them."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.blob.aio import BlobServiceClient


class Stores(Protocol):
    """Clients by the `store` that a service names in its settings; a connector never closes one."""

    def tables(self, store: str) -> "TableServiceClient":
        """Return the client of this store's tables.

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
