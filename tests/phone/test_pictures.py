"""Pictures and voice notes in the hand: several at once, covered by a finger, spoken, looked at, made room for."""

from __future__ import annotations

import gzip
import http.client
import re
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.phone.handset import Handset, photo
from tests.phone.street import Street
from web.config import ROOT

MOST_TO_START: Final = 150_000
MOST_IN_ALL: Final = 300 * 1024
"""Bytes of JavaScript, packed: what a phone fetches before it can be used, and with every screen of every role (0080)."""

PIXELS: Final = """async (sha) => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => each.split(":").length > 3);
  const db = await new Promise((done) => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result); });
  const row = await new Promise((done) => {
    const asked = db.transaction("bytes").objectStore("bytes").get(sha);
    asked.onsuccess = () => done(asked.result);
  });
  db.close();
  const picture = await createImageBitmap(new Blob([row.data], { type: row.type }));
  const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d", { willReadFrequently: true });
  pen.drawImage(picture, 0, 0);
  return [[310, 230], [20, 20]].map(([x, y]) => [...pen.getImageData(x, y, 30, 20).data]);
}"""
"""What is in the middle of a picture of 640 by 480, and in a corner of it."""


A_LINE_WITH_A_NAME: Final = """Object.defineProperty(NetworkInformation.prototype, "type", {
  get: () => localStorage.getItem("line") ?? "cellular",
  configurable: true,
});"""
"""A phone's browser says what its line is; a desktop's does not."""


LISTEN: Final = """() => {
  const button = document.querySelector(".sound-play");
  window.labels = [];
  new MutationObserver(() => window.labels.push(button.getAttribute("aria-label"))).observe(button, { attributes: true });
}"""


def apart(one: list[int], other: list[int]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


@pytest.fixture
def phone(quiet_street: Street) -> Handset:
    made = quiet_street.phone("worker")
    made.context.grant_permissions(["camera", "microphone"], origin=made.url)
    return made


def plays(page: Page) -> None:
    """A tap, and the first voice note is heard: also where it is over before anybody has looked."""
    page.wait_for_selector(".sound-play")
    page.evaluate(LISTEN)
    page.click(".sound-play")
    page.wait_for_function("() => window.labels.includes('停下第1段语音')")


def draft_of(phone: Handset) -> dict[str, Any]:
    (row,) = phone.stored("drafts")
    found: dict[str, Any] = row["body"]["plain"]
    return found


def take(phone: Handset, *names: str) -> None:
    phone.page.click(".hero")
    phone.page.wait_for_selector(".shutter:enabled")
    phone.page.set_input_files(".camera-foot input", [photo(name) for name in names])
    expect(phone.page.locator(".picture img")).to_have_count(len(names))


def test_what_a_finger_covers_is_gone_from_the_phone_before_anything_is_sent(phone: Handset) -> None:
    take(phone, "one", "two", "three")
    page = phone.page
    before = draft_of(phone)["pictures"]
    plain = page.evaluate(PIXELS, before[0]["sha256"])
    page.click(".picture-blur >> nth=0")
    expect(page.locator(".brush .button-main")).to_be_disabled()
    page.wait_for_function("() => document.querySelector('.brush canvas')?.width === 640")
    box = page.locator(".brush canvas").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] - 40, middle[1])
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1], steps=6)
    page.mouse.up()
    page.click(".brush >> text=退一笔")
    expect(page.locator(".brush .button-main")).to_be_disabled()
    page.mouse.move(middle[0] - 40, middle[1])
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1], steps=6)
    page.mouse.up()
    page.click(".brush .button-main")
    expect(page.locator(".picture img")).to_have_count(3)
    after = draft_of(phone)["pictures"]
    assert after[0]["sha256"] != before[0]["sha256"]
    assert after[1:] == before[1:]
    kept = {row["sha256"] for row in phone.stored("bytes") if row["pulled_for"] is None}
    assert kept == {each[name] for each in after for name in ("sha256", "preview")}
    covered = page.evaluate(PIXELS, after[0]["sha256"])
    assert apart(plain[0], covered[0]) > 4 * apart(plain[1], covered[1])


def test_a_voice_note_is_pressed_spoken_pressed_heard_and_arrives(phone: Handset) -> None:
    take(phone, "a")
    page = phone.page
    page.click(".voices .button")
    expect(page.locator(".recorder-state")).to_contain_text("正在录")
    page.wait_for_function("() => document.querySelectorAll('.recorder .wave rect').length > 8")
    page.click(".recorder .button")
    plays(page)
    (voice,) = draft_of(phone)["voices"]
    assert 500 <= voice["ms"] <= 60_000
    assert 1 <= len(voice["wave"]) <= 60
    phone.send()
    phone.pocket()
    phone.pill("已同步")
    assert {row["kind"]: row["state"] for row in phone.stored("uploads")} == {
        "preview": "done",
        "voice": "done",
        "full": "done",
    }
    page.click(".case >> nth=0")
    expect(page.locator(".sound")).to_have_count(1)
    answer = phone.context.request.get(f"{phone.url}/api/v1/voices/{voice['sha256']}")
    assert answer.headers["content-type"] == voice["type"]


