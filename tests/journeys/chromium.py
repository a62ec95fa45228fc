"""A real Chromium at the stack's door: what it asked for, what it complained of, and who can use the page."""

import re
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from person import Package
from playwright.async_api import Browser, BrowserContext, Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}


class Visit:
    """One browser profile with one tab; it speaks `locale` and runs scripts or not."""

    def __init__(self, context: BrowserContext, tab: Page, *, scripts: bool) -> None:
        self.tab = tab
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.seen = 0
        self._context = context
        self._scripts = scripts
        tab.on("request", lambda request: self.asked.append(request.url))
        tab.on("console", lambda told: self.complaints.append(told.text) if told.type in {"error", "warning"} else None)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    @classmethod
    async def start(cls, browser: Browser, url: str, *, locale: str = "en-GB", scripts: bool = True) -> "Visit":
        """Open a fresh profile, which trusts the local stack's own authority."""
        context = await browser.new_context(
            base_url=url, locale=locale, java_script_enabled=scripts, ignore_https_errors=True
        )
        return cls(context, await context.new_page(), scripts=scripts)

    async def end(self) -> None:
        """Close the profile."""
        await self._context.close()

    async def usable(self, language: str) -> None:
        """Hold the page that is shown against WCAG 2.2 AA, and against the language it should speak."""
        assert await self.tab.locator("html").get_attribute("lang") == language
        assert await self.tab.locator("h1").is_visible()
        if self._scripts:
            found = await Axe().run(self.tab, options=RULES)
            assert found.response["passes"], "axe looked at nothing"
            assert [one["id"] for one in found.response["violations"]] == []
        self.seen += 1

    async def download(self, button: str) -> Package:
        """Press a button and take what comes for the package that it is."""
        async with self.tab.expect_download() as coming:
            await self.tab.locator(button).click()
        download = await coming.value
        assert re.fullmatch(r"personal-data-[0-9a-f]{8}\.zip", download.suggested_filename)
        return _package(await download.path())


def _package(path: Path) -> Package:
    return Package(path.read_bytes())
