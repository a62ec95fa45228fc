"""The whole way in a real browser: by address and by sign-in, with scripts and without, in both languages."""

import re
import time

import pytest
from chromium import Visit
from headless import CHROMIUM, FLAGS
from person import PATIENCE, Outbox
from playwright.async_api import async_playwright
from visitors import Visitors

from samples.people import PEOPLE

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.fixture(scope="module")
async def browser():
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: install Debian's package `chromium`")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def visit(browser, stack):
    """Start a visit; every one is closed, and none may have had anything to complain of."""
    visits = []

    async def start(**options):
        visits.append(await Visit.start(browser, options.pop("url", stack.url), **options))
        return visits[-1]

    yield start
    for one in visits:
        await one.end()
    assert [one.complaints for one in visits if one.complaints] == []


def link_in(letter):
    """The first link of a mail that carries a secret, and the secret."""
    link = re.search(r"https?://\S+#\S+", letter.text)[0]
    return link, link.partition("#")[2]


async def asks_by_form(one, address, chosen, right="access"):
    """Choose a right, fill in the form, choose a language, send."""
    await one.tab.locator(f"a[href^='/api/privacy?right={right}&']").click()
    await one.tab.wait_for_load_state()
    await one.tab.locator("#email").fill(address)
    await one.tab.locator(f"#language-{chosen}").check()
    await one.tab.locator("main form button[type=submit]").click()
    await one.tab.wait_for_load_state()


async def answered(one):
    """Look at the status again and again until the answer is there."""
    until = time.monotonic() + PATIENCE
    while not await one.tab.locator(".told.good").count():
        assert time.monotonic() < until, await one.tab.locator("main").inner_text()
        await one.tab.reload()


async def enters(one, letter, field, *, scripts):
    """Follow a mailed link; where no script reads the secret off it, type it."""
    link, secret = link_in(letter)
    await one.tab.goto(link)
    if scripts:
        assert await one.tab.locator(field).input_value() == secret
        assert secret not in one.tab.url
    else:
        assert await one.tab.locator(field).input_value() == ""
        await one.tab.locator(field).fill(secret)
    return secret


@pytest.mark.parametrize(
    ("short", "locale", "first", "chosen"), [("bram", "nl-NL", "nl", "en"), ("jan", "en-GB", "en", "nl")]
)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_from_an_address_to_the_package(visit, visitors, short, locale, first, chosen, scripts):
    who = PEOPLE[short]
    one = await visit(locale=locale, scripts=scripts)
    already = len(visitors.outbox.letters(who.email))
    await one.tab.goto("/api/privacy")
    await one.usable(first)
    await asks_by_form(one, who.email, chosen)
    await one.usable(chosen)
    letter = await visitors.outbox.newest(who.email, of=already + 1)
    code = await enters(one, letter, "#code", scripts=scripts)
    await one.usable(chosen)
    await one.tab.locator("button[value=confirm]").click()
    await one.tab.wait_for_url(re.compile(r"/api/privacy/[0-9a-f-]{36}(\?.*)?$"))
    await one.usable(chosen)
    await answered(one)
    await one.usable(chosen)
    letter = await visitors.outbox.newest(who.email, of=already + 2)
    secret = await enters(one, letter, "#secret", scripts=scripts)
    await one.usable(chosen)
    package = await one.download("button[value=download]")
    assert who.surname in package.text()
    assert f'<html lang="{chosen}">' in package.zip.read("index.html").decode()
    assert one.seen == 6
    assert len(one.asked) >= 9
    assert [url for url in one.asked if code in url.partition("#")[0] or secret in url.partition("#")[0]] == []


async def signs_in(one, who):
    """Choose a person on the identity provider's page."""
    await one.tab.wait_for_url("**/oauth2/v2.0/authorize?**")
    await one.tab.locator(f'button[value="{who.tenant} {who.oid}"]').click()


