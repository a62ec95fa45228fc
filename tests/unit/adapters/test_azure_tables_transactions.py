"""Transactions on the wire: what is written, and what an answer is taken for."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from shared.adapters.azure_tables_transactions import Operation, Transactions

URL = "https://account.table.core.windows.net"
DONE = b"--x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
ROW = {"PartitionKey": "p", "RowKey": "r"}


class Service:
    """Keeps the request, and gives one answer."""

    def __init__(self, content, status=202):
        self.answer = SimpleNamespace(content=content, status_code=status)

    async def send_request(self, request, **options):
        self.request = request
        return self.answer


async def sent(*operations):
    service = Service(DONE * len(operations))
    outcome = await Transactions(service, URL + "/", "Things").submit(operations)
    assert outcome == (202, False)
    return service.request


async def test_every_operation_is_one_part_of_one_request():
    request = await sent(
        Operation("insert", ROW),
        Operation("put", ROW),
        Operation("replace", ROW, 'W/"1"'),
        Operation("delete", ROW),
        Operation("delete", ROW, 'W/"2"'),
    )
    text = request.content.decode("ascii")
    at = f"{URL}/Things(PartitionKey='p',RowKey='r')"
    lines = [line for line in text.split("\r\n") if line.endswith(" HTTP/1.1")]
    verbs = [line.removesuffix(" HTTP/1.1").removesuffix(at).strip() for line in lines]
    assert verbs == [f"POST {URL}/Things", "PUT", "PUT", "DELETE", "DELETE"]
    matched = [line for line in text.split("\r\n") if line.startswith("If-Match")]
    assert matched == ['If-Match: W/"1"', "If-Match: *", 'If-Match: W/"2"']
    assert request.url == f"{URL}/$batch"


async def test_values_carry_their_types():
    at = datetime(2026, 11, 23, 20, 0, 0, 5, tzinfo=UTC)
    request = await sent(Operation("insert", ROW | {"bytes": b"\x00", "at": at, "number": 3, "text": "é\r\n--"}))
    body = next(line for line in request.content.decode("ascii").split("\r\n") if line.startswith("{"))
    assert json.loads(body) == ROW | {
        "bytes": "AA==",
        "bytes@odata.type": "Edm.Binary",
        "at": "2026-11-23T20:00:00.000005Z",
        "at@odata.type": "Edm.DateTime",
        "number": 3,
        "text": "é\r\n--",
    }


async def test_keys_cannot_leave_their_quotes():
    request = await sent(Operation("delete", {"PartitionKey": "p", "RowKey": "a'b) HTTP/1.1\r\nX: y"}))
    assert b"RowKey='a%27%27b%29%20HTTP%2F1.1%0D%0AX%3A%20y')" in request.content


@pytest.mark.parametrize(
    ("content", "status", "outcome"),
    [
        pytest.param(DONE * 2, 202, (202, False), id="done"),
        pytest.param(b"HTTP/1.1 412 Precondition Failed\r\n\r\n{}", 202, (412, False), id="a part refused"),
        pytest.param(b'HTTP/1.1 404 Not Found\r\n\r\n{"code":"TableNotFound"}', 202, (404, True), id="no table"),
        pytest.param(b'{"code":"TableNotFound"}', 404, (404, True), id="no table, told at once"),
        pytest.param(b"", 503, (503, False), id="busy"),
        pytest.param(b"", 202, (500, False), id="nothing is told"),
        pytest.param(DONE, 202, (500, False), id="too little is told"),
    ],
)
async def test_an_answer_is_taken_for_what_it_says(content, status, outcome):
    service = Service(content, status)
    assert (
        await Transactions(service, URL, "Things").submit([Operation("put", ROW), Operation("delete", ROW)]) == outcome
    )
