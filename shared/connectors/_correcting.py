"""What a correction may change: never what a record is found by, unless another identifier still finds it."""

from collections.abc import Callable, Collection, Mapping

from shared.domain.data_map import Dataset, FoundBy
from shared.domain.errors import Permanent

IS_A_KEY = "field_is_a_key"


def reading(dataset: Dataset, values: Mapping[str, str], path_of: Callable[[FoundBy], str]) -> Dataset:
    """Return the dataset with those ways of finding alone that read none of the fields which change.

    A record that these do not find would be lost by the change. `path_of` says which field a way reads, nothing for one
    that reads a key.

    Raises:
        Permanent: `field_is_a_key`, a field says whose tenant's the record is.
    """
    if dataset.tenant_field is not None and touches(values, dataset.tenant_field):
        raise Permanent(IS_A_KEY)
    kept = tuple(way for way in dataset.found_by if not touches(values, path_of(way)))
    return dataset.model_copy(update={"found_by": kept})


def touches(values: Collection[str], path: str) -> bool:
    """Tell whether one of these fields lies on a path, above it or below it."""
    return any(f"{path}.".startswith(f"{name}.") or f"{name}.".startswith(f"{path}.") for name in values)


def must_be_found(still: bool) -> None:
    """Refuse a change after which a record would be lost.

    Raises:
        Permanent: `field_is_a_key`.
    """
    if not still:
        raise Permanent(IS_A_KEY)


def by_column(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return, for each column, what changes in it: by the path inside its JSON text, or the whole of it under ``."""
    columns: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        column, _, path = name.partition(".")
        columns.setdefault(column, {})[path] = value
    return columns
