"""PATCH /api/v1/profile: what the map leaves to people is corrected, and nothing else is."""

import pytest
from builders import CONTOSO, MIRA, NAMESAKE
from checked import call
from correcting_world import RIGHT, correctable_services, correcting_world, correction, profiles_of

from shared.domain.states import State
from shared.domain.tenant import Tenant, Terms

PATH = "/api/v1/profile"


def signed_in(world, person=MIRA):
    world.tokens.introduce(f"token of {person.tenant}", person.principal())
    return f"token of {person.tenant}"


async def change(*corrections, token=None, **how):
    return await call("profile_update", "PATCH", PATH, body={"corrections": list(corrections)}, token=token, **how)


def kept_for_a_customer():
    """The same profiles, in a system that Spinpanel runs for its customers."""
    services = correctable_services()
    services[-2] |= {"role": "processor"}
    return services


async def customer(world, **more):
    terms = (Terms(version=1, since=world.clock()),)
    await world.tenants.write(Tenant(id=CONTOSO, name="Contoso", terms=terms, **more), None)


async def test_ones_own_profile_says_so_and_nobody_elses():
    world = correcting_world()
    answer = await change(correction(), token=signed_in(world))
    assert answer.status == 202
    assert answer.json["parts"] == [{"right": "rectification", "status": "received"}]
    assert answer.headers["location"] == f"/api/v1/requests/{answer.json['id']}"
    await world.drain()
    assert {row["name"] for row in profiles_of(world, MIRA)} == {RIGHT}
    assert {row["name"] for row in profiles_of(world, NAMESAKE)} == {NAMESAKE.surname}
    request = (await world.requests.read(answer.json["id"])).row
    assert request.state is State.COMPLETED
    assert request.verdicts == ()


async def test_the_same_key_twice_is_one_change():
    world = correcting_world()
    token, headers = signed_in(world), {"Idempotency-Key": "k-1"}
    first = await change(correction(), token=token, headers=headers)
    again = await change(correction(), token=token, headers=headers)
    assert again.json["id"] == first.json["id"]
    other = await change(correction(value="another"), token=token, headers=headers)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("field", ["title", "signedIn", "secret", "nothing"])
async def test_what_is_not_left_to_people_is_refused_without_an_echo(field):
    world = correcting_world()
    answer = await change(correction(), correction(field, "canary"), token=signed_in(world))
    assert answer.status == 400
    assert "canary" not in answer.whole
    assert world.bus.deliver() == []


@pytest.mark.parametrize("body", [{}, {"corrections": []}, {"corrections": [{"dataset": "profiles"}]}])
async def test_a_change_of_nothing_is_refused(body):
    world = correcting_world()
    answer = await call("profile_update", "PATCH", PATH, body=body, token=signed_in(world))
    assert answer.status == 400


async def test_only_who_signed_in_has_a_profile_here():
    world = correcting_world()
    assert (await change(correction())).status == 401
    world.tokens.introduce("daemon", MIRA.principal(app="00000000-0000-4000-8000-0000000000da"))
    assert (await change(correction(), token="daemon")).status == 401


async def test_data_of_a_customer_that_is_not_known_is_nobodys_to_change_here():
    world = correcting_world(kept_for_a_customer())
    answer = await change(correction(), token=signed_in(world))
    assert (answer.status, answer.json["code"]) == (409, "self_service_restricted")


async def test_a_customer_may_keep_its_users_from_changing_their_profile_but_not_from_asking():
    world = correcting_world(kept_for_a_customer())
    await customer(world, self_service=frozenset({"profile"}))
    token = signed_in(world)
    assert (await change(correction(), token=token)).status == 409
    body = {"rights": ["rectification"], "details": {"rectification": {"corrections": [correction()]}}}
    asked = await call("request_submit", "POST", "/api/v1/requests", body=body, token=token)
    assert asked.status == 202


async def test_what_spinpanel_decides_itself_no_customer_can_keep_from_its_users():
    world = correcting_world()
    await customer(world, self_service=frozenset({"profile"}))
    assert (await change(correction(), token=signed_in(world))).status == 202
