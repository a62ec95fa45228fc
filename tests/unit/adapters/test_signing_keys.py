"""Signing keys from settings: whole ones or none, and which one signs when."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from builders import memory_services

from shared import wiring
from shared.adapters.local_signer import LocalSigner
from shared.adapters.signing_keys import Held, published, retired_keys, signing
from shared.domain.errors import Transient
from shared.ports.erasing import PublishedKey

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
KEY = base64.b64encode(bytes([9]) * 32).decode()


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


def held(name, since, ends=None):
    return Held(key=name, jwk={"kid": name}, since=since, ends=ends)


def test_the_newest_key_that_has_begun_and_not_ended_signs():
    keys = [held("a", NOW - 9 * DAY), held("b", NOW - 2 * DAY, NOW - DAY), held("c", NOW + DAY)]
    assert signing(keys, NOW).key == "a"
    assert signing(keys, NOW - 2 * DAY).key == "b"
    assert signing(keys, NOW - DAY).key == "a"
    assert signing(keys, NOW + DAY).key == "c"


def test_a_keys_signing_ends_with_itself_or_with_the_next_ones_beginning_whichever_is_first():
    keys = [held("c", NOW), held("a", NOW - 9 * DAY, NOW + DAY), held("b", NOW - 2 * DAY, NOW - DAY)]
    told = {one.jwk["kid"]: one.until for one in published(keys, [])}
    assert list(told) == ["c", "b", "a"]
    assert told == {"c": None, "b": NOW - DAY, "a": NOW - 2 * DAY}


def test_retired_keys_stand_among_the_others_by_age():
    retired = [PublishedKey(jwk={"kid": "old"}, since=NOW - 5 * DAY, until=NOW - 4 * DAY)]
    assert [one.jwk["kid"] for one in published([held("a", NOW)], retired)] == ["a", "old"]


@pytest.mark.parametrize(
    "told",
    [
        "",
        "{}",
        "[1]",
        '[{"kty": "EC"}]',
        json.dumps([{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "since": "2026-01-01T00:00:00Z"}]),
        json.dumps([{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "since": "2026-01-01", "until": "2026-01-02"}]),
    ],
)
def test_a_list_of_retired_keys_that_cannot_be_read_is_never_taken_for_an_empty_one(told):
    with pytest.raises(Transient) as refused:
        retired_keys(told)
    assert refused.value.code == "retired_signing_keys_unreadable"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("scalar", [bytes(32), b"\xff" * 32])
def test_a_number_that_is_no_key_on_the_curve_is_refused(scalar):
    with pytest.raises(Transient) as refused:
        LocalSigner([(scalar, NOW)], [], lambda: NOW)
    assert refused.value.code == "key_missing_or_unreadable"


def test_a_second_key_says_from_when_it_signs():
    with pytest.raises(Transient) as refused:
        memory_services(signing_key_2=KEY).signer  # noqa: B018
    assert refused.value.code == "signing_since_missing"


def test_without_any_key_nothing_is_signed():
    with pytest.raises(Transient) as refused:
        memory_services(signing_key_1=None).signer  # noqa: B018
    assert refused.value.code == "key_missing_or_unreadable"


async def test_the_second_key_of_the_settings_takes_over_in_its_time():
    world = memory_services(signing_key_2=KEY, signing_since_2="2026-12-01T00:00:00Z")
    newer, older = await world.signer.keys()
    assert older.until == newer.since == datetime(2026, 12, 1, tzinfo=UTC)
    header = [(await world.signer.sign({}, b"x")).split(".")[0]]
    world.clock.advance(days=60)
    header.append((await world.signer.sign({}, b"x")).split(".")[0])
    kids = [json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)))["kid"] for one in header]
    assert kids == [older.jwk["kid"], newer.jwk["kid"]]
