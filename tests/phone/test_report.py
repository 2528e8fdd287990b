"""Reporting without a line: three taps, and nothing that was written is ever lost (issue 2, steps 2 and 3)."""

from __future__ import annotations

import errno
import socket
import time
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.phone.handset import Handset, MakeHandset
from tests.phone.test_survives_changes import clock
from tests.server import Server


@pytest.fixture
def phone(handset: MakeHandset) -> Handset:
    made = handset().sign_in("worker")
    made.settle()
    made.pill("已同步")
    made.sleep()
    return made


def kill(server: Server) -> None:
    """Power off: from now on nobody answers at that address."""
    server.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.config.port)) == errno.ECONNREFUSED:
                return
        time.sleep(0.05)
    pytest.fail("somebody still answers")


def test_the_app_can_be_installed_and_starts_with_its_places_when_the_server_is_dead(
    phone: Handset, server: Server
) -> None:
    cdp = phone.context.new_cdp_session(phone.page)
    manifest = cdp.send("Page.getAppManifest")
    assert manifest["url"].endswith("/app/manifest.webmanifest")
    assert manifest["errors"] == []
    kill(server)
    phone.kill()
    phone.on()
    phone.open("/places")
    expect(phone.page.locator(".top-place strong")).to_have_text("柳湾一网格")
    expect(phone.page.locator(".list .row").first).to_be_visible()


def test_a_report_is_three_taps_and_is_kept_through_a_reload_a_killed_browser_and_a_month(
    phone: Handset, server: Server
) -> None:
    phone.context.set_offline(True)
    phone.forget_taps()
    phone.report()
    assert phone.taps == 3
    phone.rung("在手机上")
    phone.page.reload()
    phone.rung("在手机上")
    phone.kill()
    phone.scripts = (*phone.scripts, clock(31 * 24))  # it lies in a drawer: nothing unsent has an age
    phone.on()
    phone.context.set_offline(True)
    phone.open()
    phone.rung("在手机上")
    phone.pill("还有1条没传")
    assert len(phone.stored("outbox")) == 1
    phone.context.set_offline(False)
    phone.rung("已上报")
    phone.pill("已同步")
    assert phone.stored("outbox") == []


def test_a_report_goes_out_by_itself_when_the_killed_server_is_back(phone: Handset, server: Server) -> None:
    kill(server)
    phone.report()
    phone.pill("还有1条没传")
    phone.page.wait_for_timeout(11_000)  # it has tried, and failed
    phone.rung("在手机上")
    server.start()
    phone.rung("已上报")  # nobody touched anything


def test_text_arrives_first_and_the_ladder_says_how_far_it_came(phone: Handset) -> None:
    phone.context.route("**/api/v1/uploads*", lambda route: route.abort())
    phone.report()
    phone.rung("文字已到")
    phone.pill("张照片没传")
    phone.context.unroute("**/api/v1/uploads*")
    phone.nudge()
    phone.pill("已同步")
    phone.rung("已上报")
    phone.page.click(".case")
    expect(phone.page.locator(".case-head .rungs")).to_contain_text("照片已到")


def test_a_draft_survives_a_kill_while_the_camera_is_open(phone: Handset) -> None:
    page = phone.page
    page.click(".hero")
    page.click(".shutter:enabled")
    page.fill("textarea", "三楼拐角堆了旧沙发")
    page.click("label.chip >> nth=4")
    page.click(".picture-more")
    expect(page.locator(".shutter")).to_be_enabled()
    phone.kill()
    phone.on()
    phone.open()
    phone.page.click(".note")
    expect(phone.page.locator(".draft")).to_contain_text("三楼拐角堆了旧沙发")
    phone.page.click(".draft .button-main")
    expect(phone.page.locator("textarea")).to_have_value("三楼拐角堆了旧沙发")
    expect(phone.page.locator(".picture img")).to_be_visible()
    expect(phone.page.locator("label.chip >> nth=4 >> input")).to_be_checked()


def test_a_reload_while_the_camera_is_open_opens_the_camera_again(phone: Handset) -> None:
    phone.page.click(".hero")
    expect(phone.page.locator(".shutter")).to_be_enabled()
    phone.page.reload()
    expect(phone.page.locator(".shutter")).to_be_enabled()
    phone.page.click(".shutter")
    expect(phone.page.locator(".picture img")).to_be_visible()


def test_within_ten_seconds_a_report_comes_back_with_everything_in_it(phone: Handset) -> None:
    phone.page.click(".hero")
    phone.page.click(".shutter:enabled")
    phone.page.fill("textarea", "点错了")
    phone.page.click(".sheet-buttons .button-main")
    phone.page.click(".toast:has-text('已存手机') button")
    expect(phone.page.locator("textarea")).to_have_value("点错了")
    expect(phone.page.locator(".picture img")).to_be_visible()
    assert phone.stored("outbox") == []


