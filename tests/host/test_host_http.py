"""HTTP functions through the real worker: routing, requests, responses."""

import asyncio
import re

import pytest
from running_host import DEADLINE

GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("method", "path", "function", "route"),
    [
        pytest.param("GET", "/api/items/recent", "get_item", {"name": "recent"}, id="first name hides the literal"),
        pytest.param("PUT", "/api/items/a%20b", "get_item", {"name": "a b"}, id="decoded parameter"),
        pytest.param("GET", "/api/items/a%2Fb", "get_item", {"name": "a%2Fb"}, id="encoded slash"),
        pytest.param("GET", "/API/Items/x/", "get_item", {"name": "x"}, id="case and trailing slash"),
        pytest.param("GET", f"/api/orders/{GUID}", "order", {"order_id": GUID}, id="guid"),
        pytest.param("PATCH", "/api/numbers/5", "numbers", {"n": "5"}, id="no methods means all"),
        pytest.param("OPTIONS", "/api/numbers/5", "numbers", {"n": "5"}, id="OPTIONS too"),
        pytest.param("GET", "/api/files/a/b/c", "files", {"rest": "a/b/c"}, id="catch-all"),
        pytest.param("GET", "/api/same", "same_a", {}, id="the first keeps the route"),
        pytest.param("DELETE", "/api/same", "same_c", {}, id="another method, another function"),
    ],
)
async def test_a_request_reaches_its_function(http_host, method, path, function, route):
    answer = await http_host.http.request(method, path)
    assert answer.status_code == 200
    assert (answer.json()["function"], answer.json()["route"]) == (function, route)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", "/api/items/x", id="wrong method"),
        pytest.param("HEAD", "/api/items/x", id="GET does not imply HEAD"),
        pytest.param("GET", "/api/orders/12", id="failed constraint"),
        pytest.param("GET", "/api/numbers/4", id="failed second constraint"),
        pytest.param("POST", "/api/same", id="a function whose route was taken is not loaded"),
        pytest.param("GET", "/api/strange/1", id="a function with an unknown constraint is not loaded"),
        pytest.param("GET", "/items/x", id="no prefix"),
        pytest.param("GET", "/", id="root"),
        pytest.param("GET", "/api/yearly", id="no HTTP function"),
    ],
)
async def test_what_fits_no_route_is_not_found(http_host, method, path):
    answer = await http_host.http.request(method, path)
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_function_that_cannot_load_is_named_with_its_reason(http_host):
    assert http_host.count("same_b does not run: route 'api/same' is already taken for GET") == 1
    assert http_host.count("strange does not run: route constraint 'nonsense' is not known") == 1


async def test_a_function_sees_the_request(http_host):
    headers = [("X-Twice", "1"), ("X-Twice", "2"), ("X-Forwarded-For", "10.0.0.1")]
    answer = await http_host.http.get("/api/items/x?a=1&a=2&empty=&b=%C3%A9", headers=headers)
    seen = answer.json()
    assert seen["method"] == "GET"
    assert seen["url"] == f"{http_host.url}/api/items/x?a=1&a=2&empty=&b=%C3%A9"
    assert seen["params"] == {"a": "1,2", "b": "é"}
    assert seen["headers"]["x-twice"] == "1,2"
    assert re.fullmatch(r"10\.0\.0\.1, 127\.0\.0\.1:\d+", seen["headers"]["x-forwarded-for"])
    assert seen["headers"]["x-forwarded-proto"] == "http"


async def test_a_chunked_body_is_read(http_host):
    async def chunks():
        yield b"one"
        yield b"two"

    answer = await http_host.http.post("/api/echo", content=chunks())
    assert answer.content == b"onetwo"


async def test_a_large_body_passes_both_ways(http_host):
    body = bytes(range(256)) * 80_000
    answer = await http_host.http.post("/api/echo", content=body)
    assert answer.content == body


async def test_a_body_over_a_hundred_megabytes_is_refused(http_host):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(http_host.url.rpartition(":")[2]))
    writer.write(b"POST /api/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 104857601\r\n\r\n")
    async with asyncio.timeout(DEADLINE):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()
    await writer.wait_closed()


async def test_a_chunked_body_over_a_hundred_megabytes_is_refused(http_host):
    async def chunks():
        for _ in range(101):
            yield bytes(1 << 20)

    answer = await http_host.http.post("/api/echo", content=chunks())
    assert answer.status_code == 413


async def test_headers_and_cookies_come_back(http_host):
    answer = await http_host.http.get("/api/cookies")
    assert (answer.status_code, answer.headers["x-one"], answer.text) == (201, "1", "ok")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers.get_list("set-cookie") == [
        "a=1; path=/; secure; samesite=strict; httponly",
        "b=2; max-age=60",
    ]


async def test_no_content_has_no_body_and_no_length(http_host):
    answer = await http_host.http.get("/api/nothing")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


async def test_a_text_is_a_response(http_host):
    answer = await http_host.http.get("/api/text")
    assert (answer.status_code, answer.text) == (200, "café")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", ["/api/broken", "/api/none"])
async def test_a_failing_function_gives_an_empty_500(http_host, path):
    answer = await http_host.http.get(path)
    assert (answer.status_code, answer.content) == (500, b"")


async def test_functions_run_at_the_same_time(http_host):
    async with asyncio.timeout(DEADLINE):
        answers = await asyncio.gather(*(http_host.http.get(f"/api/meet/{side}") for side in ("left", "right")))
    assert [answer.text for answer in answers] == ["left", "right"]


async def test_a_trace_goes_on(http_host):
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = await http_host.http.get("/api/traced", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert re.fullmatch(rf"00-{trace}-[0-9a-f]{{16}}-01 traced", answer.text)


async def test_a_trace_begins(http_host):
    answer = await http_host.http.get("/api/traced")
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00 traced", answer.text)


async def test_the_log_holds_one_line_and_no_word_of_the_request(http_host):
    await http_host.http.post("/api/broken?secret=hunter2&token=q1w2e3", content=b"my-body", headers={"x-h": "my-head"})
    line = await http_host.line("(ValueError at function_app.py:", times=http_host.count(" broken ") or 1)
    assert re.fullmatch(r"\S+Z broken [0-9a-f-]{36} http failed \(ValueError at function_app\.py:\d+\) \d+\.\dms", line)
    said = "\n".join(http_host.lines)
    assert not [word for word in ("hunter2", "q1w2e3", "my-body", "my-head", "the secret is") if word in said]