def test_a_recording_ends_when_nobody_looks_and_is_kept(phone: Handset) -> None:
    take(phone, "a")
    phone.page.click(".voices .button")
    phone.page.wait_for_function("() => document.querySelectorAll('.recorder .wave rect').length > 8")
    phone.page.click(".sheet-head button")
    phone.until(lambda: draft_of(phone).get("voices"), "what was said is lost")
    phone.page.click(".note")
    phone.page.click(".draft .button-main")
    phone.page.click(".sound-drop")
    expect(phone.page.locator(".sound")).to_have_count(0)
    phone.until(lambda: draft_of(phone)["voices"] == [], "what was left out is still there")


def test_a_picture_opens_larger_and_the_way_back_closes_it(phone: Handset) -> None:
    take(phone, "a", "b")
    page = phone.page
    page.click(".picture .photo >> nth=1")
    expect(page.locator(".viewer-where")).to_contain_text("2/2")
    page.click(".viewer >> text=放大")
    assert "scale(2.5)" in str(page.locator(".viewer-stage img").get_attribute("style"))
    page.click(".viewer >> text=上一张")
    expect(page.locator(".viewer-where")).to_contain_text("1/2")
    page.go_back()
    expect(page.locator(".viewer")).to_have_count(0)
    expect(page.locator(".sheet-foot")).to_be_visible()


def test_large_pictures_wait_when_asked_to_and_room_is_made_only_of_what_has_arrived(phone: Handset) -> None:
    page = phone.page
    phone.open("/me/storage")
    page.click("label.segment:has-text('大图先不传')")
    phone.open()
    take(phone, "a")
    phone.send()
    phone.pocket()
    phone.pill("还有1张照片没传")
    phone.until(
        lambda: (
            {row["kind"]: row["state"] for row in phone.stored("uploads")} == {"preview": "done", "full": "waiting"}
        ),
        "preview",
    )
    phone.open("/me/storage")
    expect(page.locator(".freight")).to_contain_text("大图先不传")
    page.click("main button >> text=腾出")  # copies of other people's pictures; the one that waits is none of it
    expect(page.locator("main")).to_contain_text("腾出了")
    expect(page.locator("main")).to_contain_text("现在没有能拿掉的")
    page.click("label.segment:has-text('有网就传')")
    expect(page.locator("main")).to_contain_text("照片和语音都传到了")
    page.click("main button >> text=腾出")
    expect(page.locator("main")).to_contain_text("现在没有能拿掉的")
    (full,) = [row["sha256"] for row in phone.stored("uploads") if row["kind"] == "full"]
    assert full not in {row["sha256"] for row in phone.stored("bytes")}
    phone.open()
    page.click(".case >> nth=0")
    page.click(".pair .photo")
    page.wait_for_function("() => document.querySelector('.viewer-stage img')?.naturalWidth === 640")


def test_large_pictures_wait_for_wi_fi_where_the_browser_can_tell(phone: Handset) -> None:
    phone.context.add_init_script(A_LINE_WITH_A_NAME)
    phone.page.reload()
    phone.open("/me/storage")
    phone.page.click("label.segment:has-text('只用Wi-Fi传大图')")
    phone.open()
    take(phone, "by wi-fi")
    phone.send()
    phone.pocket()
    phone.pill("还有1张照片没传")
    wanted = {"preview": "done", "full": "waiting"}
    phone.until(lambda: {row["kind"]: row["state"] for row in phone.stored("uploads")} == wanted, "no preview")
    phone.page.evaluate("localStorage.setItem('line', 'wifi'); navigator.connection.dispatchEvent(new Event('change'))")
    phone.pill("已同步")
    assert {row["state"] for row in phone.stored("uploads")} == {"done"}


def test_the_whole_app_weighs_less_than_a_picture() -> None:
    app = ROOT / "static" / "app"
    assert packed(needed_by(app, app / "index.html") | {app / "sw.js"}) <= MOST_TO_START
    assert packed({*(app / "assets").glob("*.js"), app / "sw.js"}) <= MOST_IN_ALL


def needed_by(app: Path, file: Path) -> set[Path]:
    """The scripts that a file cannot do without, however far down; not those that it fetches when they are wanted."""
    named = re.findall(r'(?:src|href|from|import)\s*=?\s*"([^"]+\.js)"', file.read_text())
    found = {(app / "assets" / Path(name).name) for name in named if Path(name).name not in {"sw.js", "registerSW.js"}}
    return found.union(*(needed_by(app, each) for each in found)) if found else set()


def packed(files: set[Path]) -> int:
    return sum(len(gzip.compress(each.read_bytes(), 9)) for each in files)


@pytest.mark.parametrize("asks", [True, False], ids=["asks to be cut short", "does not"])
def test_a_phone_that_asks_for_it_is_not_heard_out_and_goes_on_over_another_connection(
    street: Street, asks: bool
) -> None:
    headers = {"Tus-Resumable": "1.0.0", "X-Gridwalk": "1", **({"X-Hang-Up": "1"} if asks else {})}
    connection = http.client.HTTPConnection("127.0.0.1", street.server.config.port, timeout=20)
    connection.request("HEAD", f"/api/v1/uploads/{'0' * 8}-0000-7000-8000-{'0' * 12}", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.will_close) == (401, asks)
    connection.close()
