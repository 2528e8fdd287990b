"""A hazard seen without a line, answered the same day: the main job, end to end (issue 2, steps 2 to 4)."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.phone.handset import Handset, MakeHandset
from tests.server import Server

ARRIVED_WITHIN = 5
"""Seconds in which the console must show what has arrived, without anybody reloading it."""


def sit_down(desk: Page, login: str) -> None:
    desk.goto("/console/sign-in?next=/console/cases")
    desk.fill("#login", login)
    desk.fill("#password", "gridwalk")
    desk.click("#sign-in form >> nth=0 >> button")
    expect(desk.locator("#stream")).to_be_attached()


def do(desk: Page, action: str) -> None:
    """Press the button of a form on the case page, unfolding it first where it is folded."""
    place = desk.locator(f"#do-{action}")
    if place.locator("summary").count() and place.get_attribute("open") is None:
        place.locator("summary").first.click()
    place.locator("button[type=submit]").first.click()


def write_it_down(phone: Handset) -> None:
    """拍照上报 → 快门, then a category, a severity, a few words → 上报."""
    page = phone.page
    page.click(".hero")
    page.click(".shutter:enabled")
    page.click("label.chip:has-text('楼道堆物')")
    page.click("label.segment-urgent")
    page.fill("textarea", "三楼拐角堆了旧沙发,人过不去")
    page.click(".sheet-buttons .button-main")
    expect(page.locator(".hero")).to_be_visible()


def test_a_hazard_seen_without_a_line_is_answered_and_the_answer_comes_back(
    handset: MakeHandset, desk: Page, server: Server
) -> None:
    phone = handset("finder").sign_in("worker")
    phone.settle()
    phone.pill("已同步")
    phone.sleep()
    sit_down(desk, "supervisor")
    rows = desk.locator("#stream > li.row")
    before = {row.get_attribute("id") for row in rows.all()}

    # No line, and the phone dies: the entry is there when it comes back.
    server.kill()
    write_it_down(phone)
    phone.rung("在手机上")
    phone.kill()
    phone.on()
    phone.context.set_offline(True)
    phone.open()
    phone.rung("在手机上")

    # The line is back, first too thin for a picture: the text arrives alone, and the console shows it by itself.
    server.start()
    expect(desk.locator("#pill")).not_to_have_class(re.compile("is-lost"), timeout=60_000)
    phone.context.route("**/api/v1/uploads*", lambda route: route.abort())
    phone.context.set_offline(False)
    phone.rung("文字已到")
    arrived = time.monotonic()
    row = desk.locator("#stream > li.row", has_text="楼道堆物").first
    desk.wait_for_function(
        "known => [...document.querySelectorAll('#stream > li.row')].some((row) => !known.includes(row.id))",
        arg=sorted(each for each in before if each),
        timeout=ARRIVED_WITHIN * 1000,
    )
    assert time.monotonic() - arrived < ARRIVED_WITHIN
    expect(row).to_contain_text("三楼拐角堆了旧沙发")
    expect(row).to_contain_text("紧急")
    expect(row).to_contain_text("李网格员01")
    assert row.get_attribute("id") not in before

    # Then the picture.
    phone.context.unroute("**/api/v1/uploads*")
    phone.nudge()
    phone.rung("已上报")
    expect(row.locator("img")).to_be_visible()

    # Somebody looks at it, accepts it, sends the handler.
    row.locator("a.row-link").click()
    expect(desk.locator("#actions")).to_be_visible()
    case = phone.page.locator(".case").first
    case.click()
    phone.nudge()
    expect(phone.page.locator(".stop-seen")).to_be_visible(timeout=40_000)
    expect(phone.page.locator(".case-head .rungs")).to_contain_text("已看过")
    do(desk, "accept")
    whom = desk.locator("#do-dispatch select")
    whom.select_option(str(whom.locator("option", has_text="处置01").get_attribute("value")))
    do(desk, "dispatch")
    expect(desk.locator("#case")).to_contain_text("已派单")

    # The handler works with a phone too.
    mender = handset("mender").sign_in("handler")
    mender.page.locator(".case", has_text="楼道堆物").first.click()
    mender.page.click("text=开始处理")
    expect(mender.page.locator(".stop-working")).to_be_visible()
    mender.page.click(".actions >> text=处理好了")
    mender.page.click(".picture-more")
    mender.page.click(".shutter:enabled")
    mender.page.fill("textarea", "已请人搬走,楼道畅通")
    mender.page.click(".sheet-buttons .button-main")
    expect(mender.page.locator(".stop-resolved")).to_be_visible()
    mender.pill("已同步", within=40)

    # The finder sees every step, and the answer with its picture.
    phone.nudge()
    line = phone.page.locator(".parcel")
    expect(line.locator(".stop-resolved")).to_be_visible(timeout=40_000)
    for what in ("reported", "seen", "accepted", "assigned", "working", "resolved"):
        expect(line.locator(f".stop-{what}")).to_have_count(1)
    expect(line).to_contain_text("已请人搬走,楼道畅通")
    expect(phone.page.locator(".pair img")).to_have_count(2)
    phone.open()
    expect(phone.page.locator(".reply")).to_contain_text("已请人搬走,楼道畅通")

    # It is not fixed: two taps, and it goes round again.
    phone.forget_taps()
    phone.page.click(".reply >> text=没修好")
    assert phone.taps == 1
    phone.pill("已同步", within=40)
    expect(desk.locator("#case")).to_contain_text("处理中", timeout=40_000)
    desk.reload()
    expect(desk.locator("#case")).to_contain_text("处理中")
    phone.page.locator(".case", has_text="楼道堆物").first.click()
    expect(phone.page.locator(".stop-reopened")).to_contain_text("第2回")
