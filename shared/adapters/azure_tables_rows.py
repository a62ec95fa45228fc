"""How models lie in table rows: JSON, with bytes beside it, in as many properties as their size asks for."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from shared.domain.errors import Permanent

_STRING = 32_000  # UTF-16 units of one property; the limit is 32,768
_BINARY = 64_000  # bytes of one property; the limit is 65,536
_ROW = 900_000  # bytes of one row; the limit is 1 MiB


def packed(model: BaseModel, sealed: str | None = None) -> dict[str, Any]:
    """Return a model's properties: `data`, `data1`… hold its JSON, those named after `sealed` that field's bytes.

    Raises:
        Permanent: `row_too_large`.
    """
    text = model.model_dump_json(exclude={sealed} if sealed else None, ensure_ascii=True)
    data: bytes = (getattr(model, sealed) or b"") if sealed else b""
    if 2 * len(text) + len(data) > _ROW:
        raise Permanent("row_too_large")
    columns = _split("data", text, _STRING)
    if sealed and data:
        columns |= _split(sealed, data, _BINARY)
    return columns


def unpacked[M: BaseModel](model: type[M], row: Mapping[str, Any], sealed: str | None = None) -> M:
    """Return the model that was packed into a row."""
    text = "".join(_joined("data", row))
    if sealed is None or sealed not in row:
        return model.model_validate_json(text)
    return model.model_validate({**from_json(text), sealed: b"".join(_joined(sealed, row))})


def _split(name: str, value: str | bytes, most: int) -> dict[str, Any]:
    if len(value) <= most:
        return {name: value}
    return {f"{name}{at // most or ''}": value[at : at + most] for at in range(0, len(value), most)}


def _joined(name: str, row: Mapping[str, Any]) -> list[Any]:
    pieces = [row[name]]
    while f"{name}{len(pieces)}" in row:
        pieces.append(row[f"{name}{len(pieces)}"])
    return pieces
