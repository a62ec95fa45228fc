"""Models in rows: large ones spread over properties, and back."""

import pytest
from pydantic import BaseModel, ConfigDict

from shared.adapters.azure_tables_rows import packed, unpacked
from shared.domain.errors import Permanent


class Thing(BaseModel):
    model_config = ConfigDict(frozen=True)

    text: str
    secret: bytes | None = None


@pytest.mark.parametrize("length", [0, 1, 31_000, 32_000, 70_000])
@pytest.mark.parametrize(
    "secret",
    [None, b"\x00\xff", bytes(64_000), bytes(64_001), bytes(200_000)],
    ids=lambda value: str(value and len(value)),
)
def test_a_model_comes_back_as_it_was(length, secret):
    thing = Thing(text="é" * (length // 2) + "x" * (length % 2), secret=secret)
    row = packed(thing, "secret")
    assert all(len(value) <= 32_767 for value in row.values() if isinstance(value, str))
    assert all(len(value) <= 65_536 for value in row.values() if isinstance(value, bytes))
    assert unpacked(Thing, {"PartitionKey": "p", "RowKey": "r", **row}, "secret") == thing


def test_text_beyond_the_first_plane_is_counted_as_the_store_counts_it():
    thing = Thing(text="\U0001f600" * 20_000)
    row = packed(thing, "secret")
    assert max(len(value.encode("utf-16-le")) // 2 for value in row.values()) <= 32_767
    assert unpacked(Thing, row, "secret") == thing


@pytest.mark.parametrize(
    "thing", [Thing(text="x" * 500_000), Thing(text="", secret=bytes(950_000))], ids=["text", "bytes"]
)
def test_what_no_row_can_hold_is_refused(thing):
    with pytest.raises(Permanent) as refused:
        packed(thing, "secret")
    assert refused.value.code == "row_too_large"
