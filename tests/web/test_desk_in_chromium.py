"""The desk in a real browser: two letters, what waits to be claimed, a rescue file; by keyboard, and clean for axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.phone import change, drawing, report
from tests.server import Server
from tests.web.browsing import SIT, Field, axe, too_small
from tests.web.disputes import HERE, THERE
from tests.web.rescue_files import saved


def seq_of(field: Field, record: str) -> int:
    return int(field.http.get(f"/api/v1/records/{record}").json()["seq"])


def epoch(field: Field) -> str:
    call = {"protocol": 1, "device": field.device, "last": field.last, "newest": field.last, "changes": [], "limit": 0}
    return str(field.http.post("/api/v1/sync", data=call).json()["epoch"])


def torn(chromium: Browser, server: Server, field: Field, **more: Any) -> str:
    """A case of which two phones, unseen by each other, say where it is."""
    record = field.push(report(**more))
    seen, second = seq_of(field, record), Field(chromium, server, "worker2")
    for phone, place in ((field, HERE), (second, THERE)):
        phone.push({**change(record, seen, {"place_id": place}), "epoch": epoch(phone)})
    return record


def stray(chromium: Browser, server: Server, *pictures: bytes) -> str:
    """A new case by somebody whose grid it is not; the id of the change."""
    sent = report(*pictures, place_note="桥头")
    Field(chromium, server, "outsider").push(sent)
    return str(sent["id"])


def clean(page: Page) -> None:
    assert axe(page) == []
    assert too_small(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_letters_are_decided_by_keyboard_and_the_desk_says_what_became_of_it(
    chromium: Browser, desk_server: Server, sit: SIT, field: Field
) -> None:
    record, other = torn(chromium, desk_server, field), torn(chromium, desk_server, field)
    page = sit("head")
    expect(page.locator("#rail-decide")).to_have_text("2")
    page.locator("#headline").get_by_text("待您决定").click()
    page.wait_for_url("**/console/decide")
    expect(page.locator(".dispute")).to_have_count(2)
    page.locator(f"#dispute-{record}-place-id").get_by_role("button", name="用右边").focus()
    page.keyboard.press("Enter")
    done = page.locator(f"#dispute-{record}-place-id.is-decided")
    expect(done).to_contain_text("定下:办好了")
    assert page.evaluate("document.activeElement.closest('.dispute').id") == f"dispute-{record}-place-id"
    expect(page.locator("#rail-decide")).to_have_text("1")
    expect(page.locator("#desk-headline")).to_have_text("待您决定 1 件")
    expect(page.locator(f"#dispute-{other}-place-id .letter")).to_have_count(2)
    assert field.http.get(f"/api/v1/records/{record}").json()["fields"]["place_id"] == THERE
    clean(page)


def test_a_second_desk_sees_who_asks_and_what_came_meanwhile(
    chromium: Browser, desk_server: Server, sit: SIT, field: Field
) -> None:
    record = torn(chromium, desk_server, field)
    head, supervisor = sit("head"), sit("supervisor")
    supervisor.goto("/console/decide")
    head.goto("/console/decide")
    head.get_by_text("先打电话问", exact=True).click()
    head.get_by_role("button", name="记一下:我在问").click()
    expect(head.locator(".asker")).to_contain_text("您正在打电话问")
    expect(head.locator(".calls-list")).to_be_visible()
    third = Field(chromium, desk_server, "worker2")
    third.push({**change(record, 0, {"place_id": "0191d1f0-0000-7000-8000-00000000000c"}), "epoch": epoch(third)})
    supervisor.get_by_role("button", name="用左边").click()
    item = supervisor.locator(f"#dispute-{record}-place-id")
    expect(item).to_contain_text("刚才又来了一种写法")
    expect(item.locator(".is-fresh")).to_have_count(1)
    expect(item.locator(".asker")).to_contain_text("head(示例) 正在打电话问")
    clean(supervisor)
    head.goto(f"/console/cases/{record}")
    expect(head.locator(f"#conflict-{record}-place-id .letter")).to_have_count(2)
    head.get_by_role("button", name="两条都留").click()
    expect(head.locator("#notice")).to_contain_text("两条都留:办好了")
    expect(head.locator(".conflict")).to_have_count(0)
    expect(head.locator("#words")).to_contain_text("一并留着")


def test_what_waits_is_left_out_with_a_reason_or_taken_in(
    chromium: Browser, desk_server: Server, sit: SIT, field: Field
) -> None:
    first, second = stray(chromium, desk_server), stray(chromium, desk_server)
    page = sit("head")
    page.goto("/console/parked")
    item = page.locator(f"#held-{first}")
    item.get_by_text("不收…").click()
    item.get_by_role("button", name="不收", exact=True).click()
    expect(item.locator("textarea")).to_be_focused()  # the browser itself asks for a reason
    clean(page)
    item.locator("textarea").fill("这是二网格的")
    item.get_by_role("button", name="不收", exact=True).click()
    expect(item).to_contain_text("写的人会读到您的话")
    expect(page.locator("#parked-headline")).to_have_text("待认领 1 条")
    page.locator(f"#held-{second}").get_by_role("button", name="收下").click()
    expect(page.locator(f"#held-{second}")).to_contain_text("收下:办好了")
    expect(page.locator("#rail-parked")).to_have_text("")
    clean(page)


def test_a_rescue_file_is_handed_in_looked_at_and_taken_in(sit: SIT, field: Field, tmp_path: Path) -> None:
    class Worker:
        account = field.http.get("/api/v1/session").json()["account"]["id"]
        device = field.device

    picture = drawing(11)
    file = tmp_path / "gridwalk-rescue-20260613-0840.zip"
    file.write_bytes(saved(Worker, [report(picture), report(place_note="桥头")], picture))  # type: ignore[arg-type]
    page = sit("supervisor")
    page.goto("/console/parked")
    page.get_by_role("link", name="交来救援文件").click()
    clean(page)
    page.locator("#rescue-file").set_input_files({"name": "notes.zip", "mimeType": "application/zip", "buffer": b"x"})
    page.get_by_role("button", name="交进来").click()
    expect(page.locator("#notice")).to_contain_text("这不是救援文件")
    page.locator("#rescue-file").set_input_files(file)
    page.get_by_role("button", name="交进来").click()
    expect(page.locator(".rescue-lines li")).to_have_count(2)
    expect(page.locator("#rail-parked")).to_have_text("2")
    clean(page)
    page.get_by_role("link", name="去看这些内容").click()
    page.get_by_text("一条条看(2 条)").click()
    expect(page.locator(".claim .picture img")).to_be_visible()
    clean(page)
    page.get_by_role("button", name="把没问题的都收下").click()
    expect(page.locator(".rescue")).to_contain_text("收下了 2 条")
    expect(page.locator(".claim")).to_have_count(0)
    expect(page.locator("#rail-parked")).to_have_text("")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_desk_is_clean_in_the_dark_at_every_width(
    chromium: Browser, desk_server: Server, sit: SIT, field: Field, width: int
) -> None:
    record = torn(chromium, desk_server, field, description={"text": "没有空格的长话" * 60})
    stray(chromium, desk_server)
    page = sit("supervisor", width=width, theme="dark")
    for path in ("/console/decide", "/console/parked", "/console/rescue", f"/console/cases/{record}"):
        page.goto(path)
        for summary in page.locator("main details > summary").all():
            summary.click()
        clean(page)
