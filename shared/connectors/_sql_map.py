"""What the data map says of a SQL table, checked before anything is asked of a database."""

import re

from shared.connectors._anonymised import check_anonymised
from shared.connectors._ways import Words, check_dataset, refusal
from shared.domain.data_map import Dataset

VOCABULARY = {"column": Words(needs=frozenset({"column"}), takes=frozenset({"fold"}))}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def keys_of(dataset: Dataset) -> list[str]:
    """Return the columns of the key, in order."""
    return [name.strip() for name in dataset.settings["key"].split(",")]


def check_table(dataset: Dataset) -> None:
    """Refuse a dataset that names what cannot be a table or a column, or that could not be erased as it says.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    check_dataset(dataset, VOCABULARY, "table", "key", may={"schema"})
    keys = keys_of(dataset)
    for setting in ("table", "schema"):
        if not NAME.fullmatch(dataset.settings.get(setting, "_")):
            raise refusal(dataset, f"settings: {setting}", "not a plain name")
    if not all(NAME.fullmatch(name) for name in keys) or len(set(keys)) < len(keys):
        raise refusal(dataset, "settings: key", "not plain names of different columns, with commas between")
    for way in dataset.found_by:
        if not NAME.fullmatch(way.at["column"]):
            raise refusal(dataset, f"how: {way.how}: at.column", "not a plain name")
    for name in {field.name.partition(".")[0] for field in dataset.fields} | {dataset.tenant_field or "_"}:
        if not NAME.fullmatch(name):
            raise refusal(dataset, "fields, tenant_field", "hold what is not the plain name of a column")
    if dataset.erasure.action == "anonymise":
        _check_anonymised(dataset, keys)


def _check_anonymised(dataset: Dataset, keys: list[str]) -> None:
    check_anonymised(dataset, [(way.how, way.at["column"]) for way in dataset.found_by])
    named = {field.name.partition(".")[0] for field in dataset.fields}
    stays = {*keys, dataset.tenant_field} - (named - set(keys))
    for way in dataset.found_by:
        if way.at["column"] in stays:
            raise refusal(dataset, f"how: {way.how}", "finds by a column that anonymising cannot change")
    for field in dataset.fields:
        if field.name.partition(".")[0] in keys and field.anonymise != "keep":
            raise refusal(dataset, f"field {field.name}", "is part of the key, which anonymising cannot change")
        if field.anonymise == "month" and any(way.at["column"] == field.name for way in dataset.found_by):
            raise refusal(dataset, f"field {field.name}", "could be found again by its month")