async def test_a_sign_in_asks_and_a_later_one_opens_the_package(visit, visitors):
    who = PEOPLE["max"]
    one = await visit()
    await one.tab.goto("/api/privacy?right=access&language=nl")
    await one.usable("nl")
    await one.tab.locator("a[href^='/api/privacy/sign-in?right=access']").click()
    await signs_in(one, who)
    await one.tab.wait_for_url(re.compile(r"/api/privacy/[0-9a-f-]{36}"))
    await one.usable("nl")
    await answered(one)
    await one.usable("nl")
    request_id = re.search(r"[0-9a-f-]{36}", one.tab.url)[0]
    letter = await visitors.outbox.newest(who.email, saying=request_id)

    later = await visit()
    secret = await enters(later, letter, "#secret", scripts=True)
    await later.usable("nl")
    await later.tab.locator("button[value=download]").click()
    await later.tab.locator("a[href^='/api/privacy/sign-in']").wait_for()
    await later.usable("nl")
    await later.tab.locator("a[href^='/api/privacy/sign-in']").click()
    await signs_in(later, who)
    await later.tab.wait_for_url("**/api/v1/exports/**")
    await enters(later, letter, "#secret", scripts=True)
    assert who.surname in (await later.download("button[value=download]")).text()
    assert [url for url in (*one.asked, *later.asked) if secret in url.partition("#")[0]] == []


async def test_somebody_elses_sign_in_opens_nothing(visit, visitors):
    who = PEOPLE["greta"]
    someone = await visitors.signed_in(who)
    ended = await someone.ended((await someone.ask())["id"])
    letter = await visitors.outbox.newest(who.email, saying=ended["export"]["id"])
    one = await visit()
    await enters(one, letter, "#secret", scripts=True)
    await one.tab.locator("button[value=download]").click()
    await one.tab.locator("a[href^='/api/privacy/sign-in']").click()
    await signs_in(one, PEOPLE["max"])
    await one.tab.wait_for_url("**/api/privacy/signed-in")
    await one.tab.locator("h1").wait_for()
    assert "404" in " ".join(one.complaints)
    one.complaints.clear()
    assert (await someone.show(ended["id"]))["export"]["downloads"] == 0


async def test_withdrawing_on_the_page_ends_the_request(visit, start_stack):
    address = "wendy@harbour.example"
    async with start_stack(seeded=False, **{"AzureWebJobs.request_plan.Disabled": "true"}) as idle:
        one = await visit(url=idle.url)
        async with Visitors(idle) as visitors:
            await one.tab.goto("/api/privacy")
            await asks_by_form(one, address, "en")
            await enters(one, await visitors.outbox.newest(address), "#code", scripts=True)
            await one.tab.locator("button[value=confirm]").click()
            await one.tab.locator("#sure").check()
            await one.tab.locator("form[action*=withdraw] button").click()
            await one.tab.wait_for_load_state()
            await one.usable("en")
            assert await one.tab.locator("#sure").count() == 0
            request_id = re.search(r"[0-9a-f-]{36}", one.tab.url)[0]
            told = await visitors.outbox.newest(address, of=2, saying=request_id)
            assert "withdr" in told.subject.lower()


async def shows(one, found):
    """Look at the page again and again until something is on it."""
    until = time.monotonic() + PATIENCE
    while not await one.tab.locator(found).count():
        assert time.monotonic() < until, await one.tab.locator("main").inner_text()
        await one.tab.reload()


@pytest.fixture(scope="module")
async def unhurried(start_stack):
    """A stack that gives people days to think before it deletes anything."""
    async with start_stack(COOLING_OFF="P3D") as running:
        yield running


@pytest.mark.parametrize(("short", "scripts"), [("anna", True), ("pieter", False)])
async def test_a_deletion_comes_after_the_copy_shows_its_plan_and_can_be_withdrawn(visit, unhurried, short, scripts):
    who, outbox = PEOPLE[short], Outbox(unhurried.outbox)
    one = await visit(url=unhurried.url, locale="nl-NL", scripts=scripts)
    await one.tab.goto("/api/privacy")
    await asks_by_form(one, who.email, "nl", right="both")
    await one.usable("nl")
    await enters(one, await outbox.newest(who.email), "#code", scripts=scripts)
    await one.tab.locator("button[value=confirm]").click()
    await one.tab.wait_for_url(re.compile(r"/api/privacy/[0-9a-f-]{36}(\?.*)?$"))
    status = one.tab.url
    await shows(one, "a[href^='/api/v1/exports/']")
    await one.usable("nl")
    assert await one.tab.locator("#sure-waive").is_visible()
    await enters(one, await outbox.newest(who.email, of=2), "#secret", scripts=scripts)
    assert who.surname in (await one.download("button[value=download]")).text()
    await one.tab.goto(status)
    await shows(one, "#plan table")
    await one.usable("nl")
    letter = await outbox.newest(who.email, of=3)
    assert status.partition("?")[0] in letter.text
    await one.tab.locator("#sure").check()
    await one.tab.locator("button.stop").click()
    await one.tab.locator(".told.good").wait_for()
    await one.usable("nl")
    assert await one.tab.locator("a[href^='/api/v1/exports/']").is_visible()
