"""A real Chromium, and a server that shows our pages with the headers that the app sends."""

import pytest
from headless import CHROMIUM, FLAGS
from page_server import PageServer
from playwright.async_api import async_playwright


@pytest.fixture(scope="session")
def chromium_path():
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: install Debian's package `chromium`")
    return CHROMIUM


@pytest.fixture(scope="session")
async def browser(chromium_path):
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
async def server():
    running = await PageServer().start()
    yield running
    await running.stop()


@pytest.fixture
async def tab(browser, server):
    """A page of its own; whatever the console complains of fails the test."""
    context = await browser.new_context(base_url=server.url, viewport={"width": 1000, "height": 800})
    page = await context.new_page()
    complaints = []
    page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert complaints == []
