"""Every screen, for every eye and hand: axe, size of letters and targets, narrow phones, large letters, dark, English."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.phone.handset import Handset, MakeHandset
from web.config import ROOT

AXE: Final = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
SCREENS: Final = (
    "/",
    "/case",
    "/places",
    "/place",
    "/unit",
    "/me",
    "/me/entries",
    "/me/storage",
    "/notebook",
    "/help",
    "/write",
    "/signin",
)

RUN_AXE: Final = """async () => {
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast-enhanced": { enabled: true } },
  });
  return found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(" | ")}`);
}"""

SMALL: Final = """() => {
  const seen = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
  const hidden = (node) => node.closest(".hidden") !== null;
  const name = (node) => `${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 20)}`;
  const targets = [...document.querySelectorAll("a, button, input:not(.hidden), textarea, label:has(input)")].filter(seen);
  const small = targets.filter((node) => {
    const box = node.getBoundingClientRect();
    return box.height < 59.5 || box.width < 59.5;
  });
  const tiny = [...document.querySelectorAll("body *")].filter((node) =>
    seen(node) && !hidden(node) && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())
      && parseFloat(getComputedStyle(node).fontSize) < 20);
  return { targets: small.map(name), letters: tiny.map(name), wider: document.documentElement.scrollWidth - innerWidth };
}"""


@pytest.fixture
def phone(handset: MakeHandset) -> Handset:
    made = handset().sign_in("worker")
    made.pill("已同步")
    made.report()
    made.page.click(".toast:has-text('已存手机') button")  # taken back: something lies in the notebook
    made.page.click(".sheet-head button")
    expect(made.page.locator(".note")).to_be_visible()
    return made


def visit(phone: Handset, screen: str) -> None:
    page = phone.page
    if screen == "/case":
        phone.open()
        page.click(".case >> nth=0")
        expect(page.locator(".parcel")).to_be_visible()
    elif screen in {"/place", "/unit"}:
        phone.open("/places")
        page.click(".list .row >> nth=0")
        page.wait_for_url("**/places/*")
        if screen == "/unit":
            page.click(".list .row >> nth=0")
            expect(page.locator(".house")).to_be_visible()
    elif screen == "/write":
        phone.open("/notebook")
        page.click(".draft .button-main")
        expect(page.locator(".sheet-foot")).to_be_visible()
    else:
        phone.open(screen)
        expect(page.locator("h1")).to_be_visible()
    page.wait_for_timeout(250)


def look(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(SMALL)
    return found


def wear(phone: Handset, **display: Any) -> None:
    """As 我 would set it; the page is loaded anew so that nothing of the former look is left."""
    phone.page.evaluate(
        "display => localStorage.setItem('gridwalk.display', JSON.stringify({ theme: 'auto', chosen: true, ...display }))",
        {"language": "zh-CN", "text": "field", **display},
    )
    phone.page.goto("about:blank")


LOOKS: Final = {
    "390, by day": ({"width": 390, "height": 844}, {}),
    "320, largest letters, dark": ({"width": 320, "height": 640}, {"text": "largest", "theme": "dark"}),
    "360, large letters, English": ({"width": 360, "height": 740}, {"text": "elder", "language": "en"}),
}


@pytest.mark.parametrize("look_name", LOOKS)
def test_axe_finds_nothing_letters_and_targets_are_large_and_nothing_is_cut_off(phone: Handset, look_name: str) -> None:
    size, display = LOOKS[look_name]
    phone.page.set_viewport_size(size)  # type: ignore[arg-type]
    wear(phone, **display)
    wrong: dict[str, Any] = {}
    for screen in SCREENS:
        visit(phone, screen)
        phone.page.evaluate(AXE)
        found = {"axe": phone.page.evaluate(RUN_AXE), **look(phone.page)}
        if found != {"axe": [], "targets": [], "letters": [], "wider": 0}:
            wrong[screen] = found
    assert wrong == {}


def test_the_camera_screen_has_nothing_for_axe_and_says_what_each_button_does(phone: Handset) -> None:
    phone.open("/write")
    expect(phone.page.locator(".shutter")).to_be_enabled()
    expect(phone.page.locator(".foot-link")).to_have_text("投诉建议")
    phone.page.evaluate(AXE)
    assert phone.page.evaluate(RUN_AXE) == []
    assert look(phone.page)["targets"] == []
    phone.page.get_by_role("button", name="快门").click()
    expect(phone.page.locator(".picture img")).to_be_visible()


def test_language_and_letters_change_at_once_and_stay_without_a_line(phone: Handset) -> None:
    phone.settle()
    phone.open("/me")
    phone.page.click("label.segment:has-text('English')")
    expect(phone.page.locator(".bar")).to_contain_text("Places")
    expect(phone.page.locator("html")).to_have_attribute("lang", "en")
    # The server, too: nudges and the calendar come in it.
    session = f"{phone.url}/api/v1/session"
    phone.until(lambda: tongue(phone, session) == "en", "the server was never told")
    phone.page.click(".top-button >> nth=0")
    expect(phone.page.locator("html")).to_have_attribute("data-text", "elder")
    phone.context.set_offline(True)
    phone.page.reload()
    expect(phone.page.locator(".bar")).to_contain_text("Places")
    phone.open("/me")
    phone.page.click("label.segment[lang=zh-CN]")
    expect(phone.page.locator(".bar")).to_contain_text("今天")
    phone.context.set_offline(False)
    phone.until(lambda: tongue(phone, session) == "zh-CN", "what was chosen without a line was never told")


def tongue(phone: Handset, session: str) -> str:
    return str(phone.context.request.get(session).json()["account"]["language"])


def test_a_building_captain_starts_with_large_letters_and_sees_the_own_unit(handset: MakeHandset) -> None:
    phone = handset().sign_in("captain")
    expect(phone.page.locator("html")).to_have_attribute("data-text", "elder")
    phone.open("/places")
    expect(phone.page.locator(".list .row").first).to_be_visible()
