"""What crosses the pipe, as the worker library's typed data and back."""

from typing import Any

from devhost.host.cookies import set_cookie
from devhost.host.frames import Header
from devhost.host.protos import ParameterBinding, RpcHttp, TypedData


def input_data(header: Header, body: bytes) -> tuple[ParameterBinding, dict[str, TypedData]]:
    """The trigger's argument and metadata."""
    metadata: dict[str, TypedData] = {}
    match header["kind"]:
        case "http":
            http = RpcHttp(**header["http"], body=TypedData(bytes=body))
            data = TypedData(http=http)
        case "timer":
            data = TypedData(json=body.decode())
        case "binary":
            data = TypedData(bytes=body)
        case _:
            data = TypedData(string=body.decode("utf-8", "replace"))
    for name, (kind, value) in header.get("metadata", {}).items():
        metadata[name] = TypedData(**{kind: value})
    return ParameterBinding(name=header["argument"], data=data), metadata


def reply(value: Any) -> tuple[Header, bytes]:
    """A function's return value; nothing but HTTP functions has one."""
    if value is None:
        return {}, b""
    if value.WhichOneof("data") == "string":
        return {"status": 200, "headers": [["content-type", "text/plain; charset=utf-8"]]}, value.string.encode()
    http = value.http
    headers = [[name, text] for name, text in http.headers.items()]
    headers += [["set-cookie", set_cookie(cookie)] for cookie in http.cookies or ()]
    return {"status": int(http.status_code), "headers": headers}, http.body.bytes
