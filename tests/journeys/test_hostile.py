"""Hostile content in somebody's data, and hostile addresses at the door: shown as it is, and harmless everywhere."""

import asyncio
import csv
import email
import email.policy
import io
import json
import re

import planted
import pytest
from html_reading import Read
from visitors import Visitors

from samples.people import PEOPLE
from samples.records.hostile import FILE_NAMES, TEXTS

pytestmark = pytest.mark.stack

BOBBY = PEOPLE["bobby"]
PATH = re.compile(
    r"(data/[a-z0-9-]+\.(json|csv))|(files/[a-z0-9-]+/\d{6}\.[a-z0-9]{3})|index\.html|(article15|manifest)\.json"
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress", "mime-version",
    "content-type",
}  # fmt: skip
REFUSED = (
    "a@b.example\r\nBcc: victim@evil.example",
    "a@b.example\nTo: victim@evil.example",
    "a@b.example,victim@evil.example",
    "a@b.example;victim@evil.example",
    "a@b.example victim@evil.example",
    "Victim <victim@evil.example>",
    "<script>alert(1)</script>@b.example",
    '"quoted name"@b.example',
    "a@[127.0.0.1]",
    "a@localhost",
    "a@-b.example",
    "a@b..example",
    ".a@b.example",
    "a\x00@b.example",
    "a\u202e@b.example",
    "a\u2028@b.example",
    "' or 1 eq 1 or email eq '@b.example",
    "a" * 65 + "@b.example",
    "a@" + "b." * 130 + "example",
)
ODD = (
    "x'or'1'eq'1@noordzee.example",
    "{{7*7}}${7*7}@noordzee.example",
    "=1+1|'cmd'!a0@noordzee.example",
    "a/../../bobby@noordzee.example",
    "%62obby@noordzee.example",
    "*@noordzee.example",
)


@pytest.fixture(scope="module")
async def bobbys(stack):
    """Bobby's packages: by his address, and signed in; and his mails."""
    async with Visitors(stack) as visitors:
        by_mail, request_id = await visitors.proven(BOBBY.email)
        signed_in = await visitors.signed_in(BOBBY)
        own = (await signed_in.ask())["id"]
        asked = await visitors.package(by_mail, request_id), await visitors.package(signed_in, own)
        packages = [one for package in asked for one in package.all]
        assert len(packages) == 3, "by mail, signed in, and what is held for the customer"
        page = await signed_in.call("GET", f"/api/privacy/{own}", headers={"Accept": "text/html"})
        return packages, visitors.outbox.letters(BOBBY.email), page


def values(package):
    """Every text in a package's records."""
    for name in package.zip.namelist():
        if name.startswith("data/") and name.endswith(".json"):
            for record in json.loads(package.zip.read(name))["records"]:
                yield from (value for value in record.values() if isinstance(value, str))


def test_every_hostile_text_is_handed_over_as_it_is(bobbys):
    packages, *_ = bobbys
    found = {value for package in packages for value in values(package)}
    assert set(TEXTS) <= found
    names = {name.rpartition("/")[2] for name, _ in packages[0].originals("ticket-attachments")}
    assert names >= set(FILE_NAMES)


def test_no_member_of_the_package_is_named_by_its_content(bobbys, tmp_path):
    packages, *_ = bobbys
    for number, package in enumerate(packages):
        infos = package.zip.infolist()
        assert len(infos) > 5
        for info in infos:
            assert PATH.fullmatch(info.orig_filename), info.orig_filename
            assert (info.external_attr >> 16) & 0o170000 in {0, 0o100000}, "a link or a device"
        folded = [info.filename.casefold() for info in infos]
        assert len(set(folded)) == len(folded)
        target = tmp_path / str(number)
        package.zip.extractall(target)
        assert sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()) == sorted(
            info.filename for info in infos
        )


def test_no_original_keeps_an_ending_that_a_click_would_run(bobbys):
    packages, *_ = bobbys
    endings = [name.rpartition(".")[2] for name in packages[0].zip.namelist() if name.startswith("files/")]
    assert len(endings) >= len(FILE_NAMES)
    assert set(endings) <= {"bin", "pdf", "txt", "png", "jpg", "wav", "mp3", "mp4"}


