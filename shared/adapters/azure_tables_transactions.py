"""Entity-group transactions, written and read by hand: the SDK's way through MIME objects costs five times the CPU.

https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from azure.core import AsyncPipelineClient
from azure.core.rest import AsyncHttpResponse, HttpRequest

type Entity = dict[str, Any]
type Verb = Literal["insert", "put", "replace", "merge", "delete"]

_BATCH, _CHANGES = "batch_move", "changeset_move"  # bodies are JSON in ASCII: no line of theirs begins like a boundary
_HEADERS = {
    "x-ms-version": "2019-02-02",
    "DataServiceVersion": "3.0",
    "MaxDataServiceVersion": "3.0;NetFx",
    "Content-Type": f"multipart/mixed; boundary={_BATCH}",
    "Accept": "application/json",
}
_BEGIN = f"--{_BATCH}\r\nContent-Type: multipart/mixed; boundary={_CHANGES}\r\n\r\n"
_PART = f"--{_CHANGES}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
_END = f"--{_CHANGES}--\r\n--{_BATCH}--\r\n"
_OWN = "Accept: application/json\r\nPrefer: return-no-content\r\nDataServiceVersion: 3.0\r\n"
_STATUS = re.compile(rb"^HTTP/1\.1 (\d{3}) ", re.MULTILINE)
_ACCEPTED = 202
_FAILED = 300
_UNCLEAR = 500


class Operation(NamedTuple):
    """One write: `insert` a new row, `put` one over whatever is there, `replace` or `delete` one that was read.

    `merge` sets the properties it names in one that was read, and leaves all others.
    """

    verb: Verb
    row: Entity
    etag: str = ""


class Outcome(NamedTuple):
    """What became of a transaction: the status of the first operation that failed, or of all; `table_missing`."""

    status: int
    table_missing: bool


class Transactions:
    """Submits transactions on one table."""

    def __init__(self, client: "AsyncPipelineClient[HttpRequest, AsyncHttpResponse]", url: str, table: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._table = table

    async def submit(self, operations: Sequence[tuple[Verb, Entity, str]], /) -> Outcome:
        """Submit operations on one partition.

        Raises:
            AzureError: there was no answer.
        """
        parts = "".join(_PART + self._request(operation) for operation in operations)
        request = HttpRequest(
            "POST", f"{self._url}/$batch", headers=_HEADERS, content=f"{_BEGIN}{parts}{_END}".encode("ascii")
        )
        # ETags and unique keys make a repeated transaction harmless
        answer = await self._client.send_request(request, retry_on_methods={"POST"})
        body = answer.content
        if answer.status_code != _ACCEPTED:
            return Outcome(answer.status_code, table_missing=b"TableNotFound" in body)
        statuses = [int(status) for status in _STATUS.findall(body)]
        failed = [status for status in statuses if status >= _FAILED]
        if failed:
            return Outcome(failed[0], table_missing=b"TableNotFound" in body)
        return Outcome(_ACCEPTED if len(statuses) == len(operations) else _UNCLEAR, table_missing=False)

    def _request(self, operation: tuple[Verb, Entity, str]) -> str:
        verb, row, etag = operation
        if verb == "insert":
            return _written(f"POST {self._url}/{self._table}", "", row)
        keys = f"PartitionKey='{_key(row['PartitionKey'])}',RowKey='{_key(row['RowKey'])}'"
        at = f"{self._url}/{self._table}({keys})"
        if verb == "delete":
            return f"DELETE {at} HTTP/1.1\r\nIf-Match: {etag or '*'}\r\n{_OWN}\r\n\r\n"
        condition = "" if verb == "put" else f"If-Match: {etag}\r\n"
        return _written(f"{'MERGE' if verb == 'merge' else 'PUT'} {at}", condition, row)


def _written(line: str, condition: str, row: Entity) -> str:
    return f"{line} HTTP/1.1\r\n{condition}{_OWN}Content-Type: application/json\r\n\r\n{_json(row)}\r\n"


def _key(key: str) -> str:
    return quote(key.replace("'", "''"), safe="")


def _json(row: Mapping[str, Any]) -> str:
    told: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, bytes):
            told[f"{name}@odata.type"], told[name] = "Edm.Binary", b64encode(value).decode()
        elif isinstance(value, datetime):
            told[f"{name}@odata.type"] = "Edm.DateTime"
            told[name] = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        else:
            told[name] = value
    return json.dumps(told)
