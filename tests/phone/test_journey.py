"""A hazard seen without a line, answered the same day: the main job, end to end (issue 2, steps 2 to 4)."""

from __future__ import annotations

import re
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.phone.handset import Handset, MakeHandset
from tests.server import Server

ARRIVED_WITHIN = 5
"""Seconds in which the console must show what has arrived, without anybody reloading it."""

NEW_ROW = "known => [...document.querySelectorAll('#stream > li.row')].some((row) => !known.includes(row.id))"


def test_a_hazard_seen_without_a_line_is_answered_and_the_answer_comes_back(
    handset: MakeHandset, desk: Page, server: Server, tmp_path: Path
) -> None:
    Image.new("RGB", (1200, 900), "#cfd8c8").save(tmp_path / "mended.jpg")
    finder = handset("finder").sign_in("worker")
    finder.settle()
    finder.pill("已同步")
    finder.sleep()
    sit_down(desk, "supervisor")

    server.kill()
    write_it_down(finder)
    the_phone_dies_and_comes_back(finder)
    server.start()
    row = text_arrives_alone_and_the_console_shows_it(finder, desk)
    then_the_picture_arrives(finder, row)
    somebody_looks_at_it(finder, desk, row)
    it_is_accepted_and_dispatched(desk)
    mend_it(handset("mender").sign_in("handler"), tmp_path / "mended.jpg")
    the_finder_sees_every_step_and_the_answer(finder)
    it_is_not_fixed_and_goes_round_again(finder, desk)


def sit_down(desk: Page, login: str) -> None:
    desk.goto("/console/sign-in?next=/console/cases")
    desk.fill("#login", login)
    desk.fill("#password", "gridwalk")
    desk.click("#sign-in form >> nth=0 >> button")
    with desk.expect_response("**/console/cases/fresh*"):  # the page has come whole, and keeps itself fresh
        expect(desk.locator("#stream")).to_be_attached()


def write_it_down(finder: Handset) -> None:
    """拍照上报 → 快门, then a category, a severity, a few words → 上报."""
    page = finder.page
    page.click(".hero")
    page.click(".shutter:enabled")
    page.click("label.chip:has-text('楼道堆物')")
    page.click("label.segment-urgent")
    page.fill("textarea", "三楼拐角堆了旧沙发,人过不去")
    page.click(".sheet-buttons .button-main")
    finder.rung("在手机上")


def the_phone_dies_and_comes_back(finder: Handset) -> None:
    finder.kill()
    finder.on()
    finder.context.set_offline(True)
    finder.open()
    finder.rung("在手机上")


def text_arrives_alone_and_the_console_shows_it(finder: Handset, desk: Page) -> Locator:
    """The line is back, first too thin for a picture."""
    expect(desk.locator("#pill")).not_to_have_class(re.compile("is-lost"))
    known = [row.get_attribute("id") for row in desk.locator("#stream > li.row").all()]
    finder.context.route("**/api/v1/uploads*", lambda route: route.abort())
    finder.context.set_offline(False)
    finder.rung("文字已到")
    arrived = time.monotonic()
    desk.wait_for_function(NEW_ROW, arg=known, timeout=ARRIVED_WITHIN * 1000)
    assert time.monotonic() - arrived < ARRIVED_WITHIN
    row = desk.locator("#stream > li.row", has_text="三楼拐角堆了旧沙发").first
    for words in ("楼道堆物", "紧急", "柳湾一网格", "李网格员01"):
        expect(row).to_contain_text(words)
    return row


def then_the_picture_arrives(finder: Handset, row: Locator) -> None:
    finder.context.unroute("**/api/v1/uploads*")
    finder.nudge()
    finder.rung("已上报")
    expect(row.locator("img")).to_be_visible()


def somebody_looks_at_it(finder: Handset, desk: Page, row: Locator) -> None:
    row.locator("a.row-link").click()
    expect(desk.locator("#actions")).to_be_visible()
    finder.page.locator(".case").first.click()
    finder.nudge()
    expect(finder.page.locator(".stop-seen")).to_be_visible(timeout=40_000)
    expect(finder.page.locator(".case-head .rungs")).to_contain_text("已看过")


def it_is_accepted_and_dispatched(desk: Page) -> None:
    desk.click("#do-accept button[type=submit]")
    whom = desk.locator("#do-dispatch select")
    whom.select_option(str(whom.locator("option", has_text="处置01").get_attribute("value")))
    desk.click("#do-dispatch button[type=submit]")
    expect(desk.locator("#case")).to_contain_text("已派单")


def mend_it(mender: Handset, mended: Path) -> None:
    page = mender.page
    page.locator(".case", has_text="楼道堆物").first.click()
    page.click("text=开始处理")
    expect(page.locator(".stop-working")).to_be_visible()
    page.click(".actions >> text=处理好了")
    page.click(".picture-more")
    expect(page.locator(".shutter")).to_be_enabled()
    # Not the camera again: the browser's false one may give the very same picture, and the same picture is one picture.
    page.set_input_files(".camera-foot input", mended)
    page.fill("textarea", "已请人搬走,楼道畅通")
    page.click(".sheet-buttons .button-main")
    expect(page.locator(".stop-resolved")).to_be_visible()
    mender.pill("没传")
    mender.pill("已同步")


def the_finder_sees_every_step_and_the_answer(finder: Handset) -> None:
    finder.nudge()
    line = finder.page.locator(".parcel")
    expect(line.locator(".stop-resolved")).to_be_visible(timeout=40_000)
    for what in ("reported", "seen", "accepted", "assigned", "working", "resolved"):
        expect(line.locator(f".stop-{what}")).to_have_count(1)
    expect(line).to_contain_text("已请人搬走,楼道畅通")
    expect(finder.page.locator(".pair img")).to_have_count(2)
    finder.open()
    expect(finder.page.locator(".reply", has_text="已请人搬走,楼道畅通")).to_be_visible()


def it_is_not_fixed_and_goes_round_again(finder: Handset, desk: Page) -> None:
    finder.forget_taps()
    finder.page.click(".reply:has-text('已请人搬走') >> text=没修好")
    assert finder.taps == 1
    finder.pill("没传")
    finder.pill("已同步")
    expect(desk.locator("#case")).to_contain_text("处理中")
    finder.page.locator(".case", has_text="楼道堆物").filter(has_text="处理中").click()
    expect(finder.page.locator(".stop-reopened")).to_contain_text("第2轮")
