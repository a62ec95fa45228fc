"""The YAML data map: what is refused, at which line, and what stays when a change is bad."""

import hashlib
import os
from pathlib import Path

import pytest

from shared.adapters.yaml_data_map import YamlDataMap, build
from shared.connectors import discover
from shared.connectors.memory import Memory
from shared.data_map_check import main
from shared.domain.errors import DataMapInvalid

CONNECTORS = {"memory": Memory()}
GOOD = """\
version: "7"
controller: &us { name: Us, address: Here, email: privacy@x.example }
privacy_contact: *us
authority: { name: AP, address: There, website: https://ap.example }
services:
  - id: desk
    title: &text { en: Desk, nl: Balie }
    owner: Support
    role: controller
    lane: stores
    connector: memory
    settings: { store: spindata }
    time_limit: PT5M
    datasets:
      - id: tickets
        title: *text
        tenancy: none
        settings: { drawer: tickets }
        fields:
          - { name: subject, category: user.content }
        found_by:
          - { identifier: email, how: field, at: { path: from } }
        purposes: [{ id: helping, en: Desk, nl: Balie }]
        legal_basis: A6-1-b
        authorisation: user
        source: *text
        retention: { period: P30D, counted_from: created, action: delete, source: *text }
"""


def refused(text):
    with pytest.raises(DataMapInvalid) as caught:
        build(text, "map.yaml", CONNECTORS)
    return str(caught.value)


def test_a_good_map_is_read_and_its_version_follows_its_text():
    data_map = build(GOOD, "map.yaml", CONNECTORS)
    assert [dataset.id for _, dataset in data_map.datasets()] == ["tickets"]
    assert data_map.version == "7+" + hashlib.sha256(GOOD.encode()).hexdigest()[:12]
    assert build(GOOD + "# a remark\n", "map.yaml", CONNECTORS).version != data_map.version


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("role: controller", "role: boss", "map.yaml:9: services.0.role: ", id="value"),
        pytest.param("    owner: Support\n", "", "map.yaml:6: services.0.owner: Field required", id="missing"),
        pytest.param(
            "lane: stores", "lane: stores\n    color: red", "map.yaml:11: services.0.color: Extra", id="extra"
        ),
        pytest.param("lane: stores", "lane: stores\n    lane: graph", "map.yaml:11: a key stands twice", id="twice"),
        pytest.param("connector: memory", "connector: fax", "map.yaml:11: service desk: no such connector", id="kind"),
        pytest.param("how: field", "how: guess", "map.yaml:15: dataset tickets: how: guess: known", id="how"),
        pytest.param(
            "path: from", "paht: from", "map.yaml:15: dataset tickets: how: field: at.paht: is not known", id="at"
        ),
        pytest.param(
            "{ drawer: tickets }", "{}", "map.yaml:15: dataset tickets: settings: exactly `drawer`", id="settings"
        ),
        pytest.param(
            "tenancy: none", "tenancy: tenant", "map.yaml:15: dataset tickets: how: field: needs", id="tenant"
        ),
        pytest.param(
            "period: P30D", "period: soon", "map.yaml:27: services.0.datasets.0.retention.period: ", id="period"
        ),
        pytest.param("role: controller", "role: [controller", "not YAML: ", id="yaml"),
        pytest.param("role: controller", "role: !!python/object:os.system x", "map.yaml:9: not YAML: ", id="tag"),
        pytest.param(GOOD, "", "map.yaml:1: the file is empty", id="empty"),
        pytest.param(GOOD, "- 1\n", "map.yaml:1: map: ", id="a-list"),
    ],
)
def test_a_bad_map_is_refused_with_line_and_reason(old, new, told):
    assert old in GOOD
    assert told in refused(GOOD.replace(old, new))


def test_a_refusal_tells_how_many_more_there_are_and_repeats_no_value():
    message = refused(GOOD.replace("role: controller", "role: s3cret").replace("A6-1-b", "s3cret"))
    assert message.endswith("(and 1 more)")
    assert "s3cret" not in message


def test_service_ids_that_stand_twice_are_refused():
    double = GOOD + GOOD[GOOD.index("  - id: desk") :].replace("&text ", "")
    assert "service ids stand twice: desk" in refused(double)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(GOOD)
    return path


def rewrite(path, text):
    """Write a change that shows in the file's time, whatever the clock's step."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_an_unchanged_file_is_built_once_and_a_changed_one_again(file):
    maps = YamlDataMap(file, CONNECTORS)
    first = maps.current()
    assert maps.current() is first
    rewrite(file, GOOD.replace('"7"', '"8"'))
    assert maps.current().version.startswith("8+")


def test_a_bad_change_keeps_the_last_good_build_and_is_told_once(file, caplog):
    maps = YamlDataMap(file, CONNECTORS)
    good = maps.current()
    rewrite(file, GOOD.replace("role: controller", "role: boss"))
    assert maps.current() is good
    assert maps.current() is good
    assert caplog.text.count("map.yaml:9: services.0.role") == 1
    rewrite(file, GOOD.replace('"7"', '"9"'))
    assert maps.current().version.startswith("9+")


def test_a_file_that_vanishes_keeps_the_last_good_build(file):
    maps = YamlDataMap(file, CONNECTORS)
    good = maps.current()
    file.unlink()
    assert maps.current() is good


def test_without_any_good_build_the_reason_is_raised(file):
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(DataMapInvalid, match=r"map\.yaml: cannot be read"):
        YamlDataMap(file, CONNECTORS).current()
    file.unlink()
    with pytest.raises(DataMapInvalid, match=r"map\.yaml: cannot be read"):
        YamlDataMap(file, CONNECTORS).current()


def test_the_projects_own_map_is_good(capsys):
    assert main([str(Path(__file__).parents[3] / "data_map.yaml")]) == 0
    assert capsys.readouterr().out.startswith("ok: ")


def test_the_command_says_what_is_wrong_in_one_line(file, capsys):
    file.write_text(GOOD.replace("role: controller", "role: boss").replace("connector: memory", "connector: fax"))
    assert main([str(file)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_every_connector_is_discovered_under_the_kind_it_claims():
    found = discover()
    assert {"azure_tables", "azure_blobs", "memory"} <= set(found)
    assert all(factory.kind == kind for kind, factory in found.items())
