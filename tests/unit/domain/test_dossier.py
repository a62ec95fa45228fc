"""Which identifiers may be searched with, and where mail goes."""

import pytest
from builders import CONTOSO, by, data_map, dataset, service

from shared.domain.dossier import Dossier, searchable
from shared.domain.identity import EMAIL, UPN, Identifier, Standing

WAYS = [by(EMAIL, "mail"), by(UPN, "upn", "resolution")]


def one_dataset(tenancy: str):
    (found,) = data_map([service("s", dataset("d", tenancy=tenancy, fields=["mail"], found_by=WAYS))]).services
    return found.datasets[0]


def identifier(kind=EMAIL, tenant=None, standing=Standing.PROVEN, source="mail code") -> Identifier:
    return Identifier(kind=kind, value="a@x.example", tenant=tenant, standing=standing, source=source)


@pytest.mark.parametrize(
    ("tenancy", "own", "given", "searched"),
    [
        pytest.param("tenant", True, identifier(tenant=CONTOSO), True, id="a tenant's, inside it"),
        pytest.param("tenant", True, identifier(), False, id="a tenant's, by what is world-wide"),
        pytest.param("tenant", False, identifier(tenant=CONTOSO), True, id="a tenant's, in a further part"),
        pytest.param("tenant", True, identifier(tenant=CONTOSO, standing=Standing.DERIVED), True, id="derived"),
        pytest.param("tenant", True, identifier(tenant=CONTOSO, standing=Standing.CLAIMED), False, id="claimed"),
        pytest.param("tenant", True, identifier(UPN, tenant=CONTOSO), False, id="of use for resolution alone"),
        pytest.param("tenant", True, identifier("visitor_id", tenant=CONTOSO), False, id="another kind"),
        pytest.param("none", True, identifier(), True, id="own, proven"),
        pytest.param("none", False, identifier(), False, id="own, in a part without own records"),
        pytest.param("none", True, identifier(standing=Standing.CLAIMED), False, id="own, claimed"),
        pytest.param(
            "none", True, identifier(standing=Standing.DERIVED, source="users"), False, id="own, from a tenant's record"
        ),
        pytest.param(
            "none", True, identifier(standing=Standing.DERIVED, source="own-set"), True, id="own, from an own record"
        ),
    ],
)
def test_a_dataset_is_searched_with_what_fits_it_alone(tenancy, own, given, searched):
    found = searchable(one_dataset(tenancy), (given,), own=own, own_sources=frozenset({"own-set"}))
    assert found == ([given] if searched else [])


@pytest.mark.parametrize(
    ("dossier", "address"),
    [
        pytest.param(Dossier(email="given@x.example"), "given@x.example", id="the one that was given"),
        pytest.param(Dossier(people=((identifier(standing=Standing.DERIVED),),)), "a@x.example", id="one on record"),
        pytest.param(Dossier(people=((identifier(standing=Standing.CLAIMED),),)), None, id="never a claimed one"),
        pytest.param(Dossier(people=((identifier(UPN),),)), None, id="never a user name"),
    ],
)
def test_mail_goes_to_an_address_that_is_known_to_be_theirs(dossier, address):
    assert dossier.address == address
