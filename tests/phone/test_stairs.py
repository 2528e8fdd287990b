"""我的楼道: a building captain's day at the doors, without a line, with its taps counted (issue 5)."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, expect

from sync.ids import derived
from tests.phone.campaigning import (
    FOUR,
    answers_at,
    door_of,
    open_campaign,
    second_captain,
    step,
    task_at,
    unit_of,
)
from tests.phone.colleague import Colleague
from tests.phone.handset import Handset, photo
from tests.phone.ledger import arrived_once, bodies
from tests.phone.line import Answer
from tests.phone.street import Street
from tests.phone.test_screens import AXE, RUN_AXE, look, wear


def campaign(street: Street, title: str, *captains: int, survey: bool = False, photo: str = "") -> str:
    """Open at the stairways of these captains."""
    kind: dict[str, Any] = {"kind": "survey", "form": FOUR} if survey else {"kind": "notify"}
    units = [unit_of(number) for number in captains]
    return open_campaign(street.server.base_url, street.server.config, title, units, photo=photo, **kind)


def account(login: str) -> str:
    return derived("demo", "account", login)


def tile(phone: Handset, label: str) -> Locator:
    return phone.page.locator(f'.tile[data-door="{label}"]')


def choose(phone: Handset, title: str) -> None:
    """Which of several is worked on: the demo world has a survey of its own."""
    button = phone.page.locator(f".choose button:text-is('{title}')")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def counted(phone: Handset, taps: int, within: str) -> None:
    """That many taps since the home was open, and it is saved on this phone."""
    phone.until(lambda: within in phone.page.inner_text("body"), f"never said {within}")
    assert phone.taps == taps, within
    phone.forget_taps()


def answer(phone: Handset, *said: str, first: int = 1) -> None:
    for number, each in enumerate(said, first):
        expect(phone.page.locator(".survey-door")).to_contain_text(f"第{number}题")
        phone.page.click(f".answer:text-is('{each}')")


def arrive(phone: Handset) -> None:
    phone.pocket()
    phone.until(lambda: phone.stored("outbox") == [], "it was never sent")


def test_every_row_of_the_captains_table_takes_as_many_taps_as_it_says_without_a_line(quiet_street: Street) -> None:
    told = campaign(quiet_street, "停水通知", 3)
    asked = campaign(quiet_street, "车棚意愿", 3, survey=True)
    phone = quiet_street.phone("captain3")
    phone.context.set_offline(True)
    choose(phone, "停水通知")
    expect(phone.page.locator(".count")).to_contain_text("32户,还差32户")
    assert (phone.page.locator(".call").get_attribute("href") or "").startswith("tel:000-")  # 打电话: 1
    a_tick_is_one_and_comes_back_with_one(phone)
    nobody_home_is_two_and_a_wrong_tick_is_three(phone)
    a_paper_sheet_is_three_and_its_doors(phone)
    choose(phone, "车棚意愿")
    four_questions_are_six(phone)
    phone.forget_taps()
    phone.report()
    assert phone.taps == 3
    phone.context.set_offline(False)
    arrive(phone)
    what_the_server_holds(quiet_street, told, asked)


def a_tick_is_one_and_comes_back_with_one(phone: Handset) -> None:
    phone.forget_taps()
    tile(phone, "2-1-801").click()
    counted(phone, 1, "2-1-801 好了,已存手机")
    expect(phone.page.locator(".count")).to_contain_text("还差31户")
    phone.page.click(".toast:has-text('2-1-801') >> text=撤销")
    expect(tile(phone, "2-1-801")).to_contain_text("没去")
    counted(phone, 1, "还差32户")
    assert phone.stored("outbox") == []


def nobody_home_is_two_and_a_wrong_tick_is_three(phone: Handset) -> None:
    page = phone.page
    tile(phone, "2-1-802").click()
    page.click(".toast:has-text('2-1-802') >> text=没人在")
    counted(phone, 2, "2-1-802 没人在,已存手机")
    expect(tile(phone, "2-1-802")).to_have_attribute("aria-label", "802 · 没人在")
    tile(phone, "2-1-803").click()
    expect(tile(phone, "2-1-803")).to_contain_text("好了")
    phone.forget_taps()
    tile(phone, "2-1-803").click()
    page.click(".door-task >> nth=0 >> text=改一下")
    page.click(".reasons >> text=点错门了")
    counted(phone, 3, "2-1-803 改回没去,已存手机")
    phone.open()


def a_paper_sheet_is_three_and_its_doors(phone: Handset) -> None:
    count = phone.page.locator(".count")
    expect(count).to_contain_text("还差32户")
    for taken_back in (True, False):
        phone.forget_taps()
        phone.page.click("text=批量打勾")
        for door in ("101", "102", "103"):
            tile(phone, f"2-1-{door}").click()
        phone.page.click(".batch-bar .button-main")
        expect(count).to_contain_text("还差29户")
        assert phone.taps <= 3 + 3
        if taken_back:  # as a whole
            expect(phone.page.locator(".toast")).to_contain_text("3户好了,已存手机")
            phone.page.click(".toast:has-text('3户好了') >> text=撤销")
            expect(count).to_contain_text("还差32户")


def four_questions_are_six(phone: Handset) -> None:
    phone.forget_taps()
    tile(phone, "2-1-501").click()
    answer(phone, "是", "否", "是", "否")
    expect(phone.page.locator(".consent")).to_contain_text("自愿回答")  # 口头同意: +0
    phone.page.click(".finish")
    counted(phone, 6, "2-1-501 问完了,已存手机")
    expect(tile(phone, "2-1-501")).to_contain_text("好了")


def what_the_server_holds(street: Street, told: str, asked: str) -> None:
    record = street.ledger.record
    me = account("captain3")
    away = record(task_at(told, 3, "2-1-802"))
    assert (away["status"]["status"], [each["outcome"] for each in away["tries"].values()]) == (
        "not_home",
        ["not_home"],
    )
    back = record(task_at(told, 3, "2-1-803"))
    assert (back["status"], back["untick_reason"][0]["text"]) == ({"status": "todo", "cycle": 2}, "点错门了")
    sheet = [record(task_at(told, 3, f"2-1-10{door}")) for door in (1, 2, 3)]
    assert [each["status"]["status"] for each in sheet] == ["done"] * 3
    assert len({each["batch"] for each in sheet}) == 1
    door = record(task_at(asked, 3, "2-1-501"))
    assert (door["status"]["status"], door["done_by"]) == ("done", me)
    response = record(answers_at(asked, 3, "2-1-501"))
    assert response["answers"] == {"gas": "yes", "committee": "no", "company": "yes", "parking": "no"}
    assert (response["consent"]["kind"], list(response["entered_by"])) == ("spoken", [me])


def test_half_a_survey_outlives_kill_9_and_goes_on_where_it_stopped(quiet_street: Street) -> None:
    asked = campaign(quiet_street, "加装电梯意愿", 6, survey=True)
    phone = quiet_street.phone("captain6")
    phone.sleep()
    phone.context.set_offline(True)
    choose(phone, "加装电梯意愿")
    tile(phone, "3-2-501").click()
    answer(phone, "是", "否")
    expect(phone.page.locator(".survey-door")).to_contain_text("第3题")
    phone.kill()
    phone.on()
    phone.context.set_offline(True)
    phone.open()
    choose(phone, "加装电梯意愿")
    expect(tile(phone, "3-2-501")).to_contain_text("写一半")
    tile(phone, "3-2-501").click()
    expect(phone.page.locator(".survey-door")).to_contain_text("第3题")
    phone.page.click(".sheet-head button")  # one back, and forward again: what was answered is still pressed
    expect(phone.page.locator(".answer[aria-pressed=true]")).to_have_text("否")
    answer(phone, "否", "是", "是", first=2)
    phone.page.click(".finish")
    expect(phone.page.locator(".toast")).to_contain_text("问完了")
    phone.page.click(".toast:has-text('问完了') >> text=撤销")  # both of its changes come back, and the sheet with them
    expect(tile(phone, "3-2-501")).to_contain_text("写一半")
    assert phone.stored("outbox") == []
    tile(phone, "3-2-501").click()
    phone.page.click(".finish")
    expect(tile(phone, "3-2-501")).to_contain_text("好了")
    phone.context.set_offline(False)
    arrive(phone)
    answers = {"gas": "yes", "committee": "no", "company": "yes", "parking": "yes"}
    assert quiet_street.ledger.record(answers_at(asked, 6, "3-2-501"))["answers"] == answers
    assert arrived_once(quiet_street.ledger, answers_at(asked, 6, "3-2-501"), 0)["type"] == "survey_response"


def test_M7_two_captains_who_heard_two_things_are_both_kept_and_both_phones_say_so(quiet_street: Street) -> None:
    told = campaign(quiet_street, "断路告知", 4)
    asked = campaign(quiet_street, "停车意愿", 4, survey=True)
    second_captain(quiet_street.server.config, "captain5", 4)
    one, other = quiet_street.phone("captain4"), quiet_street.phone("captain5")
    expect(other.page.locator(".stairway")).to_have_count(2)  # her own stairway, and the neighbour's
    for phone in (one, other):
        phone.context.set_offline(True)
        choose(phone, "断路告知")
    # 9: done by one, 没人在 by the other. 10: done by one, 不愿意 by the other.
    tile(one, "2-2-101").click()
    tile(other, "2-2-101").click()
    other.page.click(".toast:has-text('2-2-101') >> text=没人在")
    tile(one, "2-2-102").click()
    tile(other, "2-2-102").click()
    other.page.click(".toast:has-text('2-2-102') >> text=不愿意")
    # 7: the same household, two answers to one question.
    for phone, gas in ((one, "是"), (other, "否")):
        choose(phone, "停车意愿")
        tile(phone, "2-2-501").click()
        answer(phone, gas, "是", "否", "是")
        phone.page.click(".finish")
        expect(tile(phone, "2-2-501")).to_contain_text("好了")
    # 8: one and the same captain sets an answer right.
    tile(one, "2-2-601").click()
    answer(one, "是", "是", "是", "是")
    one.page.click(".finish")
    expect(tile(one, "2-2-601")).to_contain_text("好了")
    tile(one, "2-2-601").click()
    one.page.click("text=改回答")
    answer(one, "否", "是", "是", "是")
    one.page.click(".finish")
    expect(one.page.locator(".toast")).to_contain_text("改好了")
    for phone in (one, other, one):
        phone.context.set_offline(False)
        arrive(phone)
        phone.nudge()
    for phone in (one, other):
        both_phones_say_so(phone)
    the_server_has_kept_both(quiet_street, told, asked)


def both_phones_say_so(phone: Handset) -> None:
    phone.open()
    phone.nudge()
    choose(phone, "断路告知")
    expect(tile(phone, "2-2-102")).to_contain_text("待定")
    expect(tile(phone, "2-2-101")).to_contain_text("好了")
    choose(phone, "停车意愿")
    expect(tile(phone, "2-2-501")).to_contain_text("待定")
    tile(phone, "2-2-501").click()
    differing = phone.page.locator(".differing")
    expect(differing).to_contain_text("家里通燃气吗?")
    expect(differing.locator("li")).to_have_count(2)
    expect(differing).to_contain_text("您 ·")
    expect(differing).to_contain_text("由社区负责人定")


def the_server_has_kept_both(street: Street, told: str, asked: str) -> None:
    url = street.server.base_url
    desk, captain = Colleague(url, "supervisor"), Colleague(url, "captain4")
    ninth = captain.record(task_at(told, 4, "2-2-101"))
    fields = ninth["fields"]
    assert (fields["status"]["status"], fields["done_by"]) == ("done", account("captain4"))
    assert list(fields["also_by"]) == [account("captain5")]
    tenth = captain.record(task_at(told, 4, "2-2-102"))["conflicts"]["status"]
    assert {each["value"]["status"] for each in tenth} == {"done", "declined"}
    seventh = desk.record(answers_at(asked, 4, "2-2-501"))["conflicts"]
    assert {each["value"] for each in seventh["answers"]["gas"]} == {"yes", "no"}
    assert list(seventh["answers"]) == ["gas"]
    eighth = desk.record(answers_at(asked, 4, "2-2-601"))
    assert (eighth["fields"]["answers"]["gas"], eighth.get("conflicts")) == ("no", None)


def test_X6_a_tick_that_was_not_taken_has_its_doors_name_and_leads_there(quiet_street: Street) -> None:
    told = campaign(quiet_street, "疫苗通知", 7)
    phone = quiet_street.phone("captain7")
    choose(phone, "疫苗通知")
    quiet_street.line.meddle = not_taken
    phone.context.set_offline(True)  # until it was looked at where it waits
    tile(phone, "4-1-101").click()
    expect(tile(phone, "4-1-101")).to_contain_text("好了")
    phone.open("/me/entries")
    expect(phone.page.locator(".entry").first).to_contain_text("4-1-101 · 已通知")
    phone.context.set_offline(False)
    phone.pocket()
    phone.pill("有1条要看")
    card = phone.page.locator(".refused")
    expect(card).to_contain_text("4-1-101 · 已通知")
    card.locator(".button-main").click()
    expect(phone.page.locator("h1")).to_contain_text("4号楼1单元101")
    expect(phone.page.locator(".door-task").first).to_contain_text("疫苗通知")
    assert bodies(phone, "refused")[0]["record"] == task_at(told, 7, "4-1-101")


def not_taken(_method: str, path: str, answer: Answer) -> Answer:
    """A server that takes no tick."""
    if path != "/api/v1/sync" or answer.status != 200:
        return answer
    reply = json.loads(answer.body)
    for receipt in reply["receipts"]:
        receipt |= {"outcome": "refused", "seq": None, "fields": {}, "reason": "not_allowed"}
    return Answer(200, answer.headers, json.dumps({**reply, "books": []}).encode())


def test_a_grid_worker_ticks_a_square_on_today_with_one_tap_and_sees_the_same_wall(quiet_street: Street) -> None:
    told = campaign(quiet_street, "消防通道告知", 8)
    head = Colleague(quiet_street.server.base_url, "head")
    for door in ("101", "102"):
        task = head.record(task_at(told, 8, f"4-2-{door}"))
        goes = {account("worker"): {"as": "grid_worker"}}
        assert head.write(task, {"assignees": goes})["outcome"] == "applied"
    phone = quiet_street.phone("worker")
    phone.context.set_offline(True)
    card = phone.page.locator(".task-card", has_text="消防通道告知")
    expect(card.locator(".square")).to_have_count(2)
    phone.forget_taps()
    card.locator(".square").first.click()
    counted(phone, 1, "4-2-101 好了,已存手机")
    expect(card.locator(".square")).to_have_count(1)
    phone.page.click(".toast:has-text('4-2-101') >> text=撤销")
    expect(card.locator(".square")).to_have_count(2)
    card.get_by_role("link", name="看全部").click()
    expect(phone.page.locator(".task-row")).to_have_count(2)
    phone.page.locator(".square").first.click()
    expect(phone.page.locator(".task-row")).to_have_count(1)
    phone.open(f"/places/{unit_of(8)}")
    expect(tile(phone, "4-2-101")).to_contain_text("好了")
    expect(tile(phone, "4-2-103")).not_to_contain_text("没去")  # somebody else's
    tile(phone, "4-2-102").click()
    expect(tile(phone, "4-2-102")).to_contain_text("好了")


def test_what_is_paused_is_shown_and_takes_no_tick_and_a_picture_may_come_after_it(quiet_street: Street) -> None:
    told = campaign(quiet_street, "燃气改造告知", 10, photo="燃气管口要留图")
    paused = campaign(quiet_street, "年货节通知", 10)
    step(Colleague(quiet_street.server.base_url, "supervisor"), paused, "open", "paused")
    phone = quiet_street.phone("captain10")
    phone.context.set_offline(True)
    button = phone.page.locator(".choose button", has_text="年货节通知")
    expect(button).to_contain_text("暂停")
    button.click()
    expect(phone.page.locator(".paused")).to_contain_text("先停一停")
    expect(phone.page.locator(".batch")).to_have_count(0)
    tile(phone, "5-2-101").click()  # no tick: the door's own page
    card = phone.page.locator(".door-task", has_text="年货节通知")
    expect(card.locator(".paused")).to_be_visible()
    expect(card.locator("button")).to_have_count(0)
    assert phone.stored("outbox") == []
    phone.open(f"/tasks/{paused}")
    expect(phone.page.locator(".paused")).to_be_visible()
    expect(phone.page.locator(".square").first).to_contain_text("暂停")
    phone.open()
    choose(phone, "燃气改造告知")
    phone.forget_taps()
    tile(phone, "5-2-101").click()  # 好了 is one tap, with or without a picture
    counted(phone, 1, "5-2-101 好了,已存手机")
    expect(tile(phone, "5-2-101")).to_contain_text("缺照片")
    tile(phone, "5-2-101").click()
    card = phone.page.locator(".door-task", has_text="燃气改造告知")
    expect(card.locator(".task-photo")).to_contain_text("燃气管口要留图")
    card.locator("input[type=file]").set_input_files(photo("the pipe"))
    expect(card.locator("button:has-text('存照片')")).to_be_visible()
    phone.page.reload()  # whoever is called away comes back to the picture that was taken
    card.locator("button:has-text('存照片')").click()
    expect(phone.page.locator(".toast")).to_contain_text("5-2-101 照片已存手机")
    expect(card.locator(".door-state")).to_have_text("好了")
    phone.context.set_offline(False)
    arrive(phone)
    record = quiet_street.ledger.record(task_at(told, 10, "5-2-101"))
    ((sha256, kept),) = record["photos"].items()
    assert (record["status"]["status"], kept["type"]) == ("done", "image/jpeg")
    where = f"{quiet_street.server.base_url}/api/v1/photos/{sha256}?size=full"
    phone.until(lambda: phone.context.request.get(where).status == 200, "the picture never arrived")


LOOKS: dict[str, Any] = {
    "390, by day": ({"width": 390, "height": 844}, {}),
    "320, largest letters, dark": ({"width": 320, "height": 640}, {"text": "largest", "theme": "dark"}),
    "320, large letters, English": ({"width": 320, "height": 640}, {"text": "elder", "language": "en"}),
}


def test_the_stairway_its_questions_and_a_door_are_for_every_eye_and_hand(quiet_street: Street) -> None:
    told = campaign(quiet_street, "清运通知", 9, photo="堆放点要留图")
    asked = campaign(quiet_street, "车棚意愿", 9, survey=True)
    paused = campaign(quiet_street, "年货节通知", 9)
    step(Colleague(quiet_street.server.base_url, "supervisor"), paused, "open", "paused")
    phone = quiet_street.phone("captain9")
    choose(phone, "清运通知")
    for door, instead in (("801", ""), ("802", "没人在"), ("803", "不愿意")):
        tile(phone, f"5-1-{door}").click()
        if instead:
            phone.page.click(f".toast:has-text('5-1-{door}') >> text={instead}")
        expect(tile(phone, f"5-1-{door}")).not_to_contain_text("没去")
    wrong: dict[str, Any] = {}
    question = f"/survey/{task_at(asked, 9, '5-1-501')}"
    shown = {"/": ".tile-done", question: ".answer", f"{question}?q=end": ".sheet-foot",
             f"/places/{door_of(9, '5-1-801')}": ".task-photo .picture", f"/tasks/{told}": ".square",
             f"/tasks/{paused}": ".paused", f"/survey/{task_at(paused, 9, '5-1-501')}": ".paused"}  # fmt: skip
    for name, (size, display) in LOOKS.items():
        phone.page.set_viewport_size(size)
        wear(phone, **display)
        for path, sign in shown.items():
            phone.open(path)
            if path == "/":
                choose(phone, "清运通知")
            if ".task-photo" in sign and name == next(iter(LOOKS)):
                # Taken, and not saved yet: everything that can be pressed is there, in each look that follows, too.
                phone.page.set_input_files(".task-photo input[type=file]", photo("the heap"))
            expect(phone.page.locator(sign).first).to_be_visible()
            phone.page.evaluate(AXE)
            found = {"axe": phone.page.evaluate(RUN_AXE), **look(phone.page)}
            if found != {"axe": [], "targets": [], "letters": [], "wider": 0}:
                wrong[f"{name} {path}"] = found
    assert wrong == {}
