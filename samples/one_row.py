"""One row of the sample company's tables, read as it lies there and never through the service."""

import asyncio
from collections.abc import Mapping
from typing import Any

from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import TableClient

from samples.raw import ACCOUNT


async def read_row(told: Mapping[str, Any], table: str, partition: str, key: str) -> Mapping[str, Any]:
    """Read a row of the stack that `told` describes."""
    return await asyncio.to_thread(_read, told, table, partition, key)


def _read(told: Mapping[str, Any], table: str, partition: str, key: str) -> Mapping[str, Any]:
    with TableClient(
        f"https://127.0.0.1:{told['ports']['tables']}/{ACCOUNT}",
        table,
        credential=AzureNamedKeyCredential(ACCOUNT, told["storage_keys"][ACCOUNT]),
        connection_verify=told["ca_file"],
    ) as client:
        return client.get_entity(partition, key)
