"""Check a downloaded package against its own manifest."""

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
PIECE = 1024 * 1024


class PackageWrong(Exception):
    """The package is not what its manifest says; the message names the member."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a good package holds."""

    files: int
    records: int
    datasets: Mapping[str, int]
    """How many datasets are in which state: `included`, `needs_sign_in`, …"""


def check_package(path: Path) -> Checked:
    """Compare every member's size and SHA-256 with the manifest, both ways.

    Raises:
        PackageWrong: a member is missing, too many, or differs; or this is no package.
    """
    try:
        with zipfile.ZipFile(path) as package:
            return _checked(package)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise PackageWrong(f"{path.name} is no package: {error}") from None


def _checked(package: zipfile.ZipFile) -> Checked:
    manifest = json.loads(package.read(MANIFEST))
    listed = {one["path"]: one for one in manifest["files"]}
    held = [name for name in package.namelist() if name != MANIFEST]
    if sorted(held) != sorted(listed):
        raise PackageWrong(f"members and manifest differ: {sorted(set(held) ^ set(listed)) or 'a member stands twice'}")
    for name, one in listed.items():
        size, digest = _measured(package, name)
        if (size, digest) != (one["size"], one["sha256"]):
            raise PackageWrong(f"{name} is not what the manifest says")
    datasets = manifest["datasets"]
    return Checked(
        files=len(held),
        records=sum(one["records"] for one in datasets),
        datasets=Counter(one["state"] for one in datasets),
    )


def _measured(package: zipfile.ZipFile, name: str) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with package.open(name) as member:
        while piece := member.read(PIECE):
            size += len(piece)
            digest.update(piece)
    return size, digest.hexdigest()
