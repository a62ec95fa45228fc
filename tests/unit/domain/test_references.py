"""Keyed references, codes, link secrets, sessions and sign-in states."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.errors import NotSignedIn
from shared.domain.references import ALPHABET, CODE_LENGTH, TYPED_SECRET_LENGTH, References, Session, as_typed
from shared.domain.request import RequestId

ONE, TWO = RequestId("00000000-0000-4000-8000-000000000001"), RequestId("00000000-0000-4000-8000-000000000002")
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def keys(*versions: int, code: int = 9) -> References:
    return References(reference_keys={v: bytes([v]) * 32 for v in versions}, code_keys={1: bytes([code]) * 32})


def test_a_new_key_writes_new_references_and_still_finds_the_old_ones():
    before, after = keys(1), keys(1, 2)
    old = before.subject("email", "mira@contoso.example", None)
    new = after.subject("email", "mira@contoso.example", None)
    assert old.startswith("k1.")
    assert new.startswith("k2.")
    assert after.subject_in_all_versions("email", "mira@contoso.example", None) == [new, old]


def test_a_retired_key_finds_nothing_any_more():
    old = keys(1, 2).subject_in_all_versions("email", "mira@contoso.example", None)[1]
    assert old not in keys(2).subject_in_all_versions("email", "mira@contoso.example", None)


def test_a_look_up_makes_as_many_references_as_there_are_keys_whoever_is_looked_for():
    rotated = keys(1, 2, 3)
    assert {len(rotated.subject_in_all_versions("email", f"{n}@x.example", None)) for n in range(5)} == {3}


def test_references_differ_by_tenant_kind_value_and_purpose():
    made = keys(1)
    found = [
        made.subject("email", "a@x.example", None),
        made.subject("email", "a@x.example", "tenant"),
        made.subject("upn", "a@x.example", None),
        made.subject("email", "b@x.example", None),
        made.limit("email", "a@x.example"),
    ]
    assert len(set(found)) == len(found)


def test_parts_that_join_to_the_same_text_do_not_make_the_same_reference():
    made = keys(1)
    assert made.subject("ab", "c", None) != made.subject("a", "bc", None)


def test_nothing_of_the_identifier_or_the_keys_shows():
    made = keys(1)
    assert "mira" not in made.subject("email", "mira@contoso.example", None)
    assert "\\x01" not in repr(made)


def test_idempotent_ids_survive_a_rotation_and_differ_by_caller_and_key():
    assert keys(1).idempotent_id("a", "r", "k") == keys(1, 2).idempotent_id("a", "r", "k")
    assert len({keys(1).idempotent_id(*of) for of in (("a", "r", "k"), ("b", "r", "k"), ("a", "r", "l"))}) == 3


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda code: code, id="as it is"),
        pytest.param(lambda code: f"{code[:4]}-{code[4:]}", id="with its dash"),
        pytest.param(lambda code: f" {code[:4]} {code[4:]} ".lower(), id="lower case and blanks"),
        pytest.param(lambda code: code.replace("0", "o").replace("1", "l"), id="look-alikes"),
        pytest.param(lambda code: code.replace("0", "O").replace("1", "I").replace("V", "u"), id="more look-alikes"),
    ],
)
def test_a_code_is_good_however_it_is_typed(typed):
    made = keys(1)
    for issue in range(1, 40):
        code = made.code(ONE, issue)
        assert len(code) == CODE_LENGTH
        assert set(code) <= set(ALPHABET)
        assert made.is_code(ONE, issue, typed(code))


def test_a_code_is_good_for_its_request_and_issue_alone():
    made = keys(1)
    code = made.code(ONE, 1)
    assert not made.is_code(TWO, 1, code)
    assert not made.is_code(ONE, 2, code)
    assert not keys(1, code=8).is_code(ONE, 1, code)
    assert not made.is_code(ONE, 1, code[:-1])
    assert not made.is_code(ONE, 1, "")


def test_a_repeated_mail_carries_the_same_code():
    assert keys(1).code(ONE, 1) == keys(1, 2).code(ONE, 1)


def test_a_certificates_link_and_id_are_not_its_packages():
    made = keys(1)
    assert made.link_secret(ONE, 1, "package") == made.link_secret(ONE, 1)
    assert made.export_id(ONE, "package") == made.export_id(ONE) != made.export_id(ONE, "certificate")
    for secret in (made.link_secret(ONE, 1, "certificate"), made.typed_secret(ONE, 1, "certificate")):
        assert made.is_link_secret(ONE, 1, secret, "certificate")
        assert not made.is_link_secret(ONE, 1, secret)
    assert not made.is_link_secret(ONE, 1, made.link_secret(ONE, 1), "certificate")


def test_a_link_secret_is_good_in_both_its_forms_and_for_its_issue_alone():
    made = keys(1)
    assert len(made.typed_secret(ONE, 1)) == TYPED_SECRET_LENGTH
    for secret in (made.link_secret(ONE, 1), made.typed_secret(ONE, 1).lower()):
        assert made.is_link_secret(ONE, 1, f" {secret} ")
        assert not made.is_link_secret(ONE, 2, secret)
        assert not made.is_link_secret(TWO, 1, secret)


def test_every_character_is_accepted_in_a_guess():
    assert not keys(1).is_link_secret(ONE, 1, "ß🔑\u202e")
    assert as_typed("ß") == "SS"


def test_a_session_reads_back_until_it_ends():
    made, session = keys(1), Session(request_id=ONE, proven_at=NOW, expires_at=NOW + timedelta(hours=1))
    token = made.session_token(session)
    assert made.session(token, NOW) == session
    with pytest.raises(NotSignedIn):
        made.session(token, NOW + timedelta(hours=1))


def test_a_session_that_was_touched_is_no_session():
    made = keys(1)
    token = made.session_token(Session(request_id=ONE, proven_at=NOW, expires_at=NOW + timedelta(hours=1)))
    for bad in (token.replace(ONE, TWO), token[:-1], f"{token}0", f"S{token[1:]}", "s1.", "s1..", "", token.upper()):
        assert bad != token
        with pytest.raises(NotSignedIn):
            made.session(bad, NOW)


def test_a_sign_in_state_carries_where_to_go_on_for_a_while_and_is_not_a_session():
    made = keys(1)
    state = made.state("ask-nl", NOW, timedelta(minutes=15))
    assert made.state_target(state, NOW) == "ask-nl"
    for bad, at in ((state, NOW + timedelta(minutes=15)), (f"x{state}", NOW), ("", NOW)):
        with pytest.raises(NotSignedIn):
            made.state_target(bad, at)
    with pytest.raises(NotSignedIn):
        made.session(f"s1.{state}", NOW)
    assert made.nonce(state) != made.nonce(made.state("ask-en", NOW, timedelta(minutes=15)))


def test_a_callback_token_is_of_one_task_and_outlives_the_key_it_was_made_with():
    old = keys(1).callback_token(ONE, "erase-0.0.vendor", 3)
    rotated = References(reference_keys={1: b"r" * 32}, code_keys={1: bytes([9]) * 32, 2: b"n" * 32})
    new = rotated.callback_token(ONE, "erase-0.0.vendor", 3)
    assert old != new
    assert old.startswith("c1.3.")
    assert [rotated.is_callback_token(ONE, "erase-0.0.vendor", one) for one in (old, new)] == [True, True]
    assert not keys(1).is_callback_token(ONE, "erase-0.0.vendor", new)
    assert not rotated.is_callback_token(TWO, "erase-0.0.vendor", new)
    assert not rotated.is_callback_token(ONE, "erase-1.0.vendor", new)
    assert not rotated.is_callback_token(ONE, "erase-0.0.vendor", new.replace("c1.3", "c1.4"))
