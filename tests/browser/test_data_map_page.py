"""The public data map as a page: WCAG 2.2 AA as far as a machine can tell, and no wider than a phone."""

from pathlib import Path

import pytest
from rendered_samples import LANGUAGES
from test_accessibility import ALL, COLOURS, violations

from functions._map_views import DataMapView
from shared.adapters.jinja_rendering import JinjaRenderer
from shared.adapters.yaml_data_map import YamlDataMap
from shared.connectors import discover

pytestmark = pytest.mark.browser

MAP = Path(__file__).parents[2] / "data_map.yaml"


SHOWN = {"agreements", "newsletter"}  # a profile, what is retained, direct marketing, copies that remain


def page_in(language):
    maps = YamlDataMap(MAP, {kind: factory(None) for kind, factory in discover().items()})
    some = tuple(one for one in maps.current().services if one.id in SHOWN)
    values = DataMapView.of(maps.current().model_copy(update={"services": some})).in_language(language)
    return JinjaRenderer(maps).page("data_map", language, values)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_no_violation_and_nothing_overflows(browser, language):
    page = await browser.new_page()
    await page.set_content(page_in(language))
    assert await violations(page, ALL) == []
    await page.emulate_media(color_scheme="dark")
    assert await violations(page, COLOURS) == []
    await page.set_viewport_size({"width": 320, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await page.close()
