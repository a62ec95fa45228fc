"""What proof each right takes, as a table a lawyer can read."""

import pytest
from builders import data_map, standard_services

from shared.domain.ask import Ask, Correction
from shared.rights import discovered
from shared.use_cases.assurance import Proof, Signs, assurance, identifies

NO_SIGN, TAKEN_OVER, CORRECTED = Signs(), Signs(taken_over=True), Signs(corrected=True)
GIVEN, ADDRESS, FRESH, SECOND = Proof.AS_GIVEN, Proof.ADDRESS, Proof.FRESH, Proof.SECOND

# right → without any sign, after a sign of takeover, by an address that was corrected not long ago
TABLE = {
    "withdraw_consent": (GIVEN, GIVEN, GIVEN),  # GDPR Art. 7(3): as easily as it was given
    "objection": (GIVEN, GIVEN, GIVEN),  # Art. 21(3): marketing stops on a word
    "restriction": (ADDRESS, ADDRESS, SECOND),
    "human_review": (ADDRESS, ADDRESS, SECOND),
    "complaint": (ADDRESS, ADDRESS, SECOND),
    "access": (FRESH, SECOND, SECOND),
    "portability": (FRESH, SECOND, SECOND),
    "erasure": (FRESH, SECOND, SECOND),
    "rectification": (FRESH, FRESH, SECOND),
    "inquiry": (FRESH, FRESH, SECOND),
}


def test_the_table_has_every_right():
    assert TABLE.keys() == discovered().keys()


@pytest.mark.parametrize("right", TABLE)
def test_a_right_takes_the_proof_that_a_wrong_hand_asks_for_and_no_more(right):
    spec = discovered()[right]
    assert tuple(assurance(spec, signs) for signs in (NO_SIGN, TAKEN_OVER, CORRECTED)) == TABLE[right]


@pytest.mark.parametrize("right", TABLE)
def test_no_proof_is_ever_more_than_a_second_sign_in_or_code(right):
    both = Signs(taken_over=True, corrected=True)
    assert assurance(discovered()[right], both, identifies=True) <= max(Proof)
    assert [proof.name for proof in Proof] == ["AS_GIVEN", "ADDRESS", "FRESH", "SECOND"]


def test_a_correction_of_what_somebody_is_known_by_takes_a_second_proof_after_a_sign_of_takeover():
    right = discovered()["rectification"]
    assert assurance(right, TAKEN_OVER, identifies=True) is Proof.SECOND
    assert assurance(right, NO_SIGN, identifies=True) is Proof.FRESH


@pytest.mark.parametrize(
    ("dataset", "field", "known_by"),
    [
        ("users", "mail", True),
        ("users", "upn", True),
        ("users", "oid", True),
        ("users", "name", False),
        ("signups", "email", True),
        ("signups", "company", False),
        ("tickets", "from", True),
        ("unheard-of", "mail", False),
    ],
)
def test_what_somebody_is_known_by_is_what_the_map_finds_them_by_or_reads_from(dataset, field, known_by):
    ask = Ask(corrections=(Correction(dataset=dataset, field=field, value="new"),))
    assert identifies(ask, data_map(standard_services())) is known_by


def test_an_address_is_what_somebody_is_known_by_even_where_nothing_is_found_by_it():
    services = standard_services()
    services[0]["datasets"][1]["fields"].append({"name": "otherMail", "category": "user.contact.email"})
    ask = Ask(corrections=(Correction(dataset="signups", field="otherMail", value="new"),))
    assert identifies(ask, data_map(services))
