"""Mails: who writes, what was asked, the same as text and as HTML, and nothing claimed that was not done."""

import re

import pytest
from html_reading import Read
from rendered_samples import LANGUAGES, MAILS, PUBLIC_URL, GoodMaps, mail_sample
from written_texts import texts

from shared.adapters.jinja_rendering import JinjaRenderer

RENDERER = JinjaRenderer(GoodMaps())

every_mail = pytest.mark.parametrize("sample", MAILS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def mail(sample, language):
    name, values = mail_sample(sample, language)
    return RENDERER.mail(name, language, values)


def to_the_person(sample):
    return not MAILS[sample][0].startswith(("controller_r", "controller_a", "controller_o", "controller_p")) and (
        MAILS[sample][0] not in {"recipient", "service_reminder", "operator_alert"}
    )


TO_PEOPLE = [sample for sample in MAILS if to_the_person(sample)]


@every_language
@pytest.mark.parametrize("sample", TO_PEOPLE)
def test_a_mail_says_who_writes_what_was_asked_and_when(sample, language):
    rendered, told = mail(sample, language), texts(language)
    asked = "Tuesday 24 November 2026" if language == "en" else "dinsdag 24 november 2026"
    rights = MAILS[sample][1]["rights"]
    named = [told["rights.both"]] if rights == ["access", "erasure"] else [told[f"rights.{one}"] for one in rights]
    for form in (rendered.text, Read(rendered.html).words()):
        for words in ("Spinpanel B.V.", "privacy@spinpanel.example", asked):
            assert words in form
        assert all(one in form for one in named) or all(told[f"rights.{one}"] in form for one in rights)


@every_language
@every_mail
def test_a_mail_begins_with_its_subject_which_fits_one_line(sample, language):
    rendered = mail(sample, language)
    assert rendered.subject in texts(language).values()
    assert 10 < len(rendered.subject) <= 78
    assert rendered.text.splitlines()[:2] == [rendered.subject, ""]
    assert Read(rendered.html).inside("h1") == rendered.subject
    assert f'<html lang="{language}">' in rendered.html


@every_language
@every_mail
def test_a_mail_says_the_same_as_text_and_as_html(sample, language):
    rendered = mail(sample, language)
    words = Read(rendered.html).words().replace(" .", ".").replace(" ,", ",")
    lines = [" ".join(line.removeprefix("- ").split()) for line in rendered.text.splitlines()]
    told = [line.rstrip(":") for line in lines if line and not line.startswith(("http", "---"))]
    squeezed = words.replace(" ", "")
    assert len(told) > 4
    assert [line for line in told if line.replace(" ", "") not in squeezed] == []
    assert "<" not in rendered.text
    assert "\n\n\n" not in rendered.text


@every_language
@every_mail
def test_a_mail_links_to_us_alone_and_loads_nothing(sample, language):
    rendered = mail(sample, language)
    links = re.findall(r"https?://[^\s\"<]+", rendered.text + rendered.html)
    assert [link for link in links if not link.startswith(f"{PUBLIC_URL}/")] == []
    assert set(Read(rendered.html).values("href")) == set(re.findall(r"https?://\S+", rendered.text))
    assert not re.search(r"\bsrc=|<img|<link|url\(|@import", rendered.html)


@every_language
def test_the_code_mail_carries_the_code_its_link_and_a_way_to_disown(language):
    rendered = mail("code", language)
    assert "ABCD-EFGH" in rendered.text
    assert MAILS["code"][1]["link"] in rendered.text
    assert texts(language)["mails.code.not_me"] in rendered.text
    assert "ABCD" not in rendered.subject


@every_language
def test_secrets_stand_in_the_fragment_alone(language):
    assert re.findall(r"\S*s3cret", mail("answered", language).text) == [MAILS["answered"][1]["link"]]
    assert "ABCD-EFGH-JKMN" in mail("answered", language).text


@every_language
def test_an_incomplete_answer_names_what_is_missing_and_the_remedies(language):
    partial, whole = mail("answered-in-part", language).text, mail("answered", language).text
    for told in ("- Office 365", "- Tickets", "Autoriteit Persoonsgegevens"):
        assert told in partial
        assert told not in whole


@every_language
def test_a_copy_before_an_erasure_says_when_the_erasure_starts_and_how_not_to_wait(language):
    told, starts = texts(language), "6 December 2026" if language == "en" else "6 december 2026"
    alone, whole, partial = (
        mail(sample, language).text
        for sample in ("answered", "answered-before-erasure", "answered-in-part-before-erasure")
    )
    assert starts in whole
    assert told["mails.answered.erasure_waive"] in whole
    assert told["mails.answered.erasure_waits"] in partial
    assert starts not in partial
    for text in ("erasure_title", "erasure_waive", "erasure_waits"):
        assert told[f"mails.answered.{text}"] not in alone


@every_language
def test_a_plan_is_told_in_numbers_with_the_end_of_the_time_to_think(language):
    text = mail("planned", language).text
    lines = [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]
    assert [int(re.search(r"\d+$", line)[0]) for line in lines] == [12, 1, 2]
    assert ("3 December 2026" if language == "en" else "3 december 2026") in text
    assert mail_sample("planned", language)[1]["status_link"] in text
    assert texts(language)["remedies.court"] in text
    assert texts(language)["mails.planned.at_once"] in mail("planned-at-once", language).text
    assert texts(language)["remedies.court"] not in mail("planned-at-once", language).text
    assert texts(language)["mails.planned.nothing"] in mail("planned-nothing", language).text


@every_language
def test_a_reminder_carries_the_copys_link_and_the_day_on_which_the_erasure_starts(language):
    text = mail("reminder", language).text
    for told in (MAILS["reminder"][1]["link"], "ABCD-EFGH-JKMN", texts(language)["mails.answered.erasure_waive"]):
        assert told in text
    assert ("6 December 2026" if language == "en" else "6 december 2026") in text


@every_language
def test_an_erasure_that_stopped_says_why_what_to_do_and_where_to_complain(language):
    known, unknown = (mail(sample, language).text for sample in ("erasure_stopped", "erasure_stopped-unknown"))
    for told in ("- Office 365", "- Tickets", texts(language)["mails.erasure_stopped.why"]):
        assert told in known
        assert told not in unknown
    for told in ("Postbus 93374", texts(language)["remedies.court"], texts(language)["mails.erasure_stopped.next"]):
        assert told in known
        assert told in unknown


@every_language
def test_a_certificates_mail_claims_no_more_than_was_done(language):
    told, whole, partial = texts(language), mail("certified", language).text, mail("certified-in-part", language).text
    (invoices,) = mail_sample("certified-in-part", language)[1]["retained"]
    for text in (whole, partial):
        assert MAILS["certified"][1]["link"] in text
        assert "ABCD-EFGH-JKMN" in text
    for named in ("- Office 365", "- Tickets", "- Mailer Inc.", f"- {invoices}", "2027", told["remedies.court"]):
        assert named in partial
        assert named not in whole
    assert told["mails.certified.complete"].split(". ")[1] in whole
    assert told["mails.certified.complete"].split(". ")[1] not in partial
    assert told["mails.certified.incomplete"].split(". ")[1] in partial


@every_language
@pytest.mark.parametrize("effect", ["access", "erasure", "copy"])
def test_a_withdrawal_says_what_it_changes(effect, language):
    text = mail("withdrawn" if effect == "access" else f"withdrawn-{effect}", language).text
    assert [
        one for one in ("access", "erasure", "copy") if texts(language)[f"mails.withdrawn.effects.{one}"] in text
    ] == [effect]


@every_language
@pytest.mark.parametrize("reason", ["spent", "lapsed"])
def test_a_refusal_gives_the_reason_the_remedies_and_how_to_ask_again(reason, language):
    text = mail(f"not-established-{reason}", language).text
    for told in (texts(language)[f"reasons.{reason}"], "Postbus 93374", f"{PUBLIC_URL}/api/privacy"):
        assert told in text
    assert texts(language)["remedies.court"] in text


REMEDIED = {"refused", "fee_asked", "extended", "controller_silent", "lifting", "complaint_answered"}
REMEDIED |= {"identity_not_established", "erasure_stopped"}
BY_FORM = {"answered-in-part", "answered-in-part-before-erasure", "certified-in-part", "planned", "settled-in-part"}


@every_language
@every_mail
def test_the_ways_to_complain_stand_where_something_goes_against_the_person_and_nowhere_else(sample, language):
    told, text = texts(language), mail(sample, language).text
    remedied = MAILS[sample][0] in REMEDIED or sample in BY_FORM
    for words in (told["remedies.court"], "Postbus 93374"):
        assert (words in text) == remedied


@every_language
@pytest.mark.parametrize("sample", [sample for sample in MAILS if sample not in TO_PEOPLE])
def test_a_mail_to_anybody_else_holds_no_secret(sample, language):
    rendered = mail(sample, language)
    assert "privacy@spinpanel.example" in rendered.text
    assert "#" not in rendered.text
    assert [link for link in Read(rendered.html).values("href") if "#" in link] == []


@every_language
@pytest.mark.parametrize("form", ["settled-in-part", "refused", "clarification_asked", "lifting-restriction"])
@pytest.mark.parametrize("written", ["<script>alert(1)</script>", "</p></body>", "{{ 7 * 7 }} {asked}", "a\u202eb"])
def test_what_people_wrote_changes_no_markup_of_a_mail(form, written, language):
    def shown(told):
        name, values = mail_sample(form, language)
        outcomes = [one | {"text": told} for one in values.get("outcomes", [])]
        return RENDERER.mail(name, language, {**values, "text": told, "outcomes": outcomes})

    hostile, harmless = shown(written), shown("x")
    assert Read(hostile.html).shape == Read(harmless.html).shape
    assert written in hostile.text
    found = [stack[-1] for stack, text in Read(hostile.html).texts if written in text]
    assert found
    assert set(found) == {"bdi"}


@every_language
@pytest.mark.parametrize(
    "title", ["<img src=x onerror=alert(1)>", "</li></ul><script>", "{{ 7 * 7 }} {name}", "a\u202eb"]
)
def test_a_hostile_title_changes_no_markup_of_a_mail(title, language):
    def shown(told):
        values = MAILS["certified-in-part"][1] | {"not_erased": [told], "untold": [told], "retained": [told]}
        return Read(RENDERER.mail("certified", language, values).html)

    hostile, harmless = shown(title), shown("x")
    assert hostile.shape == harmless.shape
    assert [stack[-1] for stack, text in hostile.texts if title in text] == ["bdi"] * 3
