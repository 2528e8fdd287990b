"""The console in a real browser: live, by keyboard, with pictures, clean under its own rules."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.phone import report
from tests.server import Server
from tests.web.browsing import SIT, Field, axe, too_small
from tests.web.pictures import jpeg

WITHIN = 5_000
"""Milliseconds in which a supervisor sees what has arrived."""


def test_a_report_is_on_the_supervisor_s_screen_within_five_seconds(sit: SIT, field: Field) -> None:
    page = sit()
    expect(page.locator(".empty")).to_be_visible()
    picture = jpeg()
    begun = time.monotonic()
    record = field.push(report(picture, severity="urgent", place_note="三楼拐角"))
    row = page.locator(f"#case-{record}")
    expect(row).to_be_visible(timeout=WITHIN)
    assert time.monotonic() - begun < WITHIN / 1000
    for said in ("楼道堆物/消防通道", "柳湾一网格", "三楼拐角", "紧急", "网格员", "worker(示例)", "已上报"):
        expect(row).to_contain_text(said)
    expect(page.locator(".empty")).to_have_count(0)
    field.upload(picture)
    expect(row.locator("img")).to_be_visible(timeout=WITHIN)
    assert row.locator("img").evaluate(
        "image => image.complete && image.naturalWidth > 0 || image.decode().then(() => true)"
    )


def test_new_rows_move_neither_the_place_nor_the_focus(sit: SIT, field: Field) -> None:
    field.push_all([report() for _ in range(30)])
    page = sit(height=600)
    page.locator(".row-link").nth(12).focus()
    page.locator(".row").nth(12).scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 100)")
    focused = page.evaluate("document.activeElement.closest('.row').id")
    before = page.locator(f"#{focused}").bounding_box()
    record = field.push(report())
    expect(page.locator(f"#case-{record}")).to_be_attached(timeout=WITHIN)
    after = page.locator(f"#{focused}").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    assert page.evaluate("document.activeElement.closest('.row').id") == focused
    expect(page.locator("#newer")).to_have_text("上面有 1 条新的")
    assert page.title().startswith("(1) ")
    page.locator("#newer").click()
    assert page.evaluate("document.activeElement.closest('.row').id") == f"case-{record}"
    assert not page.title().startswith("(")


def test_a_row_follows_what_others_do_with_the_case(sit: SIT, field: Field) -> None:
    record = field.push(report())
    supervisor, head = sit("supervisor"), sit("head")
    row = supervisor.locator(f"#case-{record}")
    expect(row).to_have_class("row is-unseen")
    head.goto(f"/console/cases/{record}")
    head.locator("#do-accept button").click()
    expect(row.locator(".row-word")).to_have_text("已受理", timeout=WITHIN)
    expect(row).to_have_class("row")  # the head has looked at it


def test_the_list_works_by_keyboard(sit: SIT, field: Field) -> None:
    records = field.push_all([report() for _ in range(3)])[::-1]
    page = sit()
    for key, expected in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.closest('.row').id") == f"case-{records[expected]}"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{records[1]}")
    page.keyboard.press("u")
    page.wait_for_url("**/console/cases")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("[data-keys-toggle]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.row')") is None


def test_filters_narrow_without_a_reload_and_stand_in_the_address(sit: SIT, field: Field) -> None:
    field.push(report())
    urgent = field.push(report(severity="urgent"))
    page = sit()
    page.evaluate("document.body.dataset.same = '1'")
    page.locator("select[name=severity]").select_option("urgent")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(f"#case-{urgent}")).to_be_visible()
    assert "severity=urgent" in page.url
    page.get_by_label("已办结", exact=True).check()
    expect(page.locator(".empty")).to_be_visible()
    assert page.evaluate("document.body.dataset.same") == "1"
    page.reload()
    expect(page.locator("select[name=severity]")).to_have_value("urgent")
    expect(page.locator("input[name=state][value=closed]")).to_be_checked()


def test_earlier_pages_are_joined_below(sit: SIT, field: Field) -> None:
    field.push_all([report() for _ in range(70)])
    page = sit()
    expect(page.locator(".row")).to_have_count(50)
    page.locator("#more a").click()
    expect(page.locator(".row")).to_have_count(70)
    expect(page.locator("#more")).to_have_count(0)


def working_case(field: Field, sit: SIT) -> tuple[str, Page]:
    """A case that the handler has begun to work on, and the handler's page of it."""
    record = field.push(report())
    supervisor, handler = sit("supervisor"), sit("handler")
    supervisor.goto(f"/console/cases/{record}")
    supervisor.locator("#do-accept button").click()
    supervisor.get_by_label("handler(示例)").check()
    supervisor.locator("#do-dispatch button").click()
    expect(supervisor.locator(".case-state")).to_have_text("已派单")
    handler.goto(f"/console/cases/{record}")
    handler.locator("#do-start button").click()
    expect(handler.locator(".case-state")).to_have_text("处理中")
    return record, handler


