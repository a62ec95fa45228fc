"""The host's own routes."""

import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/host/status"),
        ("GET", "/admin/functions"),
        ("POST", "/admin/functions/yearly"),
        ("GET", "/admin"),
    ],
)
async def test_admin_routes_want_the_master_key(http_host, method, path):
    assert (await http_host.http.request(method, path)).status_code == 401
    host_key = {"x-functions-key": http_host.keys["functionKeys"]["default"]}
    assert (await http_host.http.request(method, path, headers=host_key)).status_code == 401


async def test_the_status_is_told(http_host):
    answer = await http_host.as_master("GET", "/admin/host/status")
    assert (answer.json()["state"], answer.json()["errors"]) == ("Running", [])


async def test_the_functions_are_listed_with_what_is_wrong(http_host):
    listed = {entry["name"]: entry for entry in (await http_host.as_master("GET", "/admin/functions")).json()}
    assert listed["order"]["invoke_url_template"] == f"{http_host.url}/api/orders/{{order_id:guid}}"
    assert listed["order"]["errors"] == []
    assert listed["yearly"]["config"]["bindings"][0]["type"] == "timerTrigger"
    assert listed["strange"]["errors"] == ["route constraint 'nonsense' is not known"]


async def test_a_timer_is_started_by_hand(http_host):
    answer = await http_host.as_master("POST", "/admin/functions/Yearly", json={"input": ""})
    assert answer.status_code == 202
    await http_host.line("worker | yearly ran, past due: False")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/admin/functions/nobody", b'{"input": ""}', 404),
        ("/admin/functions/strange", b'{"input": ""}', 404),
        ("/admin/functions/order", b'{"input": ""}', 400),
        ("/admin/functions/yearly", b"not json", 400),
        ("/admin/functions/yearly", b"{}", 400),
        ("/admin/nothing", b"", 404),
    ],
)
async def test_a_wrong_start_is_refused(http_host, path, body, status):
    assert (await http_host.as_master("POST", path, content=body)).status_code == status
