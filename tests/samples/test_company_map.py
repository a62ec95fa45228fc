"""The map of one machine: outside systems where they run here, and none that a request would wait for in vain."""

import yaml

from samples.company_map import MAP, local_map
from shared.adapters.yaml_data_map import build
from shared.connectors import discover
from shared.use_cases.linting_map import findings

VENDOR, NOTICES = "http://127.0.0.1:7001", "http://127.0.0.1:7002/erasures"


def built(*given, **more):
    connectors = {kind: factory(None) for kind, factory in discover().items()}
    return build(local_map(*given, **more), "local.yaml", connectors)


def kinds(data_map):
    return {one.connector for one in data_map.services}


def test_with_every_url_it_is_the_whole_map_but_for_the_urls(sample_map):
    data_map = built({"newsletter": VENDOR, "talent-agency": NOTICES})
    assert [one.id for one in data_map.services] == [one.id for one in sample_map.services]
    assert data_map.service("newsletter").settings["url"] == VENDOR
    assert data_map.recipients()["talent-agency"].notify.address == NOTICES
    assert sample_map.service("newsletter").settings["url"].startswith("https://")
    assert {one.id for one in data_map.services if one != sample_map.service(one.id)} == {"newsletter", "recruitment"}


def test_nobody_outside_is_left_where_nothing_runs(sample_map):
    data_map = built({}, listening=False)
    assert kinds(sample_map) == {
        "azure_tables", "azure_blobs", "sql", "http_service", "lane_service", "own_records"
    }  # fmt: skip
    assert kinds(data_map) == {"azure_tables", "azure_blobs", "sql", "own_records"}
    assert data_map.lanes() == ("stores",)
    assert list(findings(data_map)) == []
    assert {one.notify.how for one in data_map.recipients().values()} == {"mail"}


def test_a_recipient_without_a_url_is_named_all_the_same():
    listed = yaml.safe_load(local_map({}))
    [applications] = [
        dataset for one in listed["services"] if one["id"] == "recruitment" for dataset in one["datasets"]
    ]
    assert [one.get("id") for one in applications["recipients"]] == ["microsoft", "talent-agency"]
    assert all("notify" not in one for one in applications["recipients"])


def test_the_map_itself_names_no_host_of_this_machine():
    assert "127.0.0.1" not in MAP.read_text()
