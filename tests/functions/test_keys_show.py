"""The published keys of certificates."""

import json

from builders import memory_services
from checked import call

from shared.domain.certificate import thumbprint


async def test_everybody_may_read_the_keys_and_keep_them_for_a_while():
    world = memory_services()
    answer = await call("keys_show", "GET", "/api/v1/keys")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    (key,) = answer.json["keys"]
    assert key["kid"] == thumbprint(key)
    assert key["since"] == world.settings.signing_since_1.isoformat()
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use", "since"}


async def test_a_retired_key_is_still_there_with_its_end():
    (old,) = (await call_of(memory_services(signing_since_1="2025-01-01T00:00:00Z")))["keys"]
    times = {"since": "2025-01-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
    retired = json.dumps([{name: old[name] for name in ("kty", "crv", "x", "y")} | times])
    newer = {"signing_key_1": "CAcGBQQDAgEICAcGBQQDAgEICAcGBQQDAgEICAcGBQQ=", "retired_signing_keys": retired}
    newest, oldest = (await call_of(memory_services(**newer)))["keys"]
    assert newest["kid"] != old["kid"]
    assert oldest == old | {"until": "2026-03-01T00:00:00+00:00"}


async def call_of(_):
    return (await call("keys_show", "GET", "/api/v1/keys")).json
