"""What a row's columns become when it is anonymised."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import null

from shared.connectors._anonymised import ERASED, Anonymised
from shared.connectors._sql_columns import TEXTS, Column
from shared.connectors._sql_map import keys_of
from shared.connectors._sql_table import SqlTable
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent


class Anonymising:
    """Every column but the key, the tenant and what the map keeps goes; so does one that the map does not name."""

    def __init__(self, dataset: Dataset, table: SqlTable) -> None:
        """Decide for each column.

        Raises:
            Permanent: `column_not_null`, one cannot be emptied; `constant_not_text`, one cannot hold a constant.
        """
        self._anonymised = Anonymised(dataset)
        self._whole = {one.name: one.anonymise for one in dataset.fields}
        self._parts = {one.name.partition(".")[0] for one in dataset.fields if "." in one.name}
        self._fixed: dict[str, Any] = {}
        self._told: list[Column] = []
        named = {one.partition(".")[0] for one in self._whole}
        stays = {*keys_of(dataset), *({dataset.tenant_field} - named)}
        for name in named:
            table.column(name)
        for one in table.columns.values():
            if one.name not in stays and not one.derived:
                self._decide(one)
        self.columns = [table.readable(one.name) for one in self._told]

    def left_of(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return what is left of the values that `columns` hold in a row."""
        return tuple(self._left(one, value) for one, value in zip(self._told, row, strict=True))

    def values(self, left: Sequence[Any]) -> Mapping[str, Any]:
        """Return what a row's columns are set to."""
        return self._fixed | {one.name: value for one, value in zip(self._told, left, strict=True)}

    def _decide(self, one: Column) -> None:
        if one.name in self._parts and one.name in self._anonymised.columns:
            self._told.append(one)
            return
        action = self._whole.get(one.name, "remove")
        if action == "keep":
            return
        if action == "month":
            self._told.append(one)
        elif action == "constant":
            if one.kind not in TEXTS:
                raise Permanent("constant_not_text")
            self._fixed[one.name] = ERASED
        elif one.nullable:
            self._fixed[one.name] = null()
        else:
            raise Permanent("column_not_null")

    def _left(self, one: Column, value: Any) -> Any:
        if isinstance(value, datetime):
            at = value.astimezone(UTC) if value.tzinfo else value
            return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        if isinstance(value, date):
            return value.replace(day=1)
        return self._anonymised.column(one.name, value) if isinstance(value, str) else None
