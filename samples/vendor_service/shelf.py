"""What the vendor holds: one file a dataset, one JSON row a line. Rows that stay, stay to the byte and in order."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

type Row = Mapping[str, Any]
type Identifiers = Sequence[Mapping[str, str]]

ANONYMISED = "[erased]"


class Shelf:
    """A folder of such files, read anew at every call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def file(self, dataset: str) -> Path:
        """Return where a dataset lies."""
        return self.folder / f"{dataset}.jsonl"

    def holds(self, dataset: str) -> bool:
        """Tell whether there is such a dataset."""
        return dataset.replace("-", "").replace("_", "").isalnum() and self.file(dataset).exists()

    def add(self, dataset: str, rows: Sequence[Row]) -> None:
        """Put rows at the end; a dataset begins with its first, or with none."""
        with self.file(dataset).open("a", encoding="utf-8") as file:
            file.writelines(_line(row) for row in rows)

    def find(self, dataset: str, identifiers: Identifiers) -> list[dict[str, Any]]:
        """Return the rows that one of the identifiers stands in."""
        return [row for line in self._lines(dataset) if _is_of(row := json.loads(line), identifiers)]

    def erase(self, dataset: str, identifiers: Identifiers, action: Literal["delete", "anonymise"]) -> int:
        """Delete or anonymise what `find` returns; return how many rows that were."""
        return self._rewrite(dataset, identifiers, (lambda _: "") if action == "delete" else _anonymised)

    def correct(self, dataset: str, identifiers: Identifiers, values: Mapping[str, str]) -> int:
        """Let what `find` returns say these values, each in its field's type; return how many rows that are.

        Raises:
            ValueError: a value is not of its field's type; nothing was changed.
        """
        return self._rewrite(dataset, identifiers, lambda row: _line(row | _fitting(row, values)))

    def wrong(self, dataset: str, identifiers: Identifiers, values: Mapping[str, str]) -> int:
        """Return how many rows do not say these values."""
        return sum(row != row | _fitting(row, values) for row in self.find(dataset, identifiers))

    def _rewrite(self, dataset: str, identifiers: Identifiers, into: Callable[[dict[str, Any]], str]) -> int:
        kept, count = [], 0
        for line in self._lines(dataset):
            row = json.loads(line)
            theirs = _is_of(row, identifiers)
            count += theirs
            kept.append(into(row) if theirs else line)
        if count:
            fresh = self.file(dataset).with_suffix(".new")
            fresh.write_text("".join(kept), encoding="utf-8")
            fresh.replace(self.file(dataset))
        return count

    def _lines(self, dataset: str) -> list[str]:
        with self.file(dataset).open(encoding="utf-8", newline="\n") as file:
            return list(file)


def _is_of(row: Row, identifiers: Identifiers) -> bool:
    """Tell whether a row is a person's; an identifier that names a tenant holds in that tenant's rows alone."""
    return any(
        row.get(one["name"]) == one["value"] and one.get("tenant") in {None, str(row.get("tenantId", "")).lower()}
        for one in identifiers
    )


def _anonymised(row: Row) -> str:
    return json.dumps({name: ANONYMISED if isinstance(value, str) else value for name, value in row.items()}) + "\n"


def _line(row: Row) -> str:
    return f"{json.dumps(row, ensure_ascii=False)}\n"


def _fitting(row: Row, values: Mapping[str, str]) -> dict[str, Any]:
    return {name: _fitted(value, row.get(name)) for name, value in values.items()}


def _fitted(value: str, before: Any) -> Any:
    if before is None or isinstance(before, str):
        return value
    told = json.loads(value)
    if type(told) is not type(before):
        raise ValueError("of another type")
    return told
