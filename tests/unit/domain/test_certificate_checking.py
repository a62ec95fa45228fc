"""Certificates that prove nothing are refused, each for its reason, and nothing of them is repeated."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signed_certificates import (
    COVER,
    FORGER,
    NOW,
    OTHER_SECRET,
    SECRET,
    SIGNER,
    SINCE,
    as_json,
    as_part,
    claims_of,
    disclosures,
    issued,
    key_set,
    signed_claims,
)

from shared.adapters.local_signer import LocalSigner
from shared.domain.certificate import TYPE, digest, encoded, thumbprint
from shared.domain.certificate_checking import MOST_BYTES, CertificateRefused, verify


async def reason(text, keys=None, fingerprint=None):
    with pytest.raises(CertificateRefused) as refused:
        verify(text, keys or await key_set(), fingerprint)
    assert str(refused.value) == refused.value.code
    return refused.value.code


def with_header(text, header):
    signed, rest = text.split("~", 1)
    return f"{as_part(header)}.{signed.split('.', 1)[1]}~{rest}"


def with_payload(text, claims):
    signed, rest = text.split("~", 1)
    first, _, last = signed.split(".")
    return f"{first}.{as_part(claims)}.{last}~{rest}"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"alg": "none"}, "algorithm_refused"),
        ({"alg": "HS256"}, "algorithm_refused"),
        ({"alg": "ES384"}, "algorithm_refused"),
        ({"alg": "es256"}, "algorithm_refused"),
        ({"alg": None}, "algorithm_refused"),
        ({"alg": ["ES256"]}, "algorithm_refused"),
        ({"typ": "JWT"}, "type_refused"),
        ({"typ": "sd-jwt"}, "type_refused"),
        ({"typ": f"application/{TYPE}"}, "type_refused"),
        ({"kid": "another"}, "key_unknown"),
        ({"kid": None}, "key_unknown"),
        ({"kid": ["x"]}, "key_unknown"),
        ({"crit": ["b64"], "b64": False}, "header_refused"),
        ({"jku": "https://evil.example/keys"}, "header_refused"),
    ],
)
async def test_another_header_is_refused(changes, code):
    text = await issued()
    header = as_json(text.split(".")[0])
    assert await reason(with_header(text, header | changes)) == code


async def test_no_signature_at_all_is_refused_whatever_the_header_says():
    text = await issued()
    signed, rest = text.split("~", 1)
    first, second, _ = signed.split(".")
    assert await reason(f"{first}.{second}.~{rest}") == "signature_wrong"
    none = as_part({"alg": "none", "typ": TYPE, "kid": as_json(first)["kid"]})
    assert await reason(f"{none}.{second}.~{rest}") == "algorithm_refused"


async def test_a_public_key_taken_for_a_secret_is_no_way_in():
    text = await issued()
    kid = as_json(text.split(".")[0])["kid"]
    told = f"{as_part({'alg': 'HS256', 'typ': TYPE, 'kid': kid})}.{text.split('.')[1]}"
    secret = json.dumps((await key_set())["keys"][0]).encode()
    forged = f"{told}.{encoded(hmac.digest(secret, told.encode(), hashlib.sha256))}~"
    assert await reason(forged) == "algorithm_refused"


async def test_a_forgers_own_key_is_unknown_even_where_it_calls_itself_ours():
    ours = (await SIGNER.keys())[0].jwk["kid"]
    text = await issued(signer=FORGER)
    assert await reason(text) == "key_unknown"
    assert await reason(with_header(text, as_json(text.split(".")[0]) | {"kid": ours})) == "signature_wrong"
    renamed = {"keys": [one | {"kid": ours} for one in (await key_set(FORGER))["keys"]]}
    assert await reason(await issued(), renamed) == "key_unknown"


async def test_another_fingerprint_is_refused_though_the_key_is_known():
    both = {"keys": [*(await key_set())["keys"], *(await key_set(FORGER))["keys"]]}
    pinned = (await SIGNER.keys())[0].jwk["kid"]
    assert verify(await issued(signer=FORGER), both).cover == COVER
    assert await reason(await issued(signer=FORGER), both, pinned) == "other_key"


@pytest.mark.parametrize("name", ["outcome", "asked_on", "jti", "_sd"])
async def test_a_changed_cover_is_noticed(name):
    text = await issued()
    claims = claims_of(text)
    changed = {"outcome": "complete", "asked_on": "2020-01-01", "jti": "x", "_sd": claims["_sd"][1:]}
    assert await reason(with_payload(text, claims | {name: changed[name]})) == "signature_wrong"


async def test_every_flipped_bit_of_a_signature_is_noticed():
    text = await issued(shown=[])
    head, _, signature = text.rstrip("~").rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    for place in range(0, 512, 37):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        assert await reason(f"{head}.{encoded(bytes(flipped))}~") == "signature_wrong"
    for other in (raw[:-1], raw + b"\0", bytes(64)):
        assert await reason(f"{head}.{encoded(other)}~") == "signature_wrong"


# Lines


async def test_a_line_that_the_cover_does_not_name_is_refused():
    forged = as_part(["salt-1", "line-06", {"dataset": "tickets", "outcome": "erased", "count": 1000}])
    assert await reason(f"{await issued()}{forged}~") == "line_not_signed"


async def test_a_changed_line_is_refused():
    text = await issued(shown=[0])
    shown = disclosures()[0]
    salt, name, value = as_json(shown)
    assert await reason(text.replace(shown, as_part([salt, name, value | {"count": 13}]))) == "line_not_signed"


async def test_a_line_shown_twice_is_refused():
    assert await reason(await issued(shown=[0, 1, 0])) == "line_twice"


@pytest.mark.parametrize(
    "told",
    [
        ["salt", "line-01"],
        ["salt", {"dataset": "x"}],
        ["salt", "iss", "https://evil.example"],
        ["salt", "outcome", {"dataset": "x"}],
        ["salt", "_sd", {}],
        ["salt", "line-01", "text"],
        ["salt", 1, {}],
        {"salt": "line-01"},
        "line-01",
        3,
        b'["salt", "line-01", {"dataset": "a", "dataset": "b"}]',
        b'["salt", "line-01", {"count": NaN}]',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda told: str(told)[:40],
)
async def test_a_signed_digest_of_something_else_than_a_line_tells_no_line(told):
    disclosure = as_part(told)
    claims = claims_of(await issued()) | {"_sd": [digest(disclosure)]}
    assert await reason(f"{await signed_claims(claims)}{disclosure}~") == "line_unreadable"


async def test_two_lines_of_one_name_are_refused():
    one, two = as_part(["a", "line-01", {"count": 1}]), as_part(["b", "line-01", {"count": 2}])
    claims = claims_of(await issued()) | {"_sd": [digest(one), digest(two)]}
    assert await reason(f"{await signed_claims(claims)}{one}~{two}~") == "line_twice"


# Covers


@pytest.mark.parametrize(
    "changes",
    [
        {"_sd_alg": "md5"},
        {"_sd_alg": None},
        {"_sd": None},
        {"_sd": ["a", "a"]},
        {"_sd": 3},
        {"iat": "1764000000"},
        {"iat": True},
        {"iat": -1},
        {"iat": 10**30},
        {"scope": "access"},
        {"outcome": "everything"},
        {"statement": "purged"},
        {"asked_on": "yesterday"},
        {"audit_event": None},
    ],
    ids=str,
)
async def test_a_cover_of_another_shape_is_refused_though_it_is_signed(changes):
    claims = claims_of(await issued()) | changes
    assert await reason(await signed_claims(claims)) == "cover_unreadable"


@pytest.mark.parametrize("told", [b"", b"null", b"[]", b'{"iss": 1, "iss": 2}', b"{", b"\xff", b"[" * 100_000])
async def test_a_payload_that_is_no_cover_is_refused_though_it_is_signed(told):
    assert await reason(await signed_claims(told)) == "cover_unreadable"


# Keys


async def with_window(since, until):
    (key,) = (await key_set())["keys"]
    return {"keys": [key | {"since": since} | ({"until": until} if until else {})]}


@pytest.mark.parametrize(
    ("since", "until", "accepted"),
    [
        ("2026-11-24T00:00:00+00:00", None, True),
        ("2026-11-24T23:59:00+00:00", None, True),
        ("2026-11-25T00:00:00+01:00", None, True),
        ("2026-11-25T00:00:00+00:00", None, False),
        ("2020-01-01T00:00:00+00:00", "2026-11-24T00:00:00+00:00", True),
        ("2020-01-01T00:00:00+00:00", "2026-11-23T23:59:59+00:00", False),
    ],
)
async def test_a_key_is_believed_for_the_days_on_which_it_signed(since, until, accepted):
    text, keys = await issued(), await with_window(since, until)
    if accepted:
        assert verify(text, keys).cover == COVER
    else:
        assert await reason(text, keys) == "key_not_in_use"


@pytest.mark.parametrize("since", [None, "", "soon", 3])
async def test_a_key_that_does_not_say_since_when_is_not_believed(since):
    (key,) = (await key_set())["keys"]
    keys = {"keys": [{name: value for name, value in key.items() if name != "since"} | {"since": since}]}
    assert await reason(await issued(), keys) == "key_unreadable"


@pytest.mark.parametrize(
    "keys",
    [{}, {"keys": None}, {"keys": {}}, {"keys": []}, {"keys": [None, 3, "x", {}, {"kty": "RSA"}, {"kty": "EC"}]}],
    ids=str,
)
async def test_a_set_without_the_key_says_so(keys):
    with pytest.raises(CertificateRefused) as refused:
        verify(await issued(), keys)
    assert refused.value.code == "key_unknown"


async def test_a_point_beside_the_curve_is_no_key():
    (key,) = (await key_set())["keys"]
    off = key | {"y": encoded(bytes(32))}
    text = await issued()
    named = with_header(text, as_json(text.split(".")[0]) | {"kid": thumbprint(off)})
    assert await reason(named, {"keys": [off]}) == "key_unreadable"
    short = key | {"y": "AA"}
    named = with_header(text, as_json(text.split(".")[0]) | {"kid": thumbprint(short)})
    assert await reason(named, {"keys": [short]}) == "key_unreadable"


async def test_after_a_rotation_the_old_certificate_holds_and_a_new_one_under_the_old_key_does_not():
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    both = LocalSigner([(SECRET, SINCE), (OTHER_SECRET, moment)], [], lambda: NOW + timedelta(days=30))
    keys = await key_set(both)
    assert verify(await issued(), keys).cover == COVER
    late = COVER.model_copy(update={"iat": int(datetime(2026, 12, 24, tzinfo=UTC).timestamp())})
    assert verify(await issued(late, signer=both), keys).cover == late
    assert await reason(await issued(late), keys) == "key_not_in_use"


# Garbage


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "~~~",
        "a.b.c",
        "a.b.c~",
        "a.b~",
        "....~",
        "PK\x03\x04",
        "ä.b.c~",
        "e30.e30.e30=~",
        '{"payload": 1}',
    ],
)
async def test_what_is_no_certificate_is_refused(text):
    assert await reason(text) in {"not_a_certificate", "algorithm_refused"}


async def test_what_follows_the_last_sign_is_refused():
    text = await issued()
    assert await reason(text.rstrip("~")) == "not_a_certificate"
    assert await reason(f"{text}e30.e30.e30") == "not_a_certificate"


async def test_what_is_too_large_is_refused_unread():
    assert await reason("a" * (MOST_BYTES + 1)) == "too_large"


async def test_only_the_one_form_of_base64url_is_read():
    text = await issued(shown=[])
    signed = text.rstrip("~")
    for changed in (f"{signed}=~", f"{signed[:-1]}+~", f"{signed} ~", f"{signed}\n.~"):
        assert await reason(changed) in {"not_a_certificate", "signature_wrong"}
    assert verify(f"\n{text}\n", await key_set()).cover == COVER


def never_believed(text, keys, good):
    """Check a text that is not the good one: refused, or so little different that it is the same certificate."""
    try:
        verify(text, keys)
    except CertificateRefused:
        return
    assert text.strip() == good


@pytest.fixture(scope="module")
async def good():
    return await issued(), await key_set()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_sign_anywhere_is_refused(good, data):
    text, keys = good
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.characters(codec="utf-8"))
    never_believed(text[:place] + sign + text[place + 1 :], keys, text)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300) | st.text("abcAB01-_.~=", max_size=300))
def test_no_text_breaks_the_check(text):
    with pytest.raises(CertificateRefused):
        verify(text, {"keys": []})


@settings(max_examples=150, deadline=None)
@given(
    header=st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit"]), st.none() | st.text() | st.integers()),
    payload=st.recursive(
        st.none() | st.integers() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of)
    ),
    keys=st.dictionaries(st.just("keys"), st.lists(st.none() | st.dictionaries(st.text(), st.text()))),
)
def test_no_json_breaks_the_check(header, payload, keys):
    told = {"alg": "ES256", "typ": TYPE, **header}
    with pytest.raises(CertificateRefused):
        verify(f"{as_part(told)}.{as_part(payload)}.{encoded(bytes(64))}~{as_part(payload)}~", keys)
