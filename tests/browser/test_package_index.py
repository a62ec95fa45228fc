"""The package's index opened from a disk: readable, quiet, and harmless whatever it shows."""

import pytest
from package_samples import package, told_dataset
from page_server import RENDERER, rendered
from rendered_samples import LANGUAGES

pytestmark = pytest.mark.browser

MARKUP = "<img src=https://evil.example/x onerror='document.title=1'><script>document.title=1</script>"


async def opened(browser, path, **context):
    tabs = await browser.new_context(**context)
    page = await tabs.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda told: complaints.append(told.text))
    await page.goto(path.as_uri(), wait_until="networkidle")
    return page, asked, complaints


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scripts", [True, False])
async def test_it_asks_for_nothing_but_itself(browser, tmp_path, language, scripts):
    path = tmp_path / "index.html"
    path.write_text(rendered("index", language), encoding="utf-8")
    page, asked, complaints = await opened(browser, path, java_script_enabled=scripts)
    assert asked == [path.as_uri()]
    assert complaints == []
    assert await page.locator("h1").is_visible()
    await page.context.close()


async def test_its_style_is_let_in_by_its_own_policy(browser, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(rendered("index", "en"), encoding="utf-8")
    page, _, _ = await opened(browser, path, color_scheme="light")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 247, 249)"
    await page.context.close()


async def test_markup_in_a_value_is_read_and_not_obeyed(browser, tmp_path):
    path = tmp_path / "index.html"
    told = package(told_dataset(title=MARKUP, source=MARKUP, withheld={MARKUP: MARKUP}))
    path.write_bytes(RENDERER.package_index("en", told))
    page, asked, _ = await opened(browser, path)
    assert asked == [path.as_uri()]
    assert await page.title() == "Your personal data at Spinpanel"
    assert await page.get_by_text(MARKUP, exact=True).count() >= 3
    await page.context.close()


async def test_a_long_word_in_a_value_wraps(browser, tmp_path):
    path = tmp_path / "index.html"
    long = "w" * 600
    told = package(
        told_dataset(title=long, source=long, files=[{"path": long, "name": long, "size": 1}]),
        identifiers=[{"kind": "email", "value": long, "standing": "proven"}],
    )
    path.write_bytes(RENDERER.package_index("en", told))
    page, _, _ = await opened(browser, path, viewport={"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await page.context.close()


async def test_its_links_lead_to_the_files_beside_it(browser, tmp_path):
    path = tmp_path / "index.html"
    name = "Zoë & co #1 100%?.json"
    path.write_bytes(RENDERER.package_index("en", package(told_dataset(tables=[f"a b/{name}"], files=[]))))
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / name).write_text('{"found": true}', encoding="utf-8")
    page, _, _ = await opened(browser, path)
    await page.get_by_role("link", name=name).click()
    await page.wait_for_url("**/a%20b/**")
    assert "found" in await page.content()
    await page.context.close()
