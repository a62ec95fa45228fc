"""The sample company's people are what their descriptions say."""

from uuid import UUID

import pytest

from samples.people import HOME, PEOPLE, TENANTS
from shared.domain.identity import EMAIL, OBJECT_ID, UPN, normalise


def test_nobody_shares_an_object_id_or_a_upn_inside_a_tenant():
    ids = [(person.tenant, person.oid) for person in PEOPLE.values()]
    names = [(person.tenant, normalise(UPN, person.upn)) for person in PEOPLE.values()]
    assert len(set(ids)) == len(set(names)) == len(PEOPLE)


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_every_person_has_identifiers_that_the_service_accepts(person):
    assert normalise(OBJECT_ID, person.oid) == person.oid
    assert normalise(EMAIL, person.email) == person.email
    assert normalise(UPN, person.upn) == person.upn.lower()
    assert person.tenant in {tenant.id for tenant in TENANTS.values()}


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_no_address_could_reach_a_real_mailbox(person):
    for address in filter(None, (person.email, person.upn, person.private_address)):
        assert address.endswith(".example")


def test_namesakes_share_a_name_and_no_identifier():
    jan, other, elsewhere = (PEOPLE[key] for key in ("jan", "jan-finance", "jan-cloudhuis"))
    assert jan.name == other.name == elsewhere.name
    assert jan.tenant == other.tenant != elsewhere.tenant
    assert len({jan.oid, other.oid, elsewhere.oid}) == 3
    assert len({jan.email, other.email, elsewhere.email}) == 3


def test_the_shared_mailbox_is_the_address_of_two_people_in_one_tenant():
    kim, tom = PEOPLE["kim"], PEOPLE["tom"]
    assert (kim.tenant, kim.email) == (tom.tenant, tom.email)
    assert kim.upn != tom.upn


def test_one_address_stands_in_two_tenants():
    assert PEOPLE["anna"].email == PEOPLE["anna-alpenblick"].email
    assert PEOPLE["anna"].tenant != PEOPLE["anna-alpenblick"].tenant


def test_a_guest_has_a_upn_that_keys_cannot_hold_as_it_is():
    assert "#EXT#" in PEOPLE["guest"].upn


def test_operators_are_at_home_except_the_one_who_pretends():
    operators = {key for key, person in PEOPLE.items() if "Privacy.Operator" in person.roles}
    assert {key for key in operators if PEOPLE[key].home is not HOME} == {"fabian"}
    assert len(operators) > 2


def test_the_tenants_have_guids():
    assert len({UUID(tenant.id) for tenant in TENANTS.values()}) == len(TENANTS) == 5
