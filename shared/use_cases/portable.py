"""What portability hands over: the fields that a person brought about, for other programs to read (GDPR Art. 20)."""

from collections.abc import Sequence
from typing import Any

from shared.domain.data_map import DataMap, Dataset, Service
from shared.domain.dossier import Dossier
from shared.domain.json_path import Tree, projected, tree_of
from shared.domain.request import Language, Part, Request
from shared.ports.connector import Record
from shared.rights.portability import portable_fields

PORTABILITY = "portability"
FOLDER = "portability/"
README = f"{FOLDER}README.txt"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def folder_of(request: Request, number: int) -> str:
    """Return where a part's members lie in the package: a folder of its own for each right and person."""
    right = request.parts[number].right
    before = sum(part.right == right for part in request.parts[:number])
    person = "" if before == 0 else f"part-{before + 1}/"
    return f"{FOLDER}{person}" if right == PORTABILITY else person


def columns_of(part: Part, dataset: Dataset) -> list[str]:
    """Return the fields of a dataset that a part's right hands over."""
    if part.right == PORTABILITY:
        return [one.name for one in portable_fields(dataset)]
    return [one.name for one in dataset.fields if one.withhold is None]


def portable(records: Sequence[Record], columns: Sequence[str]) -> list[Record]:
    """Return records with these fields alone."""
    tree = tree_of(columns)
    return [
        {name: record[name] for name in columns if "." in name and name in record} | projected(dict(record), tree)
        for record in records
    ]


def copied_by(request: Request, part: Part, dossier: Dossier, dataset: Dataset) -> bool:
    """Tell whether a copy in the same request holds a dataset of the same person: it is looked through once."""
    shares = any(one.right == "access" and one.person == part.person for one in request.parts)
    return part.right == PORTABILITY and shares and dossier.ask("access").covers(dataset.id)


def schema_path(dataset: Dataset) -> str:
    """Return where the schema of a dataset's JSON file lies."""
    return f"{FOLDER}data/{dataset.id}.schema.json"


def data_schema(dataset: Dataset, language: Language) -> dict[str, Any]:
    """Return the JSON Schema of a dataset's JSON file. Of values it says what they are about, not of which type."""
    categories = {one.name: one.category for one in portable_fields(dataset)}
    definitions: dict[str, Any] = {}
    record = _object(tree_of(categories), "", categories, definitions)
    record["properties"] |= {name: {"description": told} for name, told in categories.items() if "." in name}
    return {
        "$schema": _DIALECT,
        "title": dataset.title.in_language(language),
        "type": "object",
        "required": ["dataset", "records"],
        "additionalProperties": False,
        "properties": {
            "dataset": {"const": dataset.id},
            "records": {"type": "array", "items": {"$ref": "#/$defs/record"}},
        },
        "$defs": {"record": {"type": "object", **record}, **definitions},
    }


def _object(tree: Tree, path: str, categories: dict[str, str], definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, below in tree.items():
        whole = f"{path}{name}"
        if below is None:
            properties[name] = {"description": categories[whole]}
            continue
        number = f"nested{len(definitions) + 1}"
        definitions[number] = {}
        inner = _object(below, f"{whole}.", categories, definitions)
        # Lists on the way hold what the path leads through.
        definitions[number] = {"type": ["object", "array"], "items": {"$ref": f"#/$defs/{number}"}, **inner}
        properties[name] = {"$ref": f"#/$defs/{number}"}
    return {"properties": properties, "additionalProperties": False}


def datasets_of(data_map: DataMap, request: Request) -> list[tuple[Service, Dataset]]:
    """Return what a request's package tells of: what Spinpanel holds in the role that the request is about."""
    return [(service, dataset) for service, dataset in data_map.datasets() if service.role == request.role]
