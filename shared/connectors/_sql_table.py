"""One table as the database has it, and which of its rows are a person's."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnClause,
    ColumnElement,
    Delete,
    Select,
    String,
    TableValuedAlias,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    collate,
    column,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    table,
    tuple_,
    update,
)

from shared.connectors._sql_columns import Column, Kind, read
from shared.connectors._sql_map import keys_of
from shared.connectors._ways import Wanted
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent

type Key = tuple[Any, ...]

_LENIENT = frozenset({Kind.LENIENT_TEXT, Kind.ANYTHING, Kind.TIME_TEXT})


class SqlTable:
    """Writes statements about the rows that `looked_for` finds. No statement holds a value of the map or of a person.

    A row is found where any way finds it. Where a column's type or collation lets pass for equal what differs, that a
    value is equal is said twice: once so that an index serves, and once byte for byte.
    """

    def __init__(
        self, dataset: Dataset, columns: Mapping[str, Column], looked_for: Sequence[Wanted], *, postgresql: bool
    ) -> None:
        self.columns = columns
        self._postgresql = postgresql
        self._clauses = {name: column(name, one.type) for name, one in columns.items()}
        self._table = table(dataset.settings["table"], *self._clauses.values(), schema=dataset.settings.get("schema"))
        self._tenant = dataset.tenant_field
        self._key_columns = [self.column(name) for name in keys_of(dataset)]
        self.keys = [self.clause(name) for name in keys_of(dataset)]
        self._found = or_(false(), *(self._finds(one) for one in looked_for))
        if not all(one.can_be_key for one in self._key_columns):
            raise Permanent("key_type")
        if postgresql and any(one.nullable for one in self._key_columns):
            raise Permanent("key_nullable")

    def column(self, name: str) -> Column:
        """Return what is known of a column.

        Raises:
            Permanent: `column_missing`, the table has none of this name.
        """
        if name not in self.columns:
            raise Permanent("column_missing")
        return self.columns[name]

    def clause(self, name: str) -> ColumnClause[Any]:
        """Return a column as statements name it."""
        self.column(name)
        return self._clauses[name]

    def readable(self, name: str) -> ColumnElement[Any]:
        """Return a column as it is best read: what the driver would change in reading comes as JSON text."""
        clause, kind = self.clause(name), self.column(name).kind
        if not self._postgresql or kind not in {Kind.JSON, Kind.OTHER, Kind.PADDED_TEXT}:
            return clause
        return cast(func.to_json(clause) if kind is Kind.OTHER else clause, Text)

    def key_of(self, position: Any) -> Key:
        """Read a key that a position holds.

        Raises:
            Permanent: `position_unreadable`.
        """
        if not isinstance(position, list) or len(position) != len(self.keys):
            raise Permanent("position_unreadable")
        return tuple(read(value, of) for value, of in zip(position, self._key_columns, strict=True))

    def counted(self) -> Select[int]:
        """Count the person's rows."""
        return select(func.count()).select_from(self._table).where(self._found)

    def counted_among(self, others: Sequence[Wanted]) -> Select[int]:
        """Count those of the person's rows that one of these searches finds too."""
        return self.counted().where(or_(false(), *(self._finds(one) for one in others)))

    def listed(self, read_too: Sequence[ColumnElement[Any]], after: Key | None, most: int) -> Select[Any]:
        """List the person's rows in the order of their keys: the key first, then what is `read_too`."""
        keys = [self.readable(one.name) for one in self.keys]
        named = [one.label(f"c{number}") for number, one in enumerate((*keys, *read_too))]
        rows = select(*named).select_from(self._table).where(self._found)
        if after is not None:
            rows = rows.where(self._after(after))
        return rows.order_by(*self.keys).limit(most)

    def deleted(self, keys: Sequence[Key]) -> Delete:
        """Delete those of these rows that are still the person's; the right to delete is enough for that."""
        chosen = self._key_in(select(*self._chosen(keys).c) if self._postgresql else keys)
        return delete(self._table).where(chosen, self._found)

    def changed(self, keys: Sequence[Key], values: Mapping[str, Any], still: Mapping[str, str] | None = None) -> Update:
        """Change those of these rows that are still the person's, and in which the columns of `still` read as then.

        They are locked in the order of their keys, so that two who change the same ones never wait in a circle.
        """
        told = {self.clause(name): self._written(name, value) for name, value in values.items()}
        found = and_(self._found, *(self.readable(name) == text for name, text in (still or {}).items()))
        if not self._postgresql:
            return update(self._table).where(self._key_in(keys), found).values(told)
        chosen = self._chosen(keys)
        theirs = and_(*(clause == chosen.c[clause.name] for clause in self.keys))
        rows = select(*self.keys).join_from(self._table, chosen, theirs).where(found)
        locked = rows.order_by(*self.keys).with_for_update(of=self._table)
        return update(self._table).where(self._key_in(locked)).values(told)

    def _written(self, name: str, value: Any) -> Any:
        if self._postgresql and self.column(name).kind is Kind.JSON and isinstance(value, str):
            return cast(literal(value, String()), JSON)
        return value

    def _after(self, key: Key) -> ColumnElement[bool]:
        values = [bindparam(None, value, one.type) for value, one in zip(key, self._key_columns, strict=True)]
        if len(values) == 1:
            return self.keys[0] > values[0]
        return tuple_(*self.keys) > tuple_(*values)

    def _chosen(self, keys: Sequence[Key]) -> TableValuedAlias:
        """Name keys in arrays: a long list would be planned anew each time, or searched from its start for each row."""
        arrays = [
            bindparam(None, values, ARRAY(one.type))
            for values, one in zip(zip(*keys, strict=True), self._key_columns, strict=True)
        ]
        names = [one.name for one in self._key_columns]
        return func.unnest(*arrays).table_valued(*names).render_derived("chosen")

    def _key_in(self, keys: Sequence[Key] | Select[Any]) -> ColumnElement[bool]:
        if len(self.keys) > 1:
            return tuple_(*self.keys).in_(keys)
        return self.keys[0].in_(keys if isinstance(keys, Select) else [key[0] for key in keys])

    def _finds(self, one: Wanted) -> ColumnElement[bool]:
        name, folds = one.way.at["column"], "fold" in one.way.at
        equal = self._folded(name, one.values) if folds else self._exactly(name, one.values)
        if one.tenant is None or self._tenant is None:
            return equal
        held, clause = self.column(self._tenant), self.clause(self._tenant)
        if held.kind is Kind.UUID:
            return and_(equal, clause == held.comparable(one.tenant))
        folded = func.lower(self._as_text(self._tenant)) == one.tenant
        # the plain comparison adds no row: it lets the database estimate how many there are
        return and_(equal, or_(clause == one.tenant, folded) if held.kind is Kind.TEXT else folded)

    def _exactly(self, name: str, values: Sequence[str]) -> ColumnElement[bool]:
        held = self.column(name)
        same = collate(self._as_text(name), "C" if self._postgresql else "BINARY").in_(values)
        if held.kind in {Kind.OTHER, Kind.PLAIN, Kind.JSON}:
            return same
        comparable = [one for one in map(held.comparable, values) if one is not None]
        equal = self.clause(name).in_(comparable) if comparable else false()
        return and_(equal, same) if held.kind in _LENIENT else equal

    def _folded(self, name: str, values: Sequence[str]) -> ColumnElement[bool]:
        """An index on the column in lower case serves addresses in ASCII; others need every letter folded."""
        text = self._as_text(name)
        plain = [value.lower() for value in values if value.isascii()]
        others = [value.lower() for value in values if not value.isascii()]
        ways = [func.lower(text).in_(plain)] if plain else []
        if others and self._postgresql:
            ways.append(func.lower(collate(text, "und-x-icu")).in_(others))
        elif others:
            ways.append(func.unicode_lower(text).in_(others))
        return or_(*ways)

    def _as_text(self, name: str) -> ColumnElement[str]:
        return cast(self.clause(name), Text)
