"""The public data map: an allow-list, in the language and form that is asked for, and nothing of where data lies."""

from pathlib import Path

import pytest
from builders import FixedMaps, memory_services
from checked import CANARY, call

from shared.adapters.jinja_rendering import JinjaRenderer
from shared.adapters.yaml_data_map import load
from shared.connectors import discover
from shared.domain.data_map import Notify

URL = "/api/v1/data-map"
TEXT = {"en", "nl"}
ALLOWED = {
    "": {"version", "controller", "privacyContact", "datasets", "withoutPersonalData"},
    ".controller": {"name", "address", "email"},
    ".privacyContact": {"name", "address", "email"},
    ".withoutPersonalData": {"title", "reason"},
    ".datasets": {
        "id", "title", "system", "role", "categories", "subjects", "purposes", "legalBasis", "level", "source",
        "recipients", "retention", "copiesKeptDays", "rights", "onErasure", "retained", "profiling",
        "automatedDecisions",
    },
    ".datasets.purposes": {"id", "text", "directMarketing"},
    ".datasets.recipients": {"id", "name", "purpose", "country", "safeguard"},
    ".datasets.retention": {"days", "countedFrom", "action", "source"},
    ".datasets.retained": {"ground", "source", "years"},
}  # fmt: skip
RIGHTS = {
    "access", "portability", "rectification", "erasure", "restriction", "objection", "withdraw_consent", "human_review"
}  # fmt: skip


@pytest.fixture(scope="module")
def whole():
    connectors = {kind: factory(None) for kind, factory in discover().items()}
    return load(Path(__file__).parents[2] / "data_map.yaml", connectors)


@pytest.fixture
def world(whole):
    maps = FixedMaps(whole)
    return memory_services(maps=maps, renderer=JinjaRenderer(maps))


def keys_of(value, place=""):
    """Every mapping's keys, by the path that leads to it."""
    if isinstance(value, dict):
        yield place, set(value)
        for name, one in value.items():
            yield from keys_of(one, f"{place}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from keys_of(one, place)


async def test_no_key_is_answered_that_is_not_allowed(world):
    answer = await call("map_show", "GET", URL)
    assert answer.status == 200
    met = set()
    for place, keys in keys_of(answer.json):
        if place == ".datasets.rights":
            assert keys == RIGHTS
        elif keys != TEXT:
            assert keys <= ALLOWED[place], place
            met.add(place)
    assert met == set(ALLOWED)


def hiding(whole):
    """The map with a canary wherever something stands that is nobody's business."""

    def dataset(one):
        return one.model_copy(
            update={
                "settings": {"table": CANARY},
                "tenant_field": CANARY,
                "erase_after": (CANARY,),
                "fields": tuple(field.model_copy(update={"name": CANARY}) for field in one.fields),
                "found_by": tuple(
                    way.model_copy(update={"how": CANARY, "at": {CANARY: CANARY}}) for way in one.found_by
                ),
                "yields": tuple(edge.model_copy(update={"field": CANARY}) for edge in one.yields),
                "recipients": tuple(
                    recipient.model_copy(
                        update={"notify": Notify(how="mail", address=CANARY, identifier="email", received=CANARY)}
                    )
                    for recipient in one.recipients
                ),
            }
        )

    def service(one):
        hidden = {"id": CANARY, "owner": CANARY, "lane": CANARY, "connector": CANARY, "contact": CANARY}
        datasets = tuple(dataset(each) for each in one.datasets)
        return one.model_copy(update=hidden | {"settings": {CANARY: CANARY}, "datasets": datasets})

    services = tuple(service(one) for one in whole.services)
    return whole.model_copy(update={"services": services, "processors": (), "security": ()})


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_where_and_how_anything_is_stored_or_reached_is_not_answered(world, whole, accept):
    world.maps.map = hiding(whole)
    answer = await call("map_show", "GET", URL, headers={"Accept": accept})
    assert answer.status == 200
    assert len(answer.text) > 50_000
    assert CANARY not in answer.whole


async def test_a_browser_reads_it_in_its_language(world, whole):
    for language, title in (("en", "What we know about people"), ("nl", "Wat wij van mensen weten")):
        page = await call("map_show", "GET", URL, headers={"Accept": "text/html", "Accept-Language": language})
        assert page.headers["content-language"] == language
        assert title in page.text
        for _, dataset in whole.datasets():
            assert dataset.title.in_language(language).replace("'", "&#39;") in page.text
            assert all(one.name_in(language) in page.text for one in dataset.recipients)
        assert "{" not in page.text.partition("</style>")[2]


async def test_what_the_reader_has_is_not_sent_again_and_a_new_version_is(world, whole):
    first = await call("map_show", "GET", URL)
    assert first.headers["etag"] == f'"{whole.version}"'
    same = await call("map_show", "GET", URL, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status, same.text) == (304, "")
    page = await call("map_show", "GET", URL, headers={"If-None-Match": first.headers["etag"], "Accept": "text/html"})
    assert page.status == 200
    world.maps.map = whole.model_copy(update={"version": "next"})
    anew = await call("map_show", "GET", URL, headers={"If-None-Match": first.headers["etag"]})
    assert (anew.status, anew.json["version"]) == (200, "next")


async def test_each_right_is_told_as_the_law_has_it(world):
    told = {one["id"]: one for one in (await call("map_show", "GET", URL)).json["datasets"]}
    assert told["invoices"]["rights"]["erasure"] == "exempt"
    assert told["invoices"]["retained"]["ground"] == "17-3-b"
    assert told["newsletter-subscriptions"]["rights"]["withdraw_consent"] == "do"
    assert told["newsletter-subscriptions"]["rights"]["objection"] == "do"
    assert told["suitability-assessments"]["rights"]["objection"] == "decide"
    assert told["suitability-assessments"]["rights"]["human_review"] == "decide"
    assert told["suitability-assessments"]["rights"]["portability"] == "not_applicable"
    assert told["sign-ups"]["rights"]["portability"] == "do"
    assert told["sign-ups"]["rights"]["rectification"] == "do"
    assert told["exchange-usage"]["rights"]["rectification"] == "decide"
    assert told["server-logs"]["rights"]["rectification"] == "exempt"
    assert told["chat-messages"]["rights"]["access"] == "decide"
