"""Pages at work: by keyboard alone, with scripts and without, and with secrets that reach no address or log."""

import pytest
from page_server import PageServer
from rendered_samples import EXPORT_ID, LANGUAGES, REQUEST_ID

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const name = element.id || element.name || element.getAttribute("href");
  return [name, outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
}"""


async def tabbed(tab, until):
    """Press Tab until an element has the focus; every one on the way must show that it has it."""
    for _ in range(30):
        await tab.keyboard.press("Tab")
        name, visible = await tab.evaluate(FOCUSED)
        assert visible, name
        if name == until:
            return
    pytest.fail(f"the keyboard never reached {until}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_request_can_be_made_by_keyboard_alone(tab, server, language):
    await tab.goto(f"/ask-both/{language}")
    await tabbed(tab, "#main")
    await tab.keyboard.press("Enter")
    await tabbed(tab, "email")
    await tab.keyboard.type("zoe@contoso.example")
    await tabbed(tab, f"language-{language}")
    await tab.keyboard.press("ArrowDown")
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/api/privacy?**")
    other = {"en": "nl", "nl": "en"}[language]
    assert server.forms[-1] == (
        "/api/privacy",
        {"right": "both", "email": "zoe@contoso.example", "representative_email": "", "language": other},
    )


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_correction_is_asked_field_by_field(browser, server, scripts):
    context = await browser.new_context(base_url=server.url, java_script_enabled=scripts)
    page = await context.new_page()
    await page.goto("/ask-rectification/en")
    await page.locator("#field-1").select_option("accounts/first")
    await page.locator("#value-1").fill("Zoë")
    await page.locator("#email").fill("zoe@contoso.example")
    await page.get_by_text("Are you asking for somebody else?").click()
    await page.locator("#representative").check()
    await page.locator("#relation-parent").check()
    await page.locator("main form button[type=submit]").click()
    await page.wait_for_url("**/api/privacy?**")
    told = {name: value for name, value in server.forms[-1][1].items() if value}
    assert told == {
        "right": "rectification",
        "field-1": "accounts/first",
        "value-1": "Zoë",
        "email": "zoe@contoso.example",
        "representative": "yes",
        "relation": "parent",
        "language": "en",
    }
    await context.close()


async def test_every_fault_of_a_form_leads_to_a_place_on_it(tab):
    for choice in ("rectification", "restriction", "complaint"):
        await tab.goto(f"/ask-again-{choice}/nl")
        targets = [await one.get_attribute("href") for one in await tab.locator(".summary a").all()]
        assert len(targets) > 2
        for target in targets:
            assert await tab.locator(target).count() == 1


async def test_a_fault_takes_the_focus_and_leads_to_its_field(tab):
    await tab.goto("/ask-again/en")
    assert await tab.evaluate("document.activeElement.getAttribute('role')") == "alert"
    await tabbed(tab, "#email")
    await tab.keyboard.press("Enter")
    assert await tab.evaluate("document.activeElement.id") == "email"


async def test_enter_in_the_code_confirms_and_never_disowns(tab, server):
    await tab.goto("/verify/en")
    await tabbed(tab, "code")
    await tab.keyboard.type("abcd efgh")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/verify?**")
    assert server.forms[-1] == (f"/api/privacy/{REQUEST_ID}/verify", {"code": "abcd efgh", "action": "confirm"})


@pytest.mark.parametrize("action", ["confirm", "resend", "disown"])
async def test_every_button_of_the_code_page_says_what_it_does(tab, server, action):
    await tab.goto("/verify/nl#ABCDEFGH")
    await tab.locator(f"button[value={action}]").click()
    await tab.wait_for_url("**/verify?**")
    assert server.forms[-1][1] == {"code": "ABCDEFGH", "action": action}


@pytest.mark.parametrize(("sample", "field"), [("verify", "code"), ("export", "secret")])
async def test_a_secret_in_the_fragment_fills_the_field_and_leaves_the_address(tab, server, sample, field):
    before = len(server.asked)
    await tab.goto(f"/{sample}/en#ABCD_EFGH-123")
    assert await tab.locator(f"#{field}").input_value() == "ABCD_EFGH-123"
    assert tab.url == f"{server.url}/{sample}/en"
    await tab.evaluate("location.hash = 'another-mail'")
    await tab.wait_for_function(f"document.getElementById('{field}').value === 'another-mail'")
    assert tab.url == f"{server.url}/{sample}/en"
    assert len(server.asked) > before
    assert [target for _, target in server.asked[before:] if "ABCD" in target or "another" in target] == []


async def test_the_link_to_the_content_is_not_taken_for_a_code(tab):
    await tab.goto("/verify/en#code-hint")
    assert await tab.locator("#code").input_value() == ""


@pytest.mark.parametrize(
    ("sample", "field", "path", "button"),
    [
        ("verify", "code", f"/api/privacy/{REQUEST_ID}/verify", "confirm"),
        ("export-proven", "secret", f"/api/v1/exports/{EXPORT_ID}", "download"),
    ],
)
async def test_a_typed_secret_works_without_scripts(browser, server, sample, field, path, button):
    context = await browser.new_context(base_url=server.url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"/{sample}/en#IGNORED1")
    await page.locator(f"#{field}").fill("ABCD-EFGH-JKMN")
    await page.locator(f"button[value={button}]").click()
    await page.wait_for_url("**/api/**")
    assert server.forms[-1] == (path, {field: "ABCD-EFGH-JKMN", "action": button})
    await context.close()


async def test_withdrawing_asks_for_a_tick(tab, server):
    await tab.goto("/status/en")
    await tabbed(tab, "sure")
    await tab.keyboard.press("Space")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/withdraw?**")
    assert server.forms[-1] == (f"/api/privacy/{REQUEST_ID}/withdraw", {"sure": "yes"})


async def test_waiving_a_copy_asks_for_a_tick_of_its_own(tab, server):
    await tab.goto("/erasure-copy/en")
    await tabbed(tab, "sure-waive")
    await tab.keyboard.press("Space")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/waive?**")
    assert server.forms[-1] == (f"/api/privacy/{REQUEST_ID}/waive", {"sure": "yes"})


async def test_whoever_proved_themselves_too_long_ago_is_sent_a_code_before_they_see_the_plan(tab, server):
    await tab.goto("/erasure-copy-proof/en")
    await tab.locator("button[value=resend]").click()
    await tab.wait_for_url("**/verify?**")
    assert server.forms[-1] == (f"/api/privacy/{REQUEST_ID}/verify", {"action": "resend"})
    await tab.goto("/erasure-plan-proof/nl")
    assert await tab.locator(f"a[href^='/api/privacy/sign-in?request={REQUEST_ID}']").is_visible()
    assert await tab.get_by_text("Invoices").count() == 0


async def test_a_plan_on_a_narrow_screen_still_says_what_its_numbers_count(tab):
    await tab.goto("/erasure-plan/en")
    count = tab.locator("td", has_text="12,345")
    assert await count.inner_text() == "12,345"
    await tab.set_viewport_size({"width": 320, "height": 640})
    assert await count.inner_text() == "How many: 12,345"


@pytest.mark.parametrize("named", [True, False])
async def test_a_download_may_lead_to_the_store_that_the_policy_names_and_to_no_other(browser, named):
    store = await PageServer().start()
    ours = await PageServer(*[store.url] * named).start()
    ours.redirect = f"{store.url}/error-404/en"
    context = await browser.new_context(base_url=ours.url)
    page = await context.new_page()
    complaints = []
    page.on("console", lambda told: complaints.append(told.text))
    await page.goto("/export-proven/en")
    await page.locator("#secret").fill("ABCD-EFGH-JKMN")
    if named:
        await page.locator("button[value=download]").click()
        await page.wait_for_url(f"{store.url}/**")
        assert store.asked[0] == ("GET", "/error-404/en")
    else:
        async with page.expect_console_message(lambda told: "form-action" in told.text):
            await page.locator("button[value=download]").click()
        assert store.asked == []
    await context.close()
    await ours.stop()
    await store.stop()
