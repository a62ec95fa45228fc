"""Deleting a blob as it was read or listed: logically, with the snapshots that hang on it."""

from typing import TYPE_CHECKING

from shared.connectors._failures import azure_failures
from shared.domain.errors import Transient

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient


async def remove(container: "ContainerClient", name: str, etag: str) -> bool:
    """Delete a blob; False where it is gone already.

    Raises:
        Transient: `changed_meanwhile`, it is another by now; and what else may pass.
        Permanent: will not pass.
    """
    from azure.core import MatchConditions

    try:
        with azure_failures():
            await container.get_blob_client(name).delete_blob(
                delete_snapshots="include", etag=etag, match_condition=MatchConditions.IfNotModified
            )
    except Transient as failure:
        if failure.code == "gone_meanwhile":
            return False
        raise
    return True