def test_an_after_picture_goes_from_the_desk_to_everybody_s_page(sit: SIT, field: Field, tmp_path: Path) -> None:
    record, handler = working_case(field, sit)
    supervisor = sit("supervisor")
    supervisor.goto(f"/console/cases/{record}")
    photo = tmp_path / "after.jpg"
    photo.write_bytes(jpeg(2400, 1800))
    handler.locator("#resolve-text").fill("已联系清运,楼道畅通")
    handler.locator("[data-choose]").set_input_files(photo)
    expect(handler.locator(".chosen li")).to_have_count(1)
    handler.locator("#do-resolve button[type=submit]").click()
    expect(handler.locator(".case-state")).to_have_text("待核实")
    picture = supervisor.locator(".pictures-side:last-child img")
    expect(picture).to_be_visible(timeout=2 * WITHIN)
    assert (
        picture.evaluate("image => image.decode().then(() => Math.max(image.naturalWidth, image.naturalHeight))")
        <= 1600
    )
    photos = field.http.get(f"/api/v1/records/{record}").json()["fields"]["photos"]
    assert [each["stage"] for each in photos.values()] == ["after"]
    assert all(each["preview"] for each in photos.values())
    left = handler.evaluate(
        "new Promise(done => { const o = indexedDB.open('gridwalk-desk'); o.onsuccess = () => "
        "{ const r = o.result.transaction('bytes').objectStore('bytes').count(); r.onsuccess = () => done(r.result); }; })"
    )
    assert left == 0


def test_a_picture_survives_the_closing_of_the_page(sit: SIT, field: Field, tmp_path: Path) -> None:
    record, handler = working_case(field, sit)
    photo = tmp_path / "after.jpg"
    photo.write_bytes(jpeg(800, 600))
    handler.route("**/api/v1/uploads", lambda route: route.abort())
    handler.locator("#resolve-text").fill("好了")
    handler.locator("[data-choose]").set_input_files(photo)
    expect(handler.locator(".chosen li")).to_have_count(1)
    handler.locator("#do-resolve button[type=submit]").click()
    expect(handler.locator(".picture-waiting")).to_be_visible()
    context = handler.context
    handler.unroute("**/api/v1/uploads")
    handler.close()
    again = context.new_page()
    again.goto(f"/console/cases/{record}")
    expect(again.locator(".pictures-side:last-child img")).to_be_visible(timeout=2 * WITHIN)


def test_what_is_typed_stays_when_the_case_moves_on_and_when_the_line_breaks(sit: SIT, field: Field) -> None:
    record = field.push(report())
    supervisor, head = sit("supervisor"), sit("head")
    supervisor.goto(f"/console/cases/{record}")
    supervisor.locator("#do-add > summary").click()
    supervisor.locator("#add-text").fill("住户说周末清")
    head.goto(f"/console/cases/{record}")
    head.locator("#do-accept button").click()
    expect(supervisor.locator("#stale")).to_be_visible(timeout=WITHIN)
    expect(supervisor.locator("#line")).to_contain_text("受理")
    expect(supervisor.locator("#add-text")).to_have_value("住户说周末清")
    supervisor.context.set_offline(True)
    supervisor.locator("#form-add button").click()
    expect(supervisor.locator("#toast")).to_contain_text("您写的还在")
    expect(supervisor.locator("#add-text")).to_have_value("住户说周末清")
    supervisor.context.set_offline(False)
    supervisor.locator("#form-add button").click()
    expect(supervisor.locator("#words")).to_contain_text("住户说周末清")
    expect(supervisor.locator("#notice")).to_contain_text("补充:办好了")
    expect(supervisor.locator("#add-text")).to_have_value("")


