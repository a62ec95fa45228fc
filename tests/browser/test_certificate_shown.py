"""The certificate's page opened from a disk: quiet, readable by everybody, and never wider than the screen."""

import pytest
from axe_playwright_python.async_playwright import Axe
from certificate_samples import certificate, told_line
from rendered_samples import LANGUAGES, GoodMaps

from shared.adapters.jinja_rendering import JinjaRenderer

pytestmark = pytest.mark.browser
RENDERER = JinjaRenderer(GoodMaps())


@pytest.fixture
async def opened(browser, tmp_path):
    tabs = await browser.new_context(viewport={"width": 320, "height": 640})

    async def open_page(language, *lines):
        path = tmp_path / "index.html"
        path.write_bytes(RENDERER.certificate_page(language, certificate(*lines)))
        page = await tabs.new_page()
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda told: complaints.append(told.text))
        await page.goto(path.as_uri(), wait_until="networkidle")
        return page, asked, complaints

    yield open_page
    await tabs.close()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_asks_for_nothing_but_itself_and_fits_a_small_screen(opened, language):
    page, asked, complaints = await opened(language)
    assert asked == [page.url]
    assert complaints == []
    assert await page.locator("h1").is_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_to_complain_of(opened, language, scheme):
    page, _, _ = await opened(language)
    await page.emulate_media(color_scheme=scheme)
    found = await Axe().run(page)
    assert found.response["passes"], "axe looked at nothing"
    assert found.response["violations"] == []


async def test_a_long_word_wraps(opened):
    page, _, _ = await opened("en", told_line(title="w" * 600, method="m" * 600))
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
