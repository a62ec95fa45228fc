"""Certificates: what the cover tells, what stays hidden, and that whole and part are believed."""

import json

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from signed_certificates import COVER, LINES, SIGNER, claims_of, disclosures, issued, key_set

from shared.domain.certificate import TYPE, digest, fillers_needed, thumbprint
from shared.domain.certificate_checking import verify


async def test_a_whole_certificate_is_believed_and_tells_every_line():
    checked = verify(await issued(), await key_set())
    assert checked.cover == COVER
    assert list(checked.lines) == ["line-01", "line-02", "line-03", "line-04", "line-05"]
    assert checked.lines["line-01"]["count"] == 12
    assert checked.lines["line-02"]["source"] == {"en": "Tax law", "nl": "Tax law (nl)"}
    assert checked.lines["line-04"] == LINES[3].model_dump(mode="json", exclude_none=True)
    assert checked.unseen == 11
    assert checked.key == (await SIGNER.keys())[0].jwk["kid"]


@pytest.mark.parametrize("shown", [[], [0], [3, 1], [0, 1, 2]])
async def test_a_part_is_believed_and_the_rest_stays_hidden(shown):
    text = await issued(shown=shown)
    checked = verify(text, await key_set())
    assert sorted(checked.lines) == sorted(f"line-{number + 1:02}" for number in shown)
    assert checked.unseen == 16 - len(shown)
    hidden = [line for number, line in enumerate(disclosures()) if number not in shown]
    assert all(line not in text for line in hidden)
    assert "Mailer" not in json.dumps(claims_of(text))


async def test_the_cover_has_no_line_in_clear_and_nothing_of_a_day_but_its_date():
    claims = claims_of(await issued())
    assert claims.keys() == {*COVER.model_dump(), "_sd", "_sd_alg"}
    assert claims["iat"] % 86400 == 0
    assert all(word not in json.dumps(claims) for word in ("tickets", "invoices", "Mailer", "looked_again"))


@pytest.mark.parametrize(("lines", "digests"), [(1, 16), (15, 16), (16, 16), (17, 32), (40, 48)])
async def test_decoys_fill_the_digests_up_so_that_they_tell_no_number_of_lines(lines, digests):
    told = claims_of(await issued(lines=[LINES[0]] * lines))["_sd"]
    assert len(told) == len(set(told)) == digests
    assert told == sorted(told)
    assert fillers_needed(lines) == digests - lines


async def test_a_digest_and_a_thumbprint_are_as_the_standards_compute_them():
    # RFC 9901, section 4.2.3.
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest(disclosure) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    # The thumbprint as jwcrypto computes it, another implementation.
    (key,) = (await key_set())["keys"]
    assert thumbprint(key) == key["kid"] == JWK(kty="EC", crv="P-256", x=key["x"], y=key["y"]).thumbprint()


async def test_the_right_fingerprint_is_accepted():
    (key,) = await SIGNER.keys()
    assert verify(await issued(), await key_set(), fingerprint=f" {key.jwk['kid']}\n").key == key.jwk["kid"]


async def test_another_implementation_of_jose_verifies_the_signature():
    text = await issued()
    (key,) = (await key_set())["keys"]
    jws = JWS()
    jws.deserialize(text.split("~")[0], JWK(**{name: key[name] for name in ("kty", "crv", "x", "y", "kid")}))
    assert json.loads(jws.payload) == claims_of(text)
    assert jws.jose_header == {"alg": "ES256", "typ": TYPE, "kid": key["kid"]}
