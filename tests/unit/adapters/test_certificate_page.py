"""The certificate's page: everything that is signed is told, in both languages, and nothing more is claimed."""

import re
from pathlib import Path

import pytest
import yaml
from certificate_samples import KEY, certificate, told_line, told_recipient
from html_reading import Read
from rendered_samples import LANGUAGES, GoodMaps
from signed_certificates import COVER

import shared.adapters
from shared.adapters.jinja_rendering import JinjaRenderer

HERE = Path(shared.adapters.__file__).parent
RENDERER = JinjaRenderer(GoodMaps())
every_language = pytest.mark.parametrize("language", LANGUAGES)

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param("</bdi></li></ul></main><img src=x onerror=alert(1)>", id="breaking-out"),
    pytest.param('" onmouseover="alert(1)" x=\'', id="attribute"),
    pytest.param("{{ 7 * 7 }} {name} {0}", id="templates"),
    pytest.param("invoice\u202egnp.exe\u2066", id="bidi"),
    pytest.param("a" * 4000, id="long-word"),
]


def read(language, *given, **more):
    return Read(RENDERER.certificate_page(language, certificate(*given, **more)).decode())


def texts(language):
    return yaml.safe_load((HERE / "texts" / f"{language}.yaml").read_text(encoding="utf-8"))


@every_language
def test_it_is_one_whole_document_that_loads_nothing_and_runs_nothing(language):
    text = RENDERER.certificate_page(language, certificate()).decode()
    found = Read(text)
    assert found.attributes[0] == ("html", {"lang": language})
    assert found.declarations == found.count("h1") == found.count("main") == found.count("title") == 1
    assert not re.search(r"url\(|@import|<script|\bsrc=|<form|<link", text)
    assert "default-src 'none'" in " ".join(found.values("content"))
    hrefs = found.values("href")
    assert [href for href in hrefs if not href.startswith(("#", "./"))] == []
    assert {href for href in hrefs if href.startswith("./")} == {"./certificate.json", "./keys.json"}
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in hrefs if href.startswith("#")} <= set(ids)
    assert set(found.values("aria-labelledby")) <= set(ids)


@every_language
def test_the_same_values_give_the_same_bytes(language):
    assert RENDERER.certificate_page(language, certificate()) == RENDERER.certificate_page(language, certificate())


@every_language
def test_it_tells_what_was_done_how_often_when_and_how_it_was_checked(language):
    told = texts(language)["certificate"]
    words = read(language).words()
    for shown in (
        told["partial"],
        told["outcomes"]["erased"],
        told["outcomes"]["anonymised"],
        *(told["proofs"][one] for one in ("looked_again", "service_statement", "vendor_statement")),
        told["grounds"]["17-3-b"],
        told["grounds"]["hold"],
        told["reasons"]["time_limit"],
        told["reasons"]["needs_sign_in"],
        told["reasons"]["shared_address"],
        told["answers"]["acknowledged"],
        told["answers"]["not_reached"],
        told["means"],
        told["case"],
        told["not_searched"],
        "logical delete, sql",
        "Job applications",
        "1,234" if language == "en" else "1.234",
        "31 December 2033" if language == "en" else "31 december 2033",
        "30 December 2026" if language == "en" else "30 december 2026",
        "25 November 2031" if language == "en" else "25 november 2031",
        COVER.jti,
        "ab" * 32,
        COVER.audit_event,
        f"--fingerprint={KEY}",
        "https://privacy.spinpanel.example/api/v1/keys",
    ):
        assert " ".join(shown.split()) in words, shown


@every_language
def test_complete_is_said_of_a_complete_one_alone(language):
    told = texts(language)["certificate"]
    whole = read(language, told_line(), recipients=[]).words()
    assert told["complete"] in whole
    assert told["partial"] not in whole
    assert told["complete"] not in read(language).words()
    assert told["recipients_none"] in whole
    nothing = read(language, told_line("nothing_found"), recipients=[]).words()
    assert told["complete_nothing"] in nothing
    assert told["erased_none"] in nothing
    assert told["complete"] not in nothing


@every_language
def test_a_mark_without_a_line_is_told_too(language):
    told = texts(language)["certificate"]
    words = read(language, told_line(), marks=["too_many_tenants"]).words()
    assert told["reasons"]["too_many_tenants"] in words
    assert told["partial"] in words


@every_language
def test_the_way_to_complain_is_always_told_and_to_court_where_something_was_not_done(language):
    court = texts(language)["remedies"]["court"]
    assert court in read(language).words()
    assert court in read(language, told_line("retained", exemption="17-3-b")).words()
    whole = read(language, told_line()).words()
    assert court not in whole
    assert "Autoriteit Persoonsgegevens" in whole


@every_language
def test_where_no_copies_are_kept_that_is_said_and_no_day_is_waited_for(language):
    told = texts(language)["certificate"]
    words = read(language, told_line(copies=[])).words()
    assert told["no_copies"] in words
    assert told["copies"] not in words


@every_language
def test_who_says_that_nothing_was_found_is_told_where_it_was_not_we_who_looked(language):
    proofs = texts(language)["certificate"]["proofs"]
    words = read(language, told_line("nothing_found", verified="vendor_statement")).words()
    assert proofs["vendor_statement"] in words
    assert proofs["looked_again"] not in read(language, told_line("nothing_found", verified="looked_again")).words()


@every_language
def test_codes_that_nobody_wrote_a_text_for_still_get_one(language):
    told = texts(language)["certificate"]
    line = told_line("not_erased", reason="something_new", count=None)
    words = read(language, line, told_line("retained", exemption="99-9")).words()
    assert told["reasons"]["other"] in words
    assert told["grounds"]["other"] in words
    assert told["unknown_count"] in words
    assert "something_new" not in words


@every_language
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_changes_no_markup_and_stands_isolated(value, language):
    def page(told):
        lines = [
            told_line(title=told, service_title=told, method=told),
            told_line("retained", title=told, exemption=told, source=told),
            told_line("not_erased", title=told, reason=told),
        ]
        return read(language, *lines, recipients=[told_recipient(name=told, titles=[told, told], reason=told)])

    hostile, harmless = page(value), page("x")
    assert (hostile.shape, hostile.declarations) == (harmless.shape, harmless.declarations)
    shown = [stack for stack, text in hostile.texts if value in text]
    assert len(shown) > 8
    assert [stack for stack in shown if "bdi" not in stack] == []
