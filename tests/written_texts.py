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


def texts(language):
    told = yaml.safe_load((HERE / "texts" / f"{language}.yaml").read_text(encoding="utf-8"))
    told.pop("written_out")
    return dict(flat(told))
