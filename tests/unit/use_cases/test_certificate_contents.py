"""The files of a certificate: what is signed is what is shown, it checks, and it names nobody."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from builders import MIRA, by, data_map, dataset, service, text
from erased_cases import DONE_AT, REQUEST_ID, VALUES, case_of, decided, done, dossier_of, erased, failed, told
from html_reading import Read

from shared.adapters.jinja_rendering import JinjaRenderer
from shared.adapters.local_signer import LocalSigner
from shared.domain.certificate_checking import verify
from shared.domain.errors import Permanent, Transient
from shared.domain.references import References
from shared.use_cases.certificate_contents import certificate_files
from shared.use_cases.certificate_lines import is_complete, lines_of

MAP = data_map(
    [
        service(
            "support",
            dataset("tickets", tenancy="none", fields=["from"], found_by=[by("email", "from")]),
            copies=[{"kind": "backup", "kept_for": "P35D"}],
        ),
        service(
            "billing",
            dataset(
                "invoices",
                tenancy="none",
                fields=["mail"],
                found_by=[by("email", "mail")],
                erasure={
                    "action": "retain",
                    "exemption": {"ground": "17-3-b", "source": text("Tax law"), "years": 7},
                },
            ),
        ),
    ]
)


class Maps:
    def current(self):
        return MAP


KEYS = [(bytes(range(1, 33)), datetime(2026, 1, 1, tzinfo=UTC))]
SIGNER = LocalSigner(KEYS, [], lambda: DONE_AT)
REFERENCES = References(reference_keys={1: b"r" * 32}, code_keys={1: b"c" * 32})
PLAN = decided(MAP, {"tickets": 12, "invoices": 3})
AUDIT = "cd" * 32


def whole():
    return case_of(PLAN, done("support", erased("tickets", 12), plan=PLAN), told("mailer", "tickets"))


def partial():
    return case_of(PLAN, failed("support", "time_limit", plan=PLAN))


async def files_of(case=None, signer=SIGNER, at=DONE_AT, references=REFERENCES, language="nl"):
    case = case or whole()
    request = case.request.row.model_copy(update={"language": language})
    case = replace(case, request=replace(case.request, row=request))
    after = request.model_copy(update={"case_file_until": DONE_AT + timedelta(days=1826)})
    lines = lines_of(case, dossier_of(), MAP)
    files = await certificate_files(
        case,
        lines,
        MAP,
        after,
        AUDIT,
        signer,
        references,
        JinjaRenderer(Maps()),
        "https://privacy.spinpanel.example",
        at,
    )
    return dict(files), is_complete(lines, request)


async def checked(**given):
    files, _ = await files_of(**given)
    return verify(files["certificate.sd-jwt"].decode(), json.loads(files["keys.json"]))


async def test_the_files_are_a_page_the_signed_text_its_reading_and_the_keys():
    files, complete = await files_of()
    assert list(files) == ["index.html", "certificate.sd-jwt", "certificate.json", "keys.json"]
    assert complete
    found = verify(files["certificate.sd-jwt"].decode(), json.loads(files["keys.json"]))
    read = json.loads(files["certificate.json"])
    assert read["lines"] == dict(found.lines)
    assert read["certificate"] == found.cover.model_dump(mode="json", exclude_none=True)
    named = [line.get("dataset") or line.get("recipient") or line["plan"] for line in read["lines"].values()]
    assert named == ["tickets", "invoices", "mailer", PLAN.hash]


async def test_the_cover_says_when_for_what_and_what_it_rests_on():
    cover = (await checked()).cover
    assert cover.iss == "https://privacy.spinpanel.example"
    assert datetime.fromtimestamp(cover.iat, UTC) == datetime(2026, 11, 24, tzinfo=UTC)
    assert (cover.outcome, cover.scope, cover.statement) == ("complete", "erasure", "logical_deletion")
    assert (cover.asked_on, cover.erased_on) == (date(2026, 11, 20), date(2026, 11, 24))
    assert (cover.map_version, cover.audit_event) == ("test-1", AUDIT)
    assert (cover.case_file_ground, cover.case_file_until) == ("17-3-e", date(2031, 11, 24))


async def test_copies_are_said_to_be_there_until_the_last_of_them_is_gone():
    assert (await checked()).cover.backups_until == date(2026, 12, 30)


async def test_without_anything_erased_there_are_no_copies_to_wait_for():
    nothing = decided(MAP, {"tickets": 0, "invoices": 3})
    case = case_of(nothing, done("support", erased("tickets", 0), plan=nothing))
    assert (await checked(case=case)).cover.backups_until is None


async def test_a_certificate_never_claims_more_than_was_done():
    files, complete = await files_of(partial())
    found = verify(files["certificate.sd-jwt"].decode(), json.loads(files["keys.json"]))
    assert not complete
    assert found.cover.outcome == "partial"
    assert PLAN.hash not in found.cover.model_dump_json()
    assert "erased" not in {line.get("outcome") for line in found.lines.values()}


@pytest.mark.parametrize("case", [whole, partial])
async def test_nothing_in_it_names_the_person_or_the_request(case):
    files, _ = await files_of(case())
    everything = b"".join(files.values()).decode().lower()
    handle = (await checked()).cover.jti
    for value in (*VALUES.values(), MIRA.given, MIRA.surname, MIRA.tenant, REQUEST_ID):
        assert value.lower() not in everything
    assert handle in everything


async def test_the_handle_and_the_salts_are_the_same_at_every_repeat_and_another_keys_others():
    first, second = (await files_of())[0], (await files_of())[0]
    assert first == second
    others = References(reference_keys={1: b"r" * 32}, code_keys={1: b"d" * 32})
    third = (await files_of(references=others))[0]
    parts = [set(files["certificate.sd-jwt"].decode().split("~")[1:-1]) for files in (first, third)]
    assert len(parts[0]) == 4
    assert not parts[0] & parts[1]


async def test_lines_of_one_certificate_have_salts_of_128_bits_each_its_own():
    lines = [REFERENCES.salt(REQUEST_ID, number) for number in range(100)]
    assert len(set(lines)) == 100
    assert {len(one) for one in lines} == {22}


async def test_a_certificate_that_would_not_pass_our_own_check_is_not_given_out():
    at = datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)
    midnight = at + timedelta(seconds=1)
    taken_over = LocalSigner([*KEYS, (bytes(range(2, 34)), midnight)], [], lambda: midnight)
    with pytest.raises(Transient) as refused:
        await files_of(signer=taken_over, at=at)
    assert refused.value.code == "certificate_key_not_in_use"
    assert (await files_of(signer=taken_over, at=midnight))[1]


async def test_a_case_without_a_plan_gets_no_certificate():
    with pytest.raises(Permanent) as refused:
        await files_of(replace(whole(), plan=None))
    assert refused.value.code == "certificate_without_plan"


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_the_page_shows_what_is_signed(language):
    files, _ = await files_of(language=language)
    words = Read(files["index.html"].decode()).words()
    cover = (await checked()).cover
    for shown in ("Tickets", "Invoices", "mailer", "Tax law", cover.jti, PLAN.hash, cover.audit_event):
        assert shown in words
    assert ("30 December 2026" if language == "en" else "30 december 2026") in words
    assert ("31 December 2033" if language == "en" else "31 december 2033") in words
