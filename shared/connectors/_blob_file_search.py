"""Which blobs of a container are a person's: by the folder they lie in, by an index tag, or by their metadata."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.connectors._blob_listing import Item
from shared.connectors._ways import Wanted, Words, refusal
from shared.domain.data_map import Dataset
from shared.domain.identity import EMAIL, UPN

FOLDER = frozenset({"prefix"})
VOCABULARY = {
    "prefix": Words(needs=FOLDER, bounds=FOLDER),
    "tag": Words(needs=frozenset({"tag"})),
    "metadata": Words(needs=frozenset({"prefix", "key"}), takes=frozenset({"fold"}), bounds=FOLDER),
}
TAG_NAME = re.compile(r"[A-Za-z0-9 +\-./:=_]{1,128}")
TAG_VALUE = re.compile(r"[A-Za-z0-9 +\-./:=_]{1,256}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One way of finding: folders to list or index tags to ask for, and which blobs are truly found."""

    asks: tuple[str | Mapping[str, str], ...]
    by_tag: bool = False
    finds: Callable[[Item], bool]


def check_files(dataset: Dataset) -> None:
    """Refuse what a container cannot answer exactly, and to anonymise a whole file.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    if dataset.erasure.action == "anonymise":
        raise refusal(dataset, "erasure", "a file cannot be anonymised")
    for way in dataset.found_by:
        place = f"how: {way.how}"
        if way.how == "prefix" and "{value}" not in way.at["prefix"]:
            raise refusal(dataset, f"{place}: at.prefix", "holds no {value}, so it would be everyone's")
        if way.how == "tag":
            if way.identifier in {EMAIL, UPN}:
                raise refusal(dataset, place, "an index tag cannot hold an address")
            if not all(TAG_NAME.fullmatch(name) for name in (way.at["tag"], dataset.tenant_field or "-")):
                raise refusal(dataset, place, "at.tag or tenant_field cannot be the name of an index tag")


def search(dataset: Dataset, one: Wanted) -> Search:
    """Plan the search for the values of one way, inside one tenant."""
    column = dataset.tenant_field if one.tenant is not None else None
    if one.way.how == "tag":
        return _by_tag(one, column)
    by_folder: dict[str, set[str]] = {}
    for value in one.values:
        by_folder.setdefault(one.fill("prefix", value), set()).add(_folded(one, value))
    key = one.way.at.get("key", "").lower()

    def finds(item: Item) -> bool:
        if column is not None and item.metadata.get(column.lower(), "").lower() != one.tenant:
            return False
        return any(
            item.name.startswith(folder) and (not key or _folded(one, item.metadata.get(key, "")) in values)
            for folder, values in by_folder.items()
        )

    return Search(asks=tuple(by_folder), finds=finds)


def _by_tag(one: Wanted, column: str | None) -> Search:
    tag, values = one.way.at["tag"], [value for value in one.values if TAG_VALUE.fullmatch(value)]
    owner = {column: one.tenant} if column is not None and one.tenant is not None else {}

    def finds(item: Item) -> bool:
        return item.tags.get(tag) in values and all(item.tags.get(name) == value for name, value in owner.items())

    return Search(asks=tuple({tag: value, **owner} for value in values), by_tag=True, finds=finds)


def _folded(one: Wanted, value: str) -> str:
    return value.lower() if "fold" in one.way.at else value
