"""Authorization levels and keys."""

import stat

import pytest


@pytest.mark.parametrize(
    ("path", "opened_by"),
    [
        ("/api/locked", {"own", "host", "master"}),
        ("/api/locked_too", {"host", "master", "other"}),
        ("/api/chiefs", {"master"}),
        ("/api/text", {"own", "host", "master", "other", "wrong", "none"}),
    ],
)
@pytest.mark.parametrize("key", ["own", "other", "host", "master", "wrong", "none"])
@pytest.mark.parametrize("place", ["header", "query"])
async def test_a_key_opens_what_it_is_for(http_host, path, opened_by, key, place):
    keys = http_host.keys
    given = {
        "own": keys["functions"]["locked"]["default"],
        "other": keys["functions"]["locked_too"]["default"],
        "host": keys["functionKeys"]["default"],
        "master": keys["masterKey"],
        "wrong": "wrong-é",
        "none": "",
    }[key]
    if place == "header":
        answer = await http_host.http.get(path, headers={"x-functions-key": given.encode()} if given else {})
    else:
        answer = await http_host.http.get(path, params={"code": given} if given else {})
    assert answer.status_code == (200 if key in opened_by else 401)


async def test_keys_are_for_the_owner_alone(http_host):
    assert stat.S_IMODE((http_host.data / "keys.json").stat().st_mode) == 0o600


async def test_keys_survive_a_restart(start_host):
    host = await start_host("import azure.functions as func\napp = func.FunctionApp()\n" + ONE)
    before = host.keys
    await host.stop()
    await host.start()
    assert host.keys == before
    assert before["functions"]["one"]["default"] != before["masterKey"]


ONE = """
@app.route(route="one")
def one(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("1")
"""
