"""WCAG 2.2 AA as far as a machine can tell, in both languages and both colour schemes."""

import pytest
from axe_playwright_python.async_playwright import Axe
from page_server import rendered
from rendered_samples import LANGUAGES, MAILS, PAGES

pytestmark = pytest.mark.browser

ALL = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
SAMPLES = [*(name for name in PAGES if not name.startswith("error-")), "error-404", "index"]

FORMS = {template: sample for sample, (template, _) in MAILS.items()}  # one form of every mail

every_sample = pytest.mark.parametrize("sample", SAMPLES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


async def violations(tab, options):
    result = await Axe().run(tab, options=options)
    assert result.response["passes"], "axe looked at nothing"
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in result.response["violations"]]


@every_language
@every_sample
async def test_axe_finds_no_violation(tab, sample, language):
    await tab.goto(f"/{sample}/{language}")
    await tab.emulate_media(color_scheme="light")
    light = await tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert await violations(tab, ALL) == []
    await tab.emulate_media(color_scheme="dark")
    assert await tab.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert await violations(tab, COLOURS) == []


@every_language
@pytest.mark.parametrize("mail", FORMS.values())
async def test_axe_finds_no_violation_in_a_mail(browser, mail, language):
    page = await browser.new_page()
    await page.set_content(rendered(f"mail-{mail}", language))
    assert await violations(page, ALL) == []
    await page.close()


async def test_axe_does_find_a_violation_where_there_is_one(browser):
    page = await browser.new_page()
    await page.set_content("<!doctype html><title>x</title><main><input></main>")
    assert {found for found, _ in await violations(page, ALL)} >= {"html-has-lang", "label"}
    await page.close()


@every_sample
async def test_nothing_runs_out_of_a_narrow_screen(tab, sample):
    await tab.set_viewport_size({"width": 320, "height": 640})
    await tab.goto(f"/{sample}/nl")
    assert await tab.evaluate("document.documentElement.scrollWidth") <= 320


async def test_motion_is_left_out_for_whoever_asks_for_that(tab):
    await tab.goto("/index/en")
    scrolling = "getComputedStyle(document.documentElement).scrollBehavior"
    await tab.emulate_media(reduced_motion="no-preference")
    assert await tab.evaluate(scrolling) == "smooth"
    await tab.emulate_media(reduced_motion="reduce")
    assert await tab.evaluate(scrolling) == "auto"
