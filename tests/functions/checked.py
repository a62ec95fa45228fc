"""Calls over HTTP whose every answer is held against the OpenAPI document and the rules for headers."""

from functools import cache
from typing import Any

import builders
from builders import Answer
from jsonschema import Draft202012Validator

from functions._openapi import document
from functions._openapi_routes import ROUTES

ROUTE_OF = {route.name: route for route in ROUTES}
CANARY = "canary-7f3a"


async def call(function: str, method: str, url: str, **given: Any) -> Answer:
    """Call an HTTP function and check what every answer owes."""
    answer = await builders.call(function, method, url, **given)
    must_conform(function, answer)
    return answer


def must_conform(function: str, answer: Answer) -> None:
    route = ROUTE_OF[function]
    responses = document()["paths"][route.path][route.method]["responses"]
    assert str(answer.status) in responses, f"{function} answers {answer.status}, which its description leaves out"
    told = responses[str(answer.status)]
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    public = function in {"openapi_show", "keys_show", "map_show"} and answer.status in {200, 304}
    assert headers["cache-control"] == ("public, max-age=300" if public else "no-store")
    assert headers.keys() - {name.lower() for name in told.get("headers", {})} <= {
        "cache-control",
        "content-language",
        "content-security-policy",
        "content-type",
        "referrer-policy",
        "set-cookie",
        "x-content-type-options",
        "x-frame-options",
    }
    if answer.status in {401, 429, 503} and answer.response.mimetype == "application/problem+json":
        assert {"401": "www-authenticate"}.get(str(answer.status), "retry-after") in headers
    if not answer.text:
        assert "content" not in told or answer.status == 303
        return
    kind = answer.response.mimetype
    assert kind in told["content"], f"{function} answers {answer.status} as {kind}"
    if kind == "text/csv":
        return
    if kind == "text/html":
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        return
    problems = list(_validator(function, answer.status, kind).iter_errors(answer.json))
    assert not problems, f"{function} {answer.status}: {[one.message for one in problems]}"
    if kind == "application/problem+json":
        assert answer.json["status"] == answer.status


@cache
def _validator(function: str, status: int, kind: str) -> Draft202012Validator:
    whole = document()
    route = ROUTE_OF[function]
    schema = whole["paths"][route.path][route.method]["responses"][str(status)]["content"][kind]["schema"]
    return Draft202012Validator(
        schema | {"components": whole["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
