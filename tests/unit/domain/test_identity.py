"""Identifiers have one form, and what is not of its kind is refused without being repeated."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.domain.identity import EMAIL, OBJECT_ID, UPN, normalise


@pytest.mark.parametrize(
    ("kind", "given_value", "normal"),
    [
        pytest.param(EMAIL, "  Mira.Kovac@Contoso.Example ", "mira.kovac@contoso.example", id="case and blanks"),
        pytest.param(EMAIL, "info@bücher.example", "info@xn--bcher-kva.example", id="IDNA"),
        pytest.param(EMAIL, "info@BÜCHER.example", "info@xn--bcher-kva.example", id="IDNA of capitals"),
        pytest.param(EMAIL, "info@xn--bcher-kva.example", "info@xn--bcher-kva.example", id="IDNA already"),
        pytest.param(EMAIL, "info@straße.example", "info@xn--strae-oqa.example", id="sharp s is no double s"),
        pytest.param(EMAIL, "info@STRAẞE.example", "info@xn--strae-oqa.example", id="nor is its capital"),
        pytest.param(EMAIL, "info@βόλος.example", "info@xn--nxasmm1c.example", id="final sigma is a letter of its own"),
        pytest.param(EMAIL, "Zoe\u0308@contoso.example", "zoë@contoso.example", id="composed"),
        pytest.param(EMAIL, "a+b@contoso.example", "a+b@contoso.example", id="a tag is part of the address"),
        pytest.param(UPN, "Mira@Contoso.Example", "mira@contoso.example", id="UPN"),
        pytest.param(
            UPN,
            "mira_fabrikam.example#EXT#@contoso.onmicrosoft.com",
            "mira_fabrikam.example#ext#@contoso.onmicrosoft.com",
            id="guest UPN",
        ),
        pytest.param(UPN, f"{'a' * 100}#EXT#@contoso.example", f"{'a' * 100}#ext#@contoso.example", id="long UPN"),
        pytest.param(
            OBJECT_ID,
            "{AAAAAAAA-0000-4000-8000-00000000000A}",
            "aaaaaaaa-0000-4000-8000-00000000000a",
            id="GUID",
        ),
        pytest.param("contact_id", " C-17 ", "C-17", id="others keep their case"),
    ],
)
def test_an_identifier_has_one_form(kind, given_value, normal):
    assert normalise(kind, given_value) == normal
    assert normalise(kind, normal) == normal


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param(EMAIL, "", id="empty"),
        pytest.param(EMAIL, "   ", id="blank"),
        pytest.param(EMAIL, "canary", id="no at"),
        pytest.param(EMAIL, "canary@", id="no domain"),
        pytest.param(EMAIL, "@canary.example", id="no local part"),
        pytest.param(EMAIL, "canary@localhost", id="no dot"),
        pytest.param(EMAIL, "canary@contoso..example", id="empty label"),
        pytest.param(EMAIL, "canary@.example", id="dot first"),
        pytest.param(EMAIL, "canary@contoso.example.", id="dot last"),
        pytest.param(EMAIL, ".canary@contoso.example", id="local dot first"),
        pytest.param(EMAIL, "canary.@contoso.example", id="local dot last"),
        pytest.param(EMAIL, "a@canary@contoso.example", id="two ats"),
        pytest.param(EMAIL, "canary@bank.example\uff20evil.example", id="an at that IDNA makes"),
        pytest.param(EMAIL, "canary@evil\uff1c.example", id="a bracket that IDNA makes"),
        pytest.param(EMAIL, "canary@\u00af.example", id="a blank that IDNA makes"),
        pytest.param(EMAIL, "canary@-x.example", id="hyphen first"),
        pytest.param(EMAIL, f"canary@{'ü' * 20}.{'ü' * 20}.{'.'.join(['a' * 60] * 4)}.example", id="too long in ASCII"),
        pytest.param(EMAIL, "can ary@contoso.example", id="blank inside"),
        pytest.param(EMAIL, "canary\u00a0x@contoso.example", id="no-break space"),
        pytest.param(EMAIL, "canary\u200b@contoso.example", id="zero-width space"),
        pytest.param(EMAIL, "canary\u202e@contoso.example", id="right-to-left override"),
        pytest.param(EMAIL, "canary\u00ad@contoso.example", id="soft hyphen"),
        pytest.param(EMAIL, "canary\r\nBcc: x@contoso.example", id="a header"),
        pytest.param(EMAIL, "canary\u2028@contoso.example", id="line separator"),
        pytest.param(EMAIL, "canary,b@contoso.example", id="a list"),
        pytest.param(EMAIL, "Canary <canary@contoso.example>", id="with a name"),
        pytest.param(EMAIL, f"{'a' * 65}@contoso.example", id="local part too long"),
        pytest.param(EMAIL, f"canary@{'a' * 64}.example", id="label too long"),
        pytest.param(EMAIL, f"canary@{'.'.join(['a' * 60] * 5)}", id="too long"),
        pytest.param(EMAIL, "\ud800canary@contoso.example", id="half a character"),
        pytest.param(OBJECT_ID, "canary", id="no GUID"),
        pytest.param("contact_id", "can\u200dary", id="joiner"),
    ],
)
def test_what_is_not_of_its_kind_is_refused_and_never_repeated(kind, value):
    with pytest.raises(InvalidInput) as refused:
        normalise(kind, value)
    assert refused.value.field == kind
    assert "canary" not in str(refused.value).lower()


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_normal_address_is_normal_already(local, domain):
    try:
        normal = normalise(EMAIL, f"{local}@{domain}.example")
    except InvalidInput:
        return
    assert normalise(EMAIL, normal) == normal
