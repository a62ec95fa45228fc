"""A service with a lane of its own, as the data map may name it."""

import pytest
from builders import by, data_map, dataset, service
from lane_world import CLIENT, known

from shared.connectors.lane_service import LaneService
from shared.domain.errors import DataMapInvalid, Permanent


def checked(*, lane="telemetry", settings=None, **more):
    given = {"settings": {}, "fields": ["oid"], "found_by": [known("entra_object_id")]} | more
    told = service(
        "telemetry",
        dataset("events", **given),
        lane=lane,
        connector="lane_service",
        settings={"client": CLIENT} if settings is None else settings,
    )
    (found,) = data_map([told]).services
    LaneService().check(found, found.datasets[0])
    return found


def test_a_service_names_its_identity_and_what_it_finds_people_by():
    assert checked().settings["client"] == CLIENT
    assert checked(tenancy="none", found_by=[known("email")])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param({"settings": {}}, "client", id="no-client"),
        pytest.param({"settings": {"client": "telemetry"}}, "GUID", id="a-name"),
        pytest.param({"settings": {"client": CLIENT.upper()}}, "GUID", id="another-form"),
        pytest.param({"settings": {"client": CLIENT, "store": "x"}}, "client", id="another-setting"),
        pytest.param({"lane": "stores"}, "lane", id="our-lane"),
        pytest.param({"found_by": [known("entra_object_id") | {"at": {"path": "oid"}}]}, "at.path", id="a-place"),
        pytest.param({"found_by": [by("entra_object_id", "oid")]}, "known are identifier", id="another-way"),
        pytest.param({"found_by": [known("email")]}, "who somebody is", id="tells-tenants"),
        pytest.param({"found_by": [known("upn") | {"use": "resolution"}]}, "who somebody is", id="resolution"),
        pytest.param({"yields": [{"identifier": "upn", "field": "oid"}]}, "who somebody is", id="yields"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason(wrong, reason):
    with pytest.raises(DataMapInvalid, match=reason):
        checked(**wrong)


def test_settings_of_a_dataset_are_refused():
    told = dataset("events", settings={"table": "x"}, fields=["oid"], found_by=[known("entra_object_id")])
    (found,) = data_map([service("telemetry", told, lane="telemetry", settings={"client": CLIENT})]).services
    with pytest.raises(DataMapInvalid, match="none are asked"):
        LaneService().check(found, found.datasets[0])


def test_it_is_never_read_from_here():
    found = checked()
    for work in (LaneService().export, LaneService().count, LaneService().erase):
        with pytest.raises(Permanent, match="works_by_itself"):
            work(found, found.datasets[0], [])
