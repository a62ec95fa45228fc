"""What nothing of a person leads to is told as it is: no better proof would find more."""

import pytest
from asking import answered, manifest_of
from builders import FixedMaps, by, data_map, dataset, memory_services, service, standard_services


@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_copy_says_that_it_is_kept_by_number_and_asks_for_no_better_proof(signed_in):
    logs = service("logs", dataset("lines", tenancy="none", fields=["at"], found_by=[by("number", "at", "resolution")]))
    world = memory_services(maps=FixedMaps(data_map([*standard_services(), logs])))
    request = await answered(world, signed_in=signed_in)
    manifest = await manifest_of(world, request.id)
    [told] = [one for one in manifest["datasets"] if one["id"] == "lines"]
    assert (told["state"], told["reason"]) == ("nothing_found", "kept_by_number")
