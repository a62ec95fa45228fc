"""An HTTP request as a function gets it from the real host."""

from urllib.parse import parse_qsl

from devhost.host.asgi import Scope
from devhost.host.frames import Header


def read_headers(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name; repeated ones joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def read_query(scope: Scope) -> dict[str, str]:
    """Query parameters; repeated ones joined by commas, empty ones dropped."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1")):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def http_payload(scope: Scope, headers: dict[str, str], query: dict[str, str], params: dict[str, str]) -> Header:
    """The request for the worker, with the forwarding headers that Azure's front end adds."""
    address, port = scope["client"] or ("127.0.0.1", 0)
    peer = f"{address}:{port}"
    before = headers.get("x-forwarded-for")
    forwarded = {
        "x-forwarded-for": f"{before}, {peer}" if before else peer,
        "x-forwarded-proto": "http",
    }
    search = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    return {
        "kind": "http",
        "http": {
            "method": scope["method"],
            "url": f"http://{headers.get('host', '127.0.0.1')}{scope['raw_path'].decode('latin-1')}{search}",
            "headers": headers | forwarded,
            "params": params,
            "query": query,
        },
    }