def test_a_session_that_ends_meanwhile_costs_no_words(sit: SIT, field: Field) -> None:
    record = field.push(report())
    page = sit()
    page.goto(f"/console/cases/{record}")
    page.locator("#do-add > summary").click()
    page.locator("#add-text").fill("写了一半")
    page.context.clear_cookies()
    page.locator("#form-add button").click()
    expect(page.locator("#toast")).to_contain_text("登录过期了")
    expect(page.locator("#add-text")).to_have_value("写了一半")


def test_a_form_that_needs_a_look_keeps_its_words_and_says_where(sit: SIT, field: Field) -> None:
    record = field.push(report())
    page = sit()
    page.goto(f"/console/cases/{record}")
    page.locator("#do-merge > summary").click()
    page.locator("#merge-number").fill("LW1-0000-999")
    page.locator("#form-merge button").click()
    expect(page.locator("#merge-number-error")).to_contain_text("没有找到")
    expect(page.locator("#merge-number")).to_have_value("LW1-0000-999")
    expect(page.locator("#notice")).to_contain_text("您写的都还在")


def test_a_picture_opens_large(sit: SIT, field: Field) -> None:
    picture = jpeg(1200, 900)
    record = field.push(report(picture))
    field.upload(picture)
    page = sit()
    page.goto(f"/console/cases/{record}")
    page.locator("[data-large-picture]").click()
    expect(page.locator("#picture-large img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#picture-large")).to_be_hidden()


def test_language_and_light_change_at_a_press(sit: SIT) -> None:
    page = sit()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.wait_for_load_state("load")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_clean_for_axe_and_touchable(sit: SIT, field: Field, theme: str) -> None:
    record = field.push(report(jpeg()))
    page = sit(theme=theme)
    for path in (
        "/console/cases",
        f"/console/cases/{record}",
        "/console/parked",
        "/console/decide",
        "/console/rescue",
        "/console/nothing",
    ):
        page.goto(path)
        for summary in page.locator("#case details > summary").all():
            summary.click()
        assert axe(page) == [], path
        assert too_small(page) == [], path
    admin = sit("admin", theme=theme)
    for path in ("/console/people", "/console/places"):
        admin.goto(path)
        assert axe(admin) == [], path


def test_the_sign_in_page_is_clean_for_axe(chromium: Browser, desk_server: Server) -> None:
    page = chromium.new_page(base_url=desk_server.base_url)
    page.goto("/console/sign-in")
    assert axe(page) == []
    assert too_small(page) == []
    page.close()


@pytest.mark.parametrize("width", [1440, 1024, 768, 390])
def test_nothing_hangs_over_the_edge(sit: SIT, field: Field, width: int) -> None:
    record = field.push(report(place_note="很长的位置" * 12, description={"text": "没有空格的长话" * 60}))
    page = sit(width=width)
    for path in ("/console/cases", f"/console/cases/{record}", "/console/parked", "/console/decide"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_back_leads_to_the_list_as_it_was_left(sit: SIT, field: Field) -> None:
    field.push(report())
    urgent = field.push(report(severity="urgent"))
    page = sit()
    page.locator("select[name=severity]").select_option("urgent")
    expect(page.locator(".row")).to_have_count(1)
    page.locator(f"#case-{urgent} .row-link").click()
    page.wait_for_url(f"**/cases/{urgent}")
    page.keyboard.press("u")
    page.wait_for_url("**/console/cases?*severity=urgent*")
    expect(page.locator(".row")).to_have_count(1)
