"""Everything people read: complete in both languages, escaped for where it stands, and loading nothing."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest
from html_reading import Read
from jinja2 import UndefinedError
from package_samples import nothing, package, told_dataset
from rendered_samples import (
    LANGUAGES,
    MAILS,
    PAGES,
    GoodMaps,
    erasure,
    row,
    status,
)
from written_texts import HERE, texts

from shared.adapters.jinja_rendering import JinjaRenderer, content_security_policy
from shared.adapters.phrases import Phrases, grouped
from shared.domain.errors import DataMapInvalid

RENDERER = JinjaRenderer(GoodMaps())

every_page = pytest.mark.parametrize("sample", PAGES)
every_language = pytest.mark.parametrize("language", LANGUAGES)

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param("</bdi></li></ul></main><img src=x onerror=alert(1)>", id="breaking-out"),
    pytest.param('" onmouseover="alert(1)" x=\'', id="attribute"),
    pytest.param("</style><!-- ]]> --><title>", id="comment"),
    pytest.param("{{ 7 * 7 }} {% raw %} {name} {0}", id="templates"),
    pytest.param("invoice\u202egnp.exe\u2066 \u200f", id="bidi"),
    pytest.param("javascript:alert(1)", id="scheme"),
    pytest.param("//evil.example/../../etc", id="path"),
    pytest.param("a" * 4000, id="long-word"),
    pytest.param("&lt;b&gt; & &amp;", id="entities"),
]


def page(sample, language):
    name, values = PAGES[sample]
    return RENDERER.page(name, language, values)


def fields(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


# Texts


def test_both_languages_have_the_same_texts_with_the_same_places_for_values():
    english, dutch = texts("en"), texts("nl")
    assert len(english) > 200
    assert list(english) == list(dutch)
    assert {key: fields(text) for key, text in english.items()} == {key: fields(text) for key, text in dutch.items()}


@every_language
def test_every_text_is_a_text_without_markup(language):
    assert [key for key, text in texts(language).items() if not isinstance(text, str) or set("<>&") & set(text)] == []


def test_every_text_is_used_by_some_template():
    told = "".join(path.read_text(encoding="utf-8") for path in sorted((HERE / "templates").rglob("*.j2")))
    told += (HERE / "phrases.py").read_text(encoding="utf-8") + (HERE / "jinja_rendering.py").read_text(
        encoding="utf-8"
    )
    whole = set(re.findall(r"""t\(["']([\w.]+)["'][,)]""", told)) | {"period.days"}
    begun = {f"{group}." for group in re.findall(r'label\("([\w.]+)"', told)}
    begun |= {f"{group}." for group in re.findall(r'state\("([\w.]+)"', told)}
    begun |= set(re.findall(r't\("([\w.]+\.)" ~', told)) | set(re.findall(r'label\("([\w.]+\.)" ~', told))
    begun |= {"period.", "mails.code.subject", "mails.recipient."}  # the last is chosen by what happened
    subjects = {f"mails.{name}.subject" for name, _ in MAILS.values()}
    unused = [key for key in texts("en") if key not in whole | subjects and not key.startswith(tuple(begun))]
    assert unused == []


# Pages


@every_language
@every_page
def test_a_page_is_one_whole_document_in_its_language(sample, language):
    read = Read(page(sample, language))
    assert read.attributes[0] == ("html", {"lang": language})
    assert read.declarations == read.count("h1") == read.count("main") == read.count("title") == 1
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    named = [name for value in read.values("aria-describedby") + read.values("for") for name in value.split()]
    assert set(named) <= set(ids)


@every_language
@every_page
def test_a_page_loads_nothing_and_leads_nowhere_else(sample, language):
    text = page(sample, language)
    read = Read(text)
    assert not re.search(r"https?:|url\(|@import|\bsrc\b", text)
    targets = read.values("href") + read.values("action")
    assert len(targets) > 1
    assert [one for one in targets if not one.startswith(("/api/", "#", "mailto:privacy@spinpanel.example"))] == []
    assert {"style", "onclick"} & {name for _, names in read.shape for name in names} == set()


@every_language
def test_the_policy_allows_the_style_and_the_script_that_pages_carry_and_no_other(language):
    policy = dict(rule.split(" ", 1) for rule in content_security_policy("https://store.example").split("; "))
    text = page("verify", language)
    for tag in ("style", "script"):
        (told,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(told.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self' https://store.example"


@every_language
def test_pages_still_render_when_there_is_no_good_data_map(language):
    class NoMaps:
        def current(self):
            raise DataMapInvalid("line 1")

    renderer = JinjaRenderer(NoMaps())
    name, values = PAGES["error-500"]
    assert "<h1>" in renderer.page(name, language, values)
    name, values = MAILS["withdrawn"]
    with pytest.raises(DataMapInvalid):
        renderer.mail(name, language, values)


def test_a_missing_value_is_an_error_rather_than_a_gap():
    with pytest.raises(UndefinedError, match="request_id"):
        RENDERER.page("verify", "en", {"errors": {}, "disowned": False})
    without = {name: value for name, value in MAILS["code"][1].items() if name != "link"}
    with pytest.raises(UndefinedError, match="link"):
        RENDERER.mail("code", "en", without)


@every_language
def test_an_error_is_told_at_the_top_and_tied_to_its_field(language):
    read = Read(page("ask-again", language))
    (field,) = [attributes for tag, attributes in read.attributes if attributes.get("name") == "email"]
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "email-hint email-error"
    assert "#email" in read.values("href")
    assert texts(language)["errors.email.other"] in read.inside("a")
    assert texts(language)["errors.title_prefix"] in read.inside("title")


@every_language
def test_an_error_code_nobody_wrote_a_text_for_still_gets_one(language):
    read = Read(RENDERER.page("verify", language, dict(PAGES["verify"][1]) | {"errors": {"code": "a_new_code"}}))
    assert texts(language)["errors.code.other"] in read.words()
    assert "a_new_code" not in read.words()


@every_language
def test_a_refused_request_names_the_ways_to_complain(language):
    words = Read(page("status-refused", language)).words()
    for named in ("Autoriteit Persoonsgegevens", "Postbus 93374", texts(language)["remedies.court"]):
        assert named in words


@every_language
def test_a_plan_is_a_table_that_says_what_is_kept_why_and_until_when(language):
    read = Read(page("erasure-plan", language))
    told, until = texts(language), "31 December 2033" if language == "en" else "31 december 2033"
    words = read.words()
    for shown in ("Invoices", "Tax law, article 52", told["certificate.grounds.17-3-b"], until, "Job applications"):
        assert shown in words
    for one in ("hold", "other"):
        assert told[f"certificate.grounds.{one}"] in words
    assert told["status.plan_unknown"] in words
    assert told["remedies.court"] in words
    assert read.count("th") == 3 + len(PAGES["erasure-plan"][1]["request"]["plan"]["found"])
    empty = Read(page("erasure-plan-empty", language))
    assert told["status.plan_nothing"] in empty.words()
    assert empty.count("table") == 0


@every_language
def test_a_plan_stays_hidden_until_whoever_looks_has_proved_it_afresh(language):
    for sample, way in (("erasure-plan-proof", "sign_in"), ("erasure-copy-proof", "send_code")):
        words = Read(page(sample, language)).words()
        assert texts(language)[f"status.proof.{way}"] in words
        assert texts(language)["status.waive_sure"] not in words
        assert "Invoices" not in words


@every_language
def test_every_state_of_an_erasure_says_what_it_means(language):
    told = {key: text for key, text in texts(language).items() if key.startswith("status.means.erasure.")}
    assert len(told) > 15
    for key, text in told.items():
        values = erasure(key.removeprefix("status.means.erasure."))
        assert text in Read(RENDERER.page("status", language, values)).words()


@every_language
def test_a_certificate_is_not_called_a_package(language):
    told = texts(language)
    for sample, kind, other in (("certificate", "certificate", "package"), ("export", "package", "certificate")):
        words = Read(page(sample, language)).words()
        for text in ("title", "lead", "download", "care"):
            assert told[f"export.kinds.{kind}.{text}"] in words
            assert told[f"export.kinds.{other}.{text}"] not in words


# Hostile values


def whole_shape(read):
    return read.shape, read.declarations


@every_language
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_changes_no_markup_of_a_page(value, language):
    def shown(told):
        services = [{"work": "export", "services": [{"title": told, "state": "done"}]}]
        plan = {
            "found": [row(told, service=told, exemption=told, source=told)],
            "nothing_in": [told],
            "needs_sign_in": True,
        }
        return [
            Read(RENDERER.page("status", language, status(services=services, reason=told, has_plan=True, plan=plan))),
            Read(RENDERER.page("error", language, {"status": 400, "title": told, "detail": told})),
            Read(RENDERER.page("export", language, dict(PAGES["export"][1]) | {"secret": told})),
        ]

    for hostile, harmless in zip(shown(value), shown("x"), strict=True):
        assert whole_shape(hostile) == whole_shape(harmless)


def hostile_package(told):
    dataset = told_dataset(
        title=told,
        service_title=told,
        purposes=[told],
        categories=[told],
        source=told,
        automated_decisions=told,
        files=[{"path": told, "name": told, "size": 1}],
        tables=[told],
        recipients=[{"name": told, "purpose": told, "country": "US", "safeguard": told}],
        retention={"days": 1, "counted_from": "created", "action": "delete", "source": told},
        withheld={told: told},
        legal_basis=told,
    )
    missing = told_dataset(title=told, service_title=told, state="missing", reason=told, tables=[], files=[])
    return package(dataset, missing, identifiers=[{"kind": told, "value": told, "standing": "proven"}])


@every_language
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_changes_no_markup_of_the_package_and_stands_isolated(value, language):
    hostile = Read(RENDERER.package_index(language, hostile_package(value)).decode())
    harmless = Read(RENDERER.package_index(language, hostile_package("x")).decode())
    assert whole_shape(hostile) == whole_shape(harmless)
    shown = [stack for stack, text in hostile.texts if value.replace("_", " ") in text.replace("_", " ")]
    assert len(shown) > 15
    assert [stack for stack in shown if not {"bdi", "code"} & set(stack)] == []
    assert [href for href in hostile.values("href") if not href.startswith(("./", "#"))] == []


@every_language
def test_what_no_document_may_hold_is_replaced(language):
    text = RENDERER.package_index(language, hostile_package("nul\x00 half\ud800 bell\x07")).decode()
    assert not re.search("[\x00-\x08\ud800-\udfff]", text)
    assert "nul\ufffd half\ufffd bell\ufffd" in text


# The package's index


@every_language
def test_the_index_is_the_same_bytes_for_the_same_values(language):
    first, second = (RENDERER.package_index(language, package()) for _ in range(2))
    assert first == second
    other = package()
    other["subject"]["identifiers"][0]["value"] = "somebody@else.example"
    assert RENDERER.package_index(language, other) != first


@every_language
def test_the_index_loads_nothing_and_links_to_files_beside_it(language):
    text = RENDERER.package_index(language, package()).decode()
    read = Read(text)
    assert not re.search(r"https?:|url\(|@import|<script|\bsrc=", text)
    hrefs = read.values("href")
    assert {"./accounts/data/accounts.json", "./accounts/data/accounts.csv", "./accounts/files/0001.pdf"} <= set(hrefs)
    assert [href for href in hrefs if not href.startswith(("./", "#"))] == []
    assert {href[1:] for href in hrefs if href.startswith("#")} <= set(read.values("id"))
    assert "default-src 'none'" in " ".join(read.values("content"))


@every_language
def test_the_index_tells_of_every_dataset_what_article_15_asks(language):
    words = Read(RENDERER.package_index(language, package(told_dataset())).decode()).words()
    told = texts(language)
    for shown in (
        "To run your account",
        told["index.legal_bases.A6-1-b"],
        told["categories.user.name.first"],
        "You gave it to us when you signed up",
        "Mailer Inc.",
        told["countries.US"],
        "standard contractual clauses",
        told["index.counted_from.contract_ended"],
        "Tax law",
        told["index.no_automated"],
        told["index.roles.controller"],
        "It would make your account less safe",
        "Cv of Zoë.pdf",
        told["index.rights.erase"],
        told["remedies.court"],
        "Autoriteit Persoonsgegevens",
        "zoe@contoso.example",
        told["index.standings.proven"],
    ):
        assert shown in words
    assert "7 years" in words if language == "en" else "7 jaar" in words


@every_language
def test_finding_nothing_is_an_answer_and_not_having_looked_is_another(language):
    told = texts(language)
    looked = Read(RENDERER.package_index(language, package(nothing(state="nothing_found"))).decode()).words()
    assert told["index.nothing"] in looked
    unsure = package(nothing(state="nothing_found"), nothing(state="missing", reason="time_limit"))
    words = Read(RENDERER.package_index(language, unsure).decode()).words()
    assert told["index.nothing_yet"] in words
    assert told["index.reasons.time_limit"] in words
    assert told["index.nothing"] not in words
    assert told["index.nothing"] not in Read(RENDERER.package_index(language, package()).decode()).words()


# Written out


@pytest.mark.parametrize(
    ("at", "english", "dutch"),
    [
        pytest.param(
            datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
            "Sunday 29 March 2026 at 01:59 (Dutch time)",
            "zondag 29 maart 2026 om 01:59 uur (Nederlandse tijd)",
            id="before-summer-time",
        ),
        pytest.param(
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
            "Sunday 29 March 2026 at 03:00 (Dutch time)",
            "zondag 29 maart 2026 om 03:00 uur (Nederlandse tijd)",
            id="summer-time",
        ),
        pytest.param(
            datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
            "Friday 1 January 2027 at 00:30 (Dutch time)",
            "vrijdag 1 januari 2027 om 00:30 uur (Nederlandse tijd)",
            id="next-year-here",
        ),
    ],
)
def test_moments_are_told_in_dutch_time(at, english, dutch):
    for language, told in (("en", english), ("nl", dutch)):
        write = Phrases.of(language, markup=False).filters()
        assert write["moment"](at) == told
        assert told.startswith(write["day"](at))


@pytest.mark.parametrize(
    ("size", "english", "dutch"),
    [
        (0, "0 bytes", "0 bytes"),
        (999, "999 bytes", "999 bytes"),
        (1000, "1.0 kB", "1,0 kB"),
        (999_949, "999.9 kB", "999,9 kB"),
        (999_950, "1.0 MB", "1,0 MB"),
        (1_454_321, "1.5 MB", "1,5 MB"),
        (5_000_000_000_000_000, "5000.0 TB", "5000,0 TB"),
    ],
)
def test_sizes_are_told_in_units_of_a_thousand(size, english, dutch):
    assert Phrases.of("en", markup=False).filters()["size"](size) == english
    assert Phrases.of("nl", markup=False).filters()["size"](size) == dutch


@pytest.mark.parametrize(
    ("days", "english", "dutch"),
    [
        (0, "0 days", "0 dagen"),
        (1, "1 day", "1 dag"),
        (28, "28 days", "28 dagen"),
        (30, "1 month", "1 maand"),
        (90, "3 months", "3 maanden"),
        (365, "1 year", "1 jaar"),
        (2555, "7 years", "7 jaar"),
    ],
)
def test_periods_are_told_in_the_largest_whole_unit(days, english, dutch):
    assert Phrases.of("en", markup=False).filters()["period"](days) == english
    assert Phrases.of("nl", markup=False).filters()["period"](days) == dutch


def test_numbers_and_codes_are_told_in_groups():
    assert Phrases.of("en", markup=False).filters()["number"](1_234_567) == "1,234,567"
    assert Phrases.of("nl", markup=False).filters()["number"](1_234_567) == "1.234.567"
    assert grouped("ABCDEFGHJKMN") == grouped("ABCD-EFGH-JKMN") == "ABCD-EFGH-JKMN"


def test_a_moment_that_a_template_forgot_to_write_out_is_an_error():
    values = status(received_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(0), id=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(TypeError, match="written out"):
        RENDERER.page("status", "en", values)
