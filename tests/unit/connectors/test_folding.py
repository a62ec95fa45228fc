"""Comparing in lower case: what differs by more than case stays two people's."""

import pytest

from shared.connectors import _blob_file_search, _blob_line_search
from shared.connectors._blob_listing import Item
from shared.connectors._table_search import searches
from shared.connectors._ways import wanted
from shared.domain.data_map import Dataset
from shared.domain.identity import Identifier, Standing

TEXT = {"en": "x", "nl": "x"}
ALIKE = [("strasse@x.example", "straße@x.example"), ("james@x.example", "jameſ@x.example")]
PAIRS = [*ALIKE, *((other, one) for one, other in ALIKE)]


def dataset(how, **at):
    return Dataset(
        id="things",
        title=TEXT,
        tenancy="none",
        settings={"table": "things"},
        fields=[{"name": "owner", "category": "user"}],
        found_by=[{"identifier": "email", "how": how, "at": {**at, "fold": "lower"} if how != "name" else at}],
        purposes=[TEXT | {"id": "testing"}],
        legal_basis="A6-1-b",
        authorisation="user",
        source=TEXT,
        retention={"period": "P30D", "counted_from": "created", "action": "delete", "source": TEXT},
    )


def in_rows(how, **at):
    def finds(asked, held):
        (search,) = searches(dataset(how, property="owner", **at), [asked])
        return search.finds({"PartitionKey": "p", "owner": f'{{"who": "{held}"}}' if how == "json" else held})

    return finds


def in_lines(asked, held):
    (search,) = _blob_line_search.searches(dataset("line", prefix="chat/", path="owner"), [asked])
    return search.finds("chat/1", {"owner": held})


def in_metadata(asked, held):
    (one,) = wanted(things := dataset("metadata", prefix="ideas/", key="owner"), [asked])
    item = Item(name="ideas/1", size=1, media_type=None, etag="1", metadata={"owner": held})
    return _blob_file_search.search(things, one).finds(item)


@pytest.fixture(
    params=[in_rows("property"), in_rows("json", path="who"), in_rows("name"), in_lines, in_metadata],
    ids=["property", "json", "name", "line", "metadata"],
)
def finds(request):
    return request.param


def email(value):
    return Identifier(kind="email", value=value, tenant=None, standing=Standing.PROVEN, source="a code")


@pytest.mark.parametrize(("asked", "held"), PAIRS)
def test_signs_that_only_look_alike_are_not_folded_into_one(finds, asked, held):
    assert finds(email(asked), asked)
    assert not finds(email(asked), held)


def test_case_makes_no_difference(finds):
    assert finds(email("zoë.łukasz@x.example"), "ZOË.Łukasz@X.example")