def test_a_dropped_draft_can_be_fetched_back_for_ten_seconds(phone: Handset) -> None:
    phone.page.click(".hero")
    phone.page.click(".shutter:enabled")
    phone.page.click(".sheet-head button")
    phone.page.click(".note")
    phone.page.click(".draft .two .button:first-child")
    expect(phone.page.locator(".draft")).to_have_count(0)
    phone.page.click(".toast:has-text('不要了') button")
    expect(phone.page.locator(".draft")).to_have_count(1)


def test_fixed_on_the_spot_is_three_taps_too(phone: Handset) -> None:
    phone.forget_taps()
    phone.page.click(".hero")
    phone.page.click(".shutter:enabled")
    phone.page.click(".sheet-buttons .button:first-child")
    assert phone.taps == 3
    phone.rung("待核实")


@pytest.fixture
def large_picture(tmp_path: Path) -> Path:
    """Twelve megapixels of a drawn street, with a place in its EXIF that nobody asked for."""
    image = Image.effect_noise((4000, 3000), 60).convert("RGB")
    ImageDraw.Draw(image).rectangle((900, 1100, 2600, 2500), fill="#8a5a2b")
    exif = Image.Exif()
    exif[0x9286] = "secret place"
    image.save(tmp_path / "street.jpg", quality=90, exif=exif)
    return tmp_path / "street.jpg"


HANDS: Final = {
    "a worker beside the page": "",
    "the page, for want of a worker's canvas": "delete window.OffscreenCanvas;",
    "the page, for the worker does not load": "window.Worker = class { constructor() { throw new Error(); } };",
    "the page, for the worker dies": """window.Worker = class extends EventTarget {
      postMessage() { setTimeout(() => this.dispatchEvent(new Event("error"))); }
      terminate() {}
    };""",
}


@pytest.mark.parametrize("hand", HANDS)
def test_without_a_camera_a_picture_is_picked_and_made_small(
    handset: MakeHandset, large_picture: Path, hand: str
) -> None:
    phone = handset("plain", camera=False)
    phone.context.add_init_script(HANDS[hand])
    phone.sign_in("worker")
    phone.page.click(".hero")
    phone.page.set_input_files(".camera-sorry input >> nth=1", large_picture)
    expect(phone.page.locator(".picture img")).to_be_visible()
    assert any("press" in each.url for each in phone.page.workers) is (hand == "a worker beside the page")
    sizes = sorted(row["data"] for row in phone.stored("bytes") if row["pulled_for"] is None)
    assert sizes[0] <= 20_000
    assert sizes[1] <= 300 * 1024
    phone.context.set_offline(True)  # or it may have gone out before anybody looks
    phone.page.click(".sheet-buttons .button-main")
    expect(phone.page.locator(".hero")).to_be_visible()
    picture = phone.stored("outbox")[0]["body"]["plain"]["set"]["photos"]
    phone.context.set_offline(False)
    assert max(max(each["width"], each["height"]) for each in picture.values()) <= 1600
    phone.pill("已同步")


def test_signing_out_keeps_what_is_unsent_and_takes_away_what_was_pulled(phone: Handset) -> None:
    phone.context.set_offline(True)
    phone.report()
    phone.open("/me")
    phone.page.click("main >> text=退出登录")
    expect(phone.page.locator(".trouble")).to_contain_text("没传")
    phone.page.click("main >> text=还是退出")
    expect(phone.page.locator("[name=login]")).to_be_visible()
    assert (len(phone.stored("outbox")), phone.stored("records")) == (1, [])
    phone.context.set_offline(False)
    phone.sign_in("worker")
    phone.rung("已上报")


def test_2_an_identity_number_is_warned_of_and_left_out_and_nothing_else_is(phone: Handset) -> None:
    page, typed = phone.page, "楼上住户 110101199003070011 家漏水"
    phone.context.set_offline(True)
    page.click(".hero")
    page.click(".shutter:enabled")
    expect(page.locator(".no-number")).to_have_count(0)
    page.fill("textarea", typed)
    expect(page.locator(".no-number")).to_contain_text("身份证号用不着")
    phone.send()
    expect(page.locator(".toast")).to_contain_text("身份证号没存")
    (row,) = phone.stored("outbox")
    assert row["body"]["plain"]["set"]["description"] == {"text": "楼上住户 ××× 家漏水"}
    assert "110101199003070011" not in str([phone.stored("outbox"), phone.stored("drafts")])
    page.click(".toast:has-text('身份证号没存') >> text=撤销")
    expect(page.locator("textarea")).to_have_value(typed)  # what was typed is theirs until it is saved
