"""The worker library's protobuf messages, as plain classes that keep their keyword arguments.

The library is handed this module in place of the generated one; it reads attributes and nothing else.
"""

from typing import Any


class Message:
    """Keyword arguments as attributes."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class Union(Message):
    """A message with exactly one field."""

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802
        """Name the field that is set."""
        return next(iter(self.__dict__), None)


class TypedData(Union):
    """A value of a binding."""


class ParameterBinding(Message):
    """A named value."""

    def WhichOneof(self, _group: str) -> str:  # noqa: N802
        """Name the field that is set."""
        return "data"


class BindingInfo(Message):
    """A binding's type and direction."""

    inp, out, inout = range(3)
    undefined = 0


class StatusResult(Message):
    """How a request to the worker ended."""

    Failure, Success = range(2)


class RpcHttpCookie(Message):
    """One Set-Cookie header."""

    class SameSite:
        """The cookie's SameSite attribute by the names of the protocol."""

        Lax, Strict, ExplicitNone = "Lax", "Strict", "None"


setattr(RpcHttpCookie.SameSite, "None", "")


class RpcHttp(Message):
    """An HTTP request or response."""


class RpcException(Message):
    """An exception's message and stack trace."""


class WorkerInitResponse(Message):
    """Answer to the first request."""


class WorkerMetadata(Message):
    """Who the worker is."""


class RpcFunctionMetadata(Message):
    """One indexed function."""


class RpcRetryOptions(Message):
    """A function's retry policy."""


class FunctionMetadataResponse(Message):
    """All indexed functions."""


class FunctionLoadResponse(Message):
    """Answer to the loading of one function."""


class InvocationResponse(Message):
    """How an invocation ended."""


class NullableBool(Message):
    """A bool or nothing."""


class NullableDouble(Message):
    """A number or nothing."""


class NullableString(Message):
    """A text or nothing."""


class NullableTimestamp(Message):
    """A time or nothing."""


class Timestamp(Message):
    """Seconds since the epoch."""
