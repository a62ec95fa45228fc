"""The shape of exported records: exactly what the dataset names, and nothing that it withholds."""

from collections.abc import Mapping
from typing import Any

from shared.domain.data_map import Dataset
from shared.domain.json_path import parse_json, projected, tree_of


class Shape:
    """Copies the exported fields of one dataset; a field that a record does not have is left out."""

    def __init__(self, dataset: Dataset) -> None:
        tree = tree_of(field.name for field in dataset.fields if not field.withhold)
        self.columns = tuple(tree)
        self._tree = tree
        self._texts = [name for name, below in tree.items() if below is not None]

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Copy from JSON."""
        copied: dict[str, Any] = projected(document, self._tree)
        return copied

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Copy from a table's row; a column of which only parts are named holds JSON text.

        Raises:
            ValueError: such a column is not JSON.
        """
        if self._texts:
            row = {**row, **{name: parse_json(row[name]) for name in self._texts if isinstance(row.get(name), str)}}
            return self.document(row)
        return {name: row[name] for name in self.columns if row.get(name) is not None}
