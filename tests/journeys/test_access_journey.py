"""A person asks, proves who they are, and gets everything that is theirs, as it is, in their language."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import planted
import pytest

from samples.people import ALPENBLICK, NOORDZEE, PEOPLE

pytestmark = pytest.mark.stack

ANNA = "anna@noordzee.example"
IN_ORDER = ["identity_pending", "received", "in_progress", "completed"]
SUBJECT = {"en": "Your personal data is ready", "nl": "Uw persoonsgegevens zijn klaar"}
ANNOUNCED = {
    "en": "Somebody asked about your personal data",
    "nl": "Iemand heeft iets gevraagd over uw persoonsgegevens",
}
ONLY_BY_RESOLUTION = {
    "device": ["device-applications", "device-printers", "drive-mappings", "issued-settings"],
    "contact person": ["company-contacts", "purchased-products", "signed-agreements", "invoices"],
    "user name": ["exchange-usage", "onedrive-usage", "skype-usage", "yammer-usage", "sharepoint-activity"],
    "work address and device name": ["azure-utilization"],
    "browser": ["website-visits", "visitor-preferences"],
}


def held_against(package, expected, datasets):
    for name in datasets:
        assert planted.ordered(package.records(name)) == planted.ordered(expected.records[name]), name
        assert package.originals(name) == expected.originals[name], name
        assert package.state(name) == ("included" if expected.holds(name) else "nothing_found"), name


def by_midnight(seen):
    """Thirty days, and to the end of that day in the Netherlands."""
    received, due = (datetime.fromisoformat(seen[name]) for name in ("receivedAt", "dueAt"))
    day = received.astimezone(due.tzinfo).date() + timedelta(days=30)
    return (due.date(), due.strftime("%H:%M:%S")) == (day, "23:59:59")


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_by_mail_every_step_is_told_and_the_package_is_complete(visitors, language):
    person = await visitors.anyone()
    receipt = await person.ask(ANNA, language)
    assert receipt["status"] == "identity_pending"
    assert by_midnight(receipt)
    letter = await visitors.outbox.newest(ANNA, saying=receipt["id"])
    await person.confirm(receipt["id"], letter.code)
    seen = [(await person.show(receipt["id"]))["status"]]
    ended = await person.ended(receipt["id"])
    assert [IN_ORDER.index(one) for one in [*seen, ended["status"]]] == sorted(
        map(IN_ORDER.index, [*seen, "completed"])
    )
    assert {one["status"] for one in ended["services"]} == {"done"}
    assert {"support", "newsletter", "marketplace", "recruitment", "accounts"} <= {
        one["id"] for one in ended["services"]
    }
    assert [part["status"] for part in ended["parts"]] == ["completed", "completed"]
    answer = await visitors.outbox.newest(ANNA, saying=ended["export"]["id"])
    assert (answer.subject, ended["language"]) == (SUBJECT[language], language)
    package = await person.download(*answer.link)
    assert f'<html lang="{language}">'.encode() in package.zip.read("index.html")
    held_against(package, planted.to_address(ANNA, NOORDZEE.id), planted.WITH_ADDRESS)
    unopened = planted.WITH_SIGN_IN - planted.FOR_CUSTOMERS - {"sign-ups"}
    assert {package.state(one) for one in unopened} == {"needs_sign_in"}
    assert ended["linked"] == []
    assert planted.FOR_CUSTOMERS.isdisjoint(package.names())
    other = planted.to_address(ANNA, ALPENBLICK.id).records["sign-ups"]
    assert len(other) == 1
    assert package.records("sign-ups", part=2) == other


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_signed_in_no_code_is_asked_and_the_package_is_complete(visitors, language):
    anna = await visitors.signed_in(PEOPLE["anna"])
    receipt = await anna.ask(language=language)
    assert receipt["status"] in IN_ORDER[1:]
    assert by_midnight(receipt)
    ended = await anna.ended(receipt["id"])
    [customers] = ended["cases"]
    for one in (ended, customers):
        assert (one["status"], {service["status"] for service in one["services"]}) == ("completed", {"done"})
    package = await visitors.package(anna, receipt["id"])
    ids = {one["id"] for one in (ended, customers)}
    letters = [one for one in visitors.outbox.letters() if any(named in one.text for named in ids)]
    assert sorted((one.to, one.subject) for one in letters) == sorted(
        (ANNA, subject) for subject in (ANNOUNCED[language], SUBJECT[language], SUBJECT[language])
    )
    ours, theirs = ({one["id"] for one in each.manifest["datasets"]} for each in package.all)
    assert (ours, theirs) == ({*planted.DATASETS, *planted.DESKS} - planted.FOR_CUSTOMERS, planted.FOR_CUSTOMERS)
    held_against(package, planted.to_sign_in(PEOPLE["anna"]), planted.WITH_SIGN_IN)
    assert {package.state(one) for one in planted.WITH_ADDRESS - {"sign-ups"}} == {"needs_address"}
    listed = (await anna.call("GET", "/api/v1/requests")).json()["requests"]
    assert ids <= {one["id"] for one in listed}


@pytest.mark.parametrize("short", ["guest", "shaun", "lina", "lukasz", "danielle", "nadia"])
async def test_unusual_names_addresses_and_user_names_lose_nothing(visitors, short):
    package = await visitors.sign_in_and_ask(PEOPLE[short])
    held_against(package, planted.to_sign_in(PEOPLE[short]), planted.WITH_SIGN_IN)
    assert package.records("directory-users")[0]["displayName"] == PEOPLE[short].name


@pytest.mark.parametrize("address", ["shaun.o'brien@noordzee.example", "SHAUN.O'Brien@Noordzee.EXAMPLE"])
async def test_an_address_with_a_quote_in_any_case_finds_what_is_kept_under_it(visitors, address):
    person = await visitors.anyone()
    receipt = await person.ask(address)
    letter = await visitors.outbox.saying(receipt["id"])
    await person.confirm(receipt["id"], letter.code)
    package = await visitors.package(person, receipt["id"])
    expected = planted.to_address(address.lower(), NOORDZEE.id)
    assert len(expected.records["support-tickets"]) == 2
    held_against(package, expected, planted.WITH_ADDRESS)


@pytest.mark.parametrize("datasets", [pytest.param(held, id=way) for way, held in ONLY_BY_RESOLUTION.items()])
async def test_what_no_sign_in_or_address_opens_itself_is_reached_by_resolution(visitors, annas, datasets):
    for name in datasets:
        found_by = {one["identifier"] for one in planted.DATASETS[name]["found_by"]}
        assert not found_by & {"entra_object_id", "email"}, name
        assert planted.to_sign_in(PEOPLE["anna"]).holds(name)
        assert annas.state(name) == "included"


async def test_credentials_are_named_and_not_handed_over(annas, storage):
    rows = await storage.rows("spindata", "directoryusers")
    assert any(row.get("passwordHash") == "never-to-be-handed-over" for row in rows)
    assert "never-to-be-handed-over" not in annas.text()
    assert list(annas.told_of("directory-users")["withheldFields"]) == ["passwordHash"]


async def test_the_link_answers_303_to_a_url_that_reads_one_blob_for_minutes(visitors):
    anna = await visitors.signed_in(PEOPLE["anna"])
    ended = await anna.ended((await anna.ask())["id"])
    export, secret = (await visitors.outbox.saying(ended["export"]["id"])).link
    answer = await anna.open(export, secret)
    assert answer.status_code == 303
    url = answer.headers["Location"]
    given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (given["sr"], given["sp"]) == ("b", "r")
    left = datetime.fromisoformat(given["se"]) - datetime.now(UTC)
    assert timedelta(minutes=3) < left <= timedelta(minutes=5)
    assert "skoid" in given
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    async with httpx.AsyncClient(verify=anna.trust) as store:
        fetched = await store.get(url)
        assert fetched.headers["Content-Disposition"].startswith("attachment")
        assert len(fetched.content) == ended["export"]["size"]
        assert (await store.put(url, content=b"x", headers={"x-ms-blob-type": "BlockBlob"})).status_code == 403
        elsewhere = url.replace("package.zip", "other.zip")
        assert (await store.get(elsewhere)).status_code == 403


async def test_who_is_known_nowhere_gets_an_answer_that_says_so(visitors):
    person, request_id = await visitors.proven("nobody@noordzee.example")
    package = await visitors.package(person, request_id)
    found = {one: package.state(one) for one in package.names()}
    asking = {"privacy-cases": "included"}
    assert {name: state for name, state in found.items() if state not in {"nothing_found", "needs_sign_in"}} == asking
    assert {found[one] for one in planted.WITH_ADDRESS - {"sign-ups"}} == {"nothing_found"}
    desk = {f"data/privacy-cases.{form}" for form in ("json", "csv")}
    assert set(package.zip.namelist()) == {"index.html", "article15.json", "manifest.json", *desk}
    assert request_id in {one["id"] for one in package.records("privacy-cases")}
    assert "We searched here and found nothing about you." in package.zip.read("index.html").decode()
    signed_in = await visitors.sign_in_and_ask(PEOPLE["nobody"])
    assert signed_in.names() == {*planted.DATASETS, *planted.DESKS}
    found = {one: signed_in.state(one) for one in signed_in.names()}
    assert {name: state for name, state in found.items() if state != "nothing_found"} == asking
