"""A package is checked member by member, and every difference is found."""

import hashlib
import json
import zipfile

import pytest

from samples.package import PackageWrong, check_package

CONTENT = {"index.html": b"<h1>hello</h1>", "data/x.json": b"[]", "data/x.bin": bytes(3_000_000)}


def listed(path, data):
    return {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.fixture
def package(tmp_path):
    def build(content=CONTENT, **changes):
        files = [listed(path, data) for path, data in CONTENT.items()]
        datasets = [{"id": "x", "state": "included", "records": 7}, {"id": "y", "state": "nothing_found", "records": 0}]
        path = tmp_path / "package.zip"
        with zipfile.ZipFile(path, "w") as held:
            for name, data in (content | changes).items():
                held.writestr(name, data)
            held.writestr("manifest.json", json.dumps({"files": files, "datasets": datasets}))
        return path

    return build


def test_a_good_package_passes(package):
    checked = check_package(package())
    assert (checked.files, checked.records) == (3, 7)
    assert checked.datasets == {"included": 1, "nothing_found": 1}


@pytest.mark.parametrize("data", [b"[ ]", b"{}"], ids=["other size", "other content"])
def test_a_changed_member_is_found(package, data):
    with pytest.raises(PackageWrong, match=r"data/x\.json is not what the manifest says"):
        check_package(package(**{"data/x.json": data}))


def test_a_member_too_many_is_found(package):
    with pytest.raises(PackageWrong, match=r"extra\.txt"):
        check_package(package(**{"extra.txt": b"?"}))


def test_a_missing_member_is_found(package):
    content = {path: data for path, data in CONTENT.items() if path != "index.html"}
    with pytest.raises(PackageWrong, match=r"index\.html"):
        check_package(package(content))


def test_what_is_no_package_is_said_to_be_none(tmp_path):
    path = tmp_path / "package.zip"
    path.write_bytes(b"404 page not found")
    with pytest.raises(PackageWrong, match="is no package"):
        check_package(path)
