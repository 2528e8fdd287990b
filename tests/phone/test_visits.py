"""Looking in on people, on the phone and without a line: two taps a visit, what is said is for the carers, and who
withdraws a consent is forgotten everywhere (issue 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.phone.colleague import Colleague
from tests.phone.handset import PASSWORD, Handset
from tests.phone.street import Street
from tests.phone.test_screens import AXE, RUN_AXE, look, wear

WORDS = "今天精神好,想吃鱼"
SIGNED_IN = ("/", "/case", "/places", "/me", "/me/entries", "/me/storage", "/notebook", "/help", "/care", "/notices")


@pytest.fixture(scope="module")
def worker(street: Street) -> Iterator[Handset]:
    """One phone for the tests of this file, with a line at the beginning of each."""
    yield street.phone("worker")
    assert street.put_away() == []


@pytest.fixture
def phone(worker: Handset) -> Handset:
    worker.context.set_offline(False)
    worker.open()
    expect(worker.page.locator(".hero")).to_be_visible()
    return worker


def arrive(phone: Handset) -> None:
    """A line again: everything that was written here goes out."""
    phone.context.set_offline(False)
    phone.pocket()
    phone.nudge()
    phone.until(lambda: phone.stored("outbox") == [], "it was never sent")
    phone.rests()


def colleague(street: Street, login: str) -> Colleague:
    return Colleague(street.server.base_url, login)


def records(who: Colleague, type: str) -> list[dict[str, Any]]:
    return [each for book in who.sync()["books"] for each in book["records"] if each["type"] == type]


def looks_well(phone: Handset, path: str, shown: str, **display: str) -> None:
    """On the narrowest phone: nothing for axe, nothing small, nothing cut off."""
    phone.page.set_viewport_size({"width": 320, "height": 640})
    wear(phone, **display)
    phone.open(path)
    expect(phone.page.locator(shown).first).to_be_visible()
    phone.page.evaluate(AXE)
    found = {"axe": phone.page.evaluate(RUN_AXE), **look(phone.page)}
    phone.page.set_viewport_size({"width": 390, "height": 844})
    wear(phone, language="zh-CN")
    phone.open()
    assert found == {"axe": [], "targets": [], "letters": [], "wider": 0}, (path, display)


def test_rule_16_a_care_visit_is_two_taps_without_a_line_and_what_is_said_is_for_the_carers(
    phone: Handset, street: Street
) -> None:
    page = phone.page
    expect(page.locator(".visit-card").first).to_contain_text("3-2-501 奶奶")
    phone.context.set_offline(True)
    phone.forget_taps()
    page.click(".visit-card >> nth=0")
    page.click(".outcome-met")
    expect(page.locator(".toast")).to_contain_text("见到了,已存手机")
    assert phone.taps == 2
    page.click(".chip:has-text('陪诊')")
    page.fill("textarea", WORDS)
    page.click(".chip:has-text('明天')")
    page.click(".visit-keep")
    expect(page.locator(".hero")).to_be_visible()
    expect(page.locator(".visit-card", has_text="3-2-501 奶奶")).to_have_count(0)  # seen to for today
    arrive(phone)

    carer, captain = colleague(street, "volunteer"), colleague(street, "captain")
    agreed = next(each for each in records(carer, "care_agreement") if "3-2-501" in each["fields"]["alias"])
    assert WORDS in [note["text"] for note in agreed["fields"]["notes"].values()]
    assert agreed["fields"]["needs"] == {"escort": True}
    newest = max(records(carer, "visit"), key=lambda each: int(each["seq"]))
    assert newest["fields"]["status"]["status"] == "done"
    assert WORDS not in str(newest)
    assert WORDS not in str(captain.sync())


def test_a_visit_is_taken_back_within_ten_seconds(phone: Handset) -> None:
    page = phone.page
    page.click(".visit-card:has-text('302')")
    page.click(".outcome-not_home")
    expect(page.locator(".visit-done")).to_contain_text("没人在")
    page.click(".toast:has-text('没人在') button")
    expect(page.locator(".outcomes")).to_be_visible()
    assert phone.stored("outbox") == []


def test_rule_15_a_dispute_is_noted_in_five_taps_and_is_nobody_else_s_business(phone: Handset, street: Street) -> None:
    page = phone.page
    phone.context.set_offline(True)
    phone.forget_taps()
    page.click(".bar-item:has-text('我的地方')")
    page.wait_for_url("**/places")  # the home has rows, too
    page.click(".list .row >> nth=0")
    page.wait_for_url("**/places/*")
    page.click(".place-note")
    page.click(".chip:has-text('纠纷(不公开)')")
    page.click(".sheet-buttons .button-main:has-text('保存')")
    expect(page.locator(".hero")).to_be_visible()
    assert phone.taps == 5
    arrive(phone)
    record = str(phone.stored("journal")[-1]["record"])
    assert colleague(street, "supervisor").record(record)["fields"]["visibility"] == "restricted"
    assert record not in [each["id"] for each in records(colleague(street, "worker2"), "case")]


def test_a_house_remembers_what_is_to_be_known_of_it_and_what_is_open_in_it(phone: Handset, street: Street) -> None:
    page = phone.page
    phone.context.set_offline(True)
    page.click(".bar-item:has-text('我的地方')")
    page.click(".list .row:has-text('没办完') >> nth=0")
    expect(page.locator(".past-looked")).to_contain_text("巡查")
    expect(page.locator("main .case").first).to_be_visible()
    house = page.url.rsplit("/", 1)[-1]
    page.click(".past-write")
    page.fill("textarea", "水表间的钥匙在物业")
    page.click("form button[type=submit]")
    expect(page.locator(".past-remark")).to_have_text("水表间的钥匙在物业")
    arrive(phone)
    told = colleague(street, "worker2").record(house)["fields"]["memory"]
    assert [each["text"] for each in told.values()] == ["水表间的钥匙在物业"]


def test_who_said_no_is_left_in_peace_until_they_ask_themselves(phone: Handset, street: Street) -> None:
    page = phone.page
    said_no = next(each for each in records(colleague(street, "worker"), "visit") if _status(each) == "declined")
    phone.open(f"/visit/new?place={said_no['fields']['place_id']}")
    expect(page.locator(".outcomes")).to_be_visible()
    page.click(".chip:has-text('便民代办')")
    expect(page.locator(".visit-no")).to_contain_text("这一户说过不愿意")
    expect(page.locator(".outcomes")).to_have_count(0)
    page.click(".visit-no .button")
    page.fill(".visit-no input", "自己打电话来的")
    page.click(".outcome-met")
    expect(page.locator(".visit-done")).to_contain_text("见到了")
    arrive(phone)
    newest = max(records(colleague(street, "worker"), "visit"), key=lambda each: int(each["seq"]))
    assert newest["fields"]["own_request"]["how"] == "自己打电话来的"


def test_a_visit_is_planned_for_somebody_who_finds_it_on_their_day(phone: Handset, street: Street) -> None:
    page = phone.page
    doors = records(colleague(street, "worker"), "household")
    door = next(each for each in doors if each["fields"]["label"] == "5-1-101")
    phone.open(f"/visit/new?place={door['id']}")
    page.click(".plan summary")
    page.click(".plan .chip:has-text('王网格员02')")
    page.click(".plan-keep")
    expect(page.locator(".toast")).to_contain_text("安排好了")
    arrive(phone)
    other = colleague(street, "worker2")
    sent = max(records(other, "visit"), key=lambda each: int(each["seq"]))
    assert sent["fields"]["place_id"] == door["id"]
    assert (_status(sent), list(sent["fields"]["assignees"])) == ("planned", [other.account])
    phone.open()
    expect(page.locator(".visit-card").first).to_be_visible()
    expect(page.locator(f".visit-card[href*='{sent['id']}']")).to_have_count(0)  # it is another's to make


def _status(record: dict[str, Any]) -> str:
    return str(record["fields"]["status"]["status"])


def test_14_a_withdrawn_consent_refuses_a_late_word_clears_it_from_the_phone_and_says_why(
    phone: Handset, street: Street
) -> None:
    page = phone.page
    door = next(
        each for each in records(colleague(street, "worker"), "household") if each["fields"]["label"] == "4-1-101"
    )
    phone.open(f"/places/{door['id']}")
    page.click(".door-agree")
    page.fill("input[type=text]", "4-1-101 爷爷")
    page.click(".chip:has-text('褚志愿01')")
    page.click(".foot a:has-text('投诉建议')")  # what was begun is still there after a look elsewhere
    expect(page.locator("h1")).to_have_text("投诉建议")
    page.click(".back")
    expect(page.locator("input[type=text]")).to_have_value("4-1-101 爷爷")
    expect(page.locator(".chip:has-text('褚志愿01') input")).to_be_checked()
    page.click("main .button-main")
    expect(page.locator("h1")).to_have_text("4-1-101 爷爷")
    arrive(phone)

    phone.context.set_offline(True)
    page.click("main .button-main")  # 去看望
    page.click(".outcome-met")
    page.fill("textarea", "后来补的一句")
    page.click(".visit-keep")
    expect(page.locator(".hero")).to_be_visible()

    other = street.phone("volunteer")
    other.open("/care")
    other.page.click(".care-row:has-text('4-1-101')")
    other.page.click(".care-stop")
    other.page.click(".care-withdraw")
    expect(other.page.locator(".toast")).to_contain_text("撤回了")
    arrive(other)
    other.open("/care")
    expect(other.page.locator(".care-row").first).to_be_visible()
    expect(other.page.locator(".care-row:has-text('4-1-101')")).to_have_count(0)
    other.off()
    street.phones.remove(other)

    arrive(phone)
    expect(page.locator(".cleared")).to_contain_text("住户撤回了同意")
    expect(page.locator(".cleared")).to_contain_text("4号楼1单元101")
    kept = str([phone.stored(table) for table in ("records", "outbox", "journal", "refused", "meta")])
    assert "后来补的一句" not in kept
    assert "4-1-101 爷爷" not in kept
    page.click(".cleared button")
    expect(page.locator(".cleared")).to_have_count(0)
    with street.server.config.data.joinpath("gridwalk.db").open("rb") as file:
        assert "后来补的一句".encode() not in file.read()


def test_the_head_is_told_at_home_where_nobody_opened_twice(street: Street) -> None:
    head = street.phone("head")
    alert = head.page.locator(".visit-alert")
    expect(alert).to_contain_text("连续 2 次没人在")
    expect(alert).to_contain_text("3-2-302 爷爷")
    head.off()
    street.phones.remove(head)


def test_rule_19_feedback_is_reached_from_every_screen_and_goes_out_without_a_line(
    phone: Handset, street: Street
) -> None:
    page = phone.page
    for screen in SIGNED_IN:
        phone.open(screen)
        expect(page.locator(".foot a")).to_be_visible()
    phone.context.set_offline(True)
    page.click(".foot a")
    page.click(".chip:has-text('任务和安排')")
    page.fill("textarea", "一天要填三张表")
    page.click("form .button-main")
    expect(page.locator(".feedback-said").first).to_contain_text("等答复")
    arrive(phone)
    desk = colleague(street, "supervisor")
    said = next(each for each in records(desk, "feedback") if "一天要填三张表" in str(each["fields"]))
    assert said["fields"]["screen"] == "notices"
    step = {"from": "sent", "to": "answered", "cycle": 1}
    desk.write(said, {"status": step, "answer": {"a": {"text": "合成一张", "by": desk.account, "at": said["made_at"]}}})
    phone.nudge()
    expect(page.locator(".feedback-answer")).to_contain_text("合成一张")


def test_rule_19_who_is_not_signed_in_is_told_whom_to_ring_and_what_they_write_comes_along(street: Street) -> None:
    phone = street.new_phone(camera=False)
    phone.open()
    phone.page.click(".foot a")
    expect(phone.page.locator(".feedback-call").first).to_contain_text("12345")
    phone.page.fill("textarea", "登录页的字太小")
    phone.page.click("form .button-main")
    phone.page.fill("[name=login]", "worker2")
    phone.page.fill("[name=password]", PASSWORD)
    phone.page.click("form button[type=submit]")
    expect(phone.page.locator("textarea")).to_have_value("登录页的字太小")
    phone.page.click("form .button-main")
    expect(phone.page.locator(".feedback-said")).to_contain_text("登录页的字太小")
    phone.off()
    street.phones.remove(phone)


def test_rule_14_each_screen_is_for_every_eye_and_hand(phone: Handset, street: Street) -> None:
    agreed = next(
        each for each in records(colleague(street, "worker"), "care_agreement") if "302" in each["fields"]["alias"]
    )
    visited = next(each for each in records(colleague(street, "worker"), "visit") if each["by"] == agreed["by"])
    big = {"text": "largest", "theme": "dark"}
    looks_well(phone, f"/visit/new?agreement={agreed['id']}", ".outcomes", **big)
    looks_well(phone, f"/visit/{visited['id']}?saved=met", ".visit-keep", **big)
    looks_well(phone, f"/care/new?place={agreed['fields']['place_id']}", ".care-words", **big)
    looks_well(phone, f"/care/{agreed['id']}", ".care-stop", text="elder", language="en")
    looks_well(phone, f"/places/{agreed['fields']['place_id']}", ".door-acts", **big)
    looks_well(phone, "/feedback", "textarea", text="elder", language="en")
