"""The texts that people read, by key, as the files of each language give them."""

from pathlib import Path

import yaml

import shared.adapters

HERE = Path(shared.adapters.__file__).parent


def flat(told, before=""):
    for key, value in told.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def files(language):
    """The files of one language, by their path."""
    folder = HERE / "texts"
    return [folder / f"{language}.yaml", *sorted(folder.glob(f"*.{language}.yaml"))]


def texts(language):
    """The texts of one language by key, as its files give them one after another."""
    found = {}
    for path in files(language):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        told.pop("written_out", None)
        found |= flat(told)
    return found