def test_no_cell_of_a_sheet_is_a_formula_and_every_row_keeps_its_columns(bobbys):
    packages, *_ = bobbys
    cells = []
    for package in packages:
        for name in package.zip.namelist():
            if name.endswith(".csv"):
                head, *rows = csv.reader(io.StringIO(package.zip.read(name).decode("utf-8-sig"), newline=""))
                assert rows
                assert {len(row) for row in rows} == {len(head)}, name
                cells += [cell for row in rows for cell in row]
    for text in TEXTS:
        assert (f"'{text}" if text.startswith(FORMULA) else text) in cells
    numbers = re.compile(r"-?\d+(\.\d+)?")
    assert [cell for cell in cells if cell.startswith(FORMULA) and not numbers.fullmatch(cell)] == []


def harmless(text):
    """Read a page, and hold it against what could do harm; returns what it says."""
    read = Read(text)
    assert {"iframe", "object", "embed", "img", "svg", "base"}.isdisjoint(tag for tag, _ in read.shape)
    assert [names for _, names in read.shape if any(name.startswith("on") for name in names)] == []
    for target in [*read.values("href"), *read.values("src"), *read.values("action")]:
        assert re.match(r"(\./|#|/api/|https?://|mailto:privacy@)", target), target
        assert "evil" not in target
    return read


def test_the_index_shows_hostile_names_as_text(bobbys):
    packages, *_ = bobbys
    for package in packages:
        assert harmless(package.zip.read("index.html").decode()).count("script") == 0
    index = harmless(packages[0].zip.read("index.html").decode())
    assert "<img src=x onerror=alert(1)>.html" in index.words()
    for href in index.values("href"):
        if href.startswith("./"):
            assert href[2:] in packages[0].zip.namelist()


def test_mails_and_pages_are_harmless(bobbys, stack):
    _, letters, page = bobbys
    assert len(letters) >= 3
    for letter in letters:
        assert harmless(letter.html).count("script") == 0
    assert page.status_code == 200
    assert harmless(page.text).words()
    for file in stack.outbox.glob("*.eml"):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert {name.lower() for name in message} <= HEADERS
        assert len(message["To"].addresses) == 1


@pytest.mark.parametrize("address", REFUSED)
async def test_a_hostile_address_is_refused_and_not_repeated(stack, visitors, address):
    someone = await visitors.anyone()
    told = await someone.call("POST", "/api/v1/requests", json={"rights": ["access"], "email": address})
    assert told.status_code == 400
    assert told.json()["errors"][0]["field"] == "email"
    shown = await someone.call("POST", "/api/privacy", data={"right": "access", "email": address})
    assert shown.status_code == 422
    harmless(shown.text)
    for answer in (told, shown):
        assert address not in answer.text
        assert "victim" not in answer.text
    assert [letter.to for letter in visitors.outbox.letters() if "b.example" in letter.to or "evil" in letter.to] == []


async def test_an_odd_address_is_an_address_and_opens_nobodys_data(visitors):
    async def asks(address):
        someone, request_id = await visitors.proven(address)
        package = await visitors.package(someone, request_id)
        cases = package.records("privacy-cases")
        assert [(one["id"], one["address"]) for one in cases] == [(request_id, address)]
        states = {package.state(one) for one in package.names() - planted.DESKS}
        members = [name for name in package.zip.namelist() if name.startswith(("data/", "files/"))]
        return states, [name for name in members if not name.startswith("data/privacy-cases.")]

    for states, found in await asyncio.gather(*(asks(address) for address in ODD)):
        assert found == []
        assert "nothing_found" in states
        assert "included" not in states


async def test_a_hostile_choice_of_language_is_none(visitors):
    someone = await visitors.anyone()
    page = await someone.call("GET", "/api/privacy", params={"language": '"><script>alert(1)</script>'})
    assert page.status_code == 200
    assert harmless(page.text).values("lang")[0] == "en"
    assert "alert" not in page.text
