"""A SQL dataset that could not be searched, or not erased as it says, is refused before it is asked of a database."""

import pytest

from shared.connectors.sql import Sql
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import DataMapInvalid

TEXT = {"en": "x", "nl": "x"}
WAY = {"identifier": "upn", "how": "column", "at": {"column": "owner"}}
SETTINGS = {"table": "things", "key": "id"}


def dataset(settings=SETTINGS, way=WAY, fields=None, tenant_field="tenant", **erasure):
    return Dataset(
        id="things",
        title=TEXT,
        tenancy="tenant",
        settings=settings,
        fields=[{"category": "user", **one} for one in fields or [{"name": "note"}]],
        found_by=[way],
        tenant_field=tenant_field,
        purposes=[TEXT | {"id": "testing"}],
        legal_basis="A6-1-b",
        authorisation="user",
        source=TEXT,
        retention={"period": "P30D", "counted_from": "created", "action": "delete", "source": TEXT},
        erasure=erasure or {"action": "delete"},
    )


def check(dataset, settings=None):
    service = Service(
        id="things-keeper",
        title=TEXT,
        owner="Support",
        role="controller",
        lane="stores",
        connector="sql",
        settings={"store": "spinsql"} if settings is None else settings,
        time_limit="PT5M",
        datasets=[dataset],
    )
    Sql(None).check(service, dataset)


def by(column, **more):
    return WAY | {"at": {"column": column, **more}}


@pytest.mark.parametrize(
    "good",
    [
        pytest.param(dataset(), id="plain"),
        pytest.param(dataset(SETTINGS | {"schema": "Sales"}, by("Owner", fold="lower")), id="schema-and-fold"),
        pytest.param(dataset(SETTINGS | {"key": "tenant, at,id"}), id="key-of-three"),
        pytest.param(dataset(action="anonymise"), id="anonymise"),
        pytest.param(dataset(fields=[{"name": "id", "anonymise": "keep"}], action="anonymise"), id="key-kept"),
        pytest.param(dataset(fields=[{"name": "doc.a"}, {"name": "doc.b.c"}]), id="parts-of-json"),
    ],
)
def test_a_sound_dataset_is_taken(good):
    check(good)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        pytest.param(dataset({"table": "t"}), "settings: exactly `table` and `key` are asked", id="no-key"),
        pytest.param(dataset(SETTINGS | {"where": "1"}), "settings: exactly", id="odd-setting"),
        pytest.param(dataset(SETTINGS | {"table": 't"; --'}), "settings: table: not a plain name", id="table"),
        pytest.param(dataset(SETTINGS | {"table": "a.b"}), "settings: table", id="table-with-schema"),
        pytest.param(dataset(SETTINGS | {"schema": "a b"}), "settings: schema", id="schema"),
        pytest.param(dataset(SETTINGS | {"key": "id,"}), "settings: key", id="empty-key"),
        pytest.param(dataset(SETTINGS | {"key": "id, id"}), "settings: key", id="same-key-twice"),
        pytest.param(dataset(way=by("owner = 1 or 1")), "at.column: not a plain name", id="column"),
        pytest.param(dataset(way=by("o" * 64)), "at.column: not a plain name", id="longer-than-names-are"),
        pytest.param(dataset(way=by("owner", fold="upper")), "at.fold: can only be `lower`", id="fold"),
        pytest.param(dataset(way=by("{value}")), "in templates alone", id="template"),
        pytest.param(dataset(way=WAY | {"how": "like"}), "how: like: known are column", id="how"),
        pytest.param(dataset(fields=[{"name": "no te"}]), "fields, tenant_field", id="field"),
        pytest.param(dataset(tenant_field="ten-ant"), "fields, tenant_field", id="tenant-field"),
        pytest.param(dataset(tenant_field=None), "or a tenant_field on the dataset", id="no-tenant"),
        pytest.param(
            dataset(fields=[{"name": "owner", "anonymise": "keep"}], action="anonymise"),
            "finds by a field that anonymising keeps",
            id="found-by-what-is-kept",
        ),
        pytest.param(dataset(way=by("id"), action="anonymise"), "anonymising cannot change", id="found-by-key"),
        pytest.param(dataset(way=by("tenant"), action="anonymise"), "anonymising cannot change", id="found-by-tenant"),
        pytest.param(
            dataset(fields=[{"name": "owner", "anonymise": "month"}], action="anonymise"),
            "field owner: could be found again by its month",
            id="found-by-month",
        ),
        pytest.param(
            dataset(fields=[{"name": "id", "anonymise": "remove"}], action="anonymise"),
            "field id: is part of the key",
            id="key-removed",
        ),
    ],
)
def test_an_unsound_dataset_is_refused_by_its_name(bad, told):
    with pytest.raises(DataMapInvalid) as caught:
        check(bad)
    assert str(caught.value).startswith("dataset things: ")
    assert told in str(caught.value)
