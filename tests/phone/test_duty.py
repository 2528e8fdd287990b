"""The guard's whole duty with no line: every row of the table of taps, and a check-in that says nothing of where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from domain.days import MINUTE
from domain.records.codes import place_code
from domain.records.post_plan import plan_id
from sync.clock import SystemClock, from_text, to_text
from tests.packing import unpacked
from tests.phone.colleague import Colleague
from tests.phone.handset import Handset
from tests.phone.roster import POST, Planner, account
from tests.phone.street import Street
from tests.phone.test_screens import AXE, LOOKS, RUN_AXE, look, wear

AT_THE_GATE = {"latitude": 30.0003, "longitude": 125.0004, "accuracy": 12}
FAR_AWAY = {"latitude": 30.2, "longitude": 125.2, "accuracy": 12}


class Desk:
    """The guard's phone, used by every test of this file, and the planner of the post."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.phone: Handset = street.phone("guard")
        self.planner = Planner(street.server.base_url)
        self.sent: list[str] = []
        self.phone.context.on("request", self._heard)

    def _heard(self, request: Request) -> None:
        body = request.post_data_buffer
        if body:
            self.sent.append(unpacked(request.headers, body).decode(errors="replace"))

    def on(self, *crew: str, start: int = 8, offline: bool = True, **more: Any) -> str:
        """This shift is before the guard, and nothing else is; the phone has no line any more."""
        phone = self.phone
        phone.context.set_offline(False)
        phone.open()
        phone.pocket()  # what the last test has left goes out before its shift is taken away
        phone.until(lambda: phone.stored("outbox") == [], "what the last test wrote was never sent")
        shift = self.planner.only(*(crew or ("guard",)), start=start, **more)
        phone.page.reload()  # what the last test said at the foot of the screen is read
        phone.until(lambda: shift in {row["id"] for row in phone.stored("records")}, "the shift never came")
        expect(phone.page.locator(self.card(shift))).to_be_visible()
        phone.context.set_offline(offline)
        self.sent.clear()
        phone.forget_taps()
        return shift

    def back(self) -> None:
        """What was written is on the phone; then the line is back, and everything is sent."""
        self.phone.until(lambda: self.phone.stored("outbox") != [], "nothing was written")
        self.phone.context.set_offline(False)
        self.phone.pocket()
        self.phone.until(lambda: self.phone.stored("outbox") == [], "it was never sent")

    def card(self, shift: str) -> str:
        return f".duty-large[data-shift='{shift}']"


@pytest.fixture(scope="module")
def duty(street: Street) -> Iterator[Desk]:
    made = Desk(street)
    yield made
    assert street.put_away() == []


def test_check_in_is_two_taps_and_check_out_one_with_no_line(duty: Desk) -> None:
    shift, page = duty.on("guard", "guard2"), duty.phone.page
    card = page.locator(duty.card(shift))
    expect(card).to_contain_text("吹哨口小学东门")
    card.locator("button:has-text('到岗')").click()
    expect(card.locator(".duty-sure")).to_contain_text("吹哨口小学东门")
    card.locator("text=确认到岗").click()
    assert duty.phone.taps == 2
    expect(card).to_contain_text("在岗")
    duty.phone.pill("没传")
    duty.phone.forget_taps()
    card.locator("button:has-text('下岗')").click()
    assert duty.phone.taps == 1
    expect(page.locator(".toast", has_text="下岗了")).to_contain_text("撤销")
    duty.back()
    fields = duty.planner.fields(shift)
    me = account("guard")
    assert fields["check_in_how"] == {me: {"method": "button", "near": "unknown"}}
    assert abs(from_text(fields["check_in_at"][me]) - SystemClock().now()) < 2 * MINUTE
    assert from_text(fields["check_out_at"][me]) >= from_text(fields["check_in_at"][me])
    assert me in fields["seen_at"]


def test_a_check_out_is_taken_back_within_ten_seconds(duty: Desk) -> None:
    shift, page = duty.on(), duty.phone.page
    card = page.locator(duty.card(shift))
    card.locator("button:has-text('到岗')").click()
    card.locator("text=确认到岗").click()
    card.locator("button:has-text('下岗')").click()
    page.click(".toast:has-text('下岗了') button")  # not the toast before it, which takes back something else
    expect(card.locator("button:has-text('下岗')")).to_be_visible()


@pytest.mark.parametrize(
    ("place", "near", "words"), [(AT_THE_GATE, "yes", "在岗位附近"), (FAR_AWAY, "no", "离岗位有点远")]
)
def test_rule_5_near_or_not_is_worked_out_here_and_the_place_never_leaves_the_phone(
    duty: Desk, place: dict[str, float], near: str, words: str
) -> None:
    shift, phone = duty.on(), duty.phone
    phone.context.set_geolocation(place)  # type: ignore[arg-type]
    card = phone.page.locator(duty.card(shift))
    card.locator("button:has-text('到岗')").click()
    card.locator(".duty-near input").check()
    expect(card.locator(".duty-near")).to_contain_text(words)
    card.locator("text=确认到岗").click()
    expect(card).to_contain_text("在岗")
    kept = json.dumps([phone.stored("outbox"), phone.stored("meta"), phone.page.evaluate("({ ...localStorage })")])
    phone.page.evaluate("localStorage.removeItem('gridwalk.near')")
    duty.back()
    assert duty.planner.fields(shift)["check_in_how"][account("guard")]["near"] == near
    sent = [body for body in duty.sent if '"check_in_at"' in body]
    assert sent, "the check-in was never sent"
    for words_of in (*sent, kept):
        for never in ('"lat"', '"lon"', "latitude", "longitude", "coords", "30.0003", "125.0004", "30.2", "125.2"):
            assert never not in words_of


def test_without_consent_nobody_is_asked_where_they_are(duty: Desk) -> None:
    shift, page = duty.on(), duty.phone.page
    page.evaluate("void (navigator.geolocation.getCurrentPosition = () => { window.askedWhere = true; })")
    card = page.locator(duty.card(shift))
    card.locator("button:has-text('到岗')").click()
    card.locator("text=确认到岗").click()
    expect(card).to_contain_text("在岗")
    assert page.evaluate("window.askedWhere") is None


def test_a_log_line_is_three_taps_and_a_broken_thing_is_reported_with_it(duty: Desk) -> None:
    shift, phone = duty.on(), duty.phone
    phone.page.click(f"{duty.card(shift)} >> text=记一笔")
    phone.page.click("button:has-text('设施坏')")
    phone.page.fill("textarea", "减速带松了")
    phone.page.click("button:has-text('保存')")
    assert phone.taps == 3
    expect(phone.page.locator(duty.card(shift))).to_be_visible()
    duty.back()
    (line,) = duty.planner.fields(shift)["log"].values()
    assert (line["kind"], line["text"], line["by"]) == ("facility", "减速带松了", account("guard"))
    case = duty.planner.door.record(line["case"])["fields"]
    assert (case["category"], case["source"], case["place_guess"]) == ("facility", "school_guard", POST)


def test_a_word_for_the_next_is_two_taps_and_stands_on_the_next_card(duty: Desk) -> None:
    shift, phone = duty.on(), duty.phone
    phone.page.click(f"{duty.card(shift)} >> text=交接")
    phone.page.fill("textarea", "东门的反光锥少一个")
    phone.page.click("button:has-text('保存')")
    assert phone.taps == 2
    duty.back()
    assert [each["text"] for each in duty.planner.fields(shift)["handover"]] == ["东门的反光锥少一个"]
    later = duty.planner.only("guard", start=30, kept=(shift,))
    phone.nudge()
    phone.open(f"/duty/{later}")
    expect(phone.page.locator(".duty-left")).to_contain_text("东门的反光锥少一个")


def test_a_swap_is_three_taps_then_the_colleague_and_the_planner(duty: Desk) -> None:
    shift, phone = duty.on("guard", start=200), duty.phone
    phone.page.click(f"{duty.card(shift)} >> text=换班")
    phone.page.click(".list button >> nth=0")
    phone.page.click("button:has-text('发出')")
    assert phone.taps == 3
    expect(phone.page.locator(duty.card(shift))).to_contain_text("回话")
    duty.back()
    ((key, asked),) = duty.planner.fields(shift)["swaps"].items()
    taker = "guard2" if asked["to"] == account("guard2") else "guard3"
    colleague, yes = (
        Colleague(duty.street.server.base_url, taker),
        {key: {"ok": True, "at": to_text(SystemClock().now())}},
    )
    assert colleague.write(colleague.record(shift), {"swap_agreed": yes})["outcome"] == "applied"
    crew = {account("guard"): None, account(taker): {"as": "swap"}}
    assert duty.planner.write(shift, {"swap_approved": yes, "assignees": crew})["outcome"] == "applied"
    phone.nudge()
    phone.until(lambda: not phone.page.locator(duty.card(shift)).count(), "the shift is still before who gave it away")


def test_a_colleague_s_wish_to_swap_is_answered_with_one_tap(duty: Desk) -> None:
    other = wished_away(duty)
    duty.on(start=20, kept=(other,))
    card = duty.phone.page.locator(".duty-ask")
    expect(card).to_contain_text("想和您换班")
    card.locator("text=可以换").click()
    assert duty.phone.taps == 1
    expect(card).to_have_count(0)
    duty.back()
    (agreed,) = duty.planner.fields(other)["swap_agreed"].values()
    assert agreed["ok"] is True


def wished_away(duty: Desk) -> str:
    """A colleague's shift, with her wish that the guard takes it; gives its id."""
    shift = duty.planner.only("guard2", start=300)
    colleague = Colleague(duty.street.server.base_url, "guard2")
    me, her = account("guard"), account("guard2")
    asked = {f"{her}~{me}": {"from": her, "to": me, "at": to_text(SystemClock().now())}}
    assert colleague.write(colleague.record(shift), {"swaps": asked})["outcome"] == "applied"
    return shift


def test_help_is_two_taps_away(duty: Desk) -> None:
    shift, page = duty.on(), duty.phone.page
    page.evaluate(
        "addEventListener('click', (event) => { if (event.target.closest('a[href^=tel]')) event.preventDefault(); })"
    )
    page.click(f"{duty.card(shift)} >> text=紧急")
    expect(page.locator(".duty-call")).to_have_count(3)
    assert page.locator(".duty-call").evaluate_all("all => all.map((each) => each.getAttribute('href'))") == [
        "tel:110", "tel:120", "tel:000-0000-0110",
    ]  # fmt: skip
    page.click(".duty-call >> nth=0")
    assert duty.phone.taps == 2


def test_a_forgotten_check_in_is_four_taps_and_the_planner_confirms_it(duty: Desk) -> None:
    coming, phone = duty.on(start=500, offline=False), duty.phone
    shift = duty.planner.only("guard", start=-200, length=60, kept=(coming,))
    phone.nudge()
    phone.page.click(".duty-missed")
    phone.page.click(".duty-missed-card a:has-text('补一下')")
    phone.context.set_offline(True)
    phone.page.click(".duty-chips button:has-text('按时')")
    phone.page.click("button:has-text('保存')")
    assert phone.taps == 4
    duty.back()
    fields, me = duty.planner.fields(shift), account("guard")
    assert fields["check_in_at"][me] == fields["start"]
    assert fields["check_in_how"][me]["method"] == "later"
    assert duty.planner.write(shift, {"confirmed": {me: {"at": fields["end"]}}})["outcome"] == "applied"


def test_a_broken_sign_is_reported_with_three_taps(duty: Desk) -> None:
    duty.on()
    phone = duty.phone
    phone.page.click(".bar >> text=拍照上报")
    phone.page.click(".shutter:enabled")
    phone.page.click(".sheet-buttons .button-main")
    assert phone.taps == 3
    expect(phone.page.locator(".duty-home")).to_be_visible()
    phone.rung("在手机上")
    duty.back()


def test_one_scan_of_the_sign_says_it_all(duty: Desk) -> None:
    shift, phone = duty.on(), duty.phone
    phone.page.click(f"{duty.card(shift)} >> text=扫码到岗")
    assert phone.taps == 1
    phone.page.fill("form input[type=text]", place_code(POST))  # the camera reads it by itself; here it is typed
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator(duty.card(shift))).to_contain_text("在岗")
    duty.back()
    assert duty.planner.fields(shift)["check_in_how"][account("guard")]["method"] == "scan"


def test_the_phone_s_own_camera_on_the_sign_needs_no_tap_and_another_sign_does_nothing(duty: Desk) -> None:
    shift, phone = duty.on(), duty.phone
    phone.open("/duty/here/ZZZZZZ")
    expect(phone.page.locator(".toast")).to_contain_text("不是")
    assert "check_in_at" not in json.dumps(phone.stored("outbox"))
    phone.open(f"/at/{place_code(POST)}")
    expect(phone.page.locator(duty.card(shift))).to_contain_text("在岗")
    assert phone.taps == 0


def test_conflict_12_who_was_taken_off_meanwhile_is_shown_as_relief(duty: Desk) -> None:
    shift, phone = duty.on("guard", "guard2"), duty.phone
    crew = {account("guard"): None, account("guard2"): {"as": "planned"}}
    assert duty.planner.write(shift, {"assignees": crew})["outcome"] == "applied"
    card = phone.page.locator(duty.card(shift))
    card.locator("button:has-text('到岗')").click()
    card.locator("text=确认到岗").click()
    expect(card).to_contain_text("在岗")
    duty.back()
    expect(card).to_contain_text("接班")
    fields = duty.planner.fields(shift)
    assert set(fields["check_in_at"]) == {account("guard")}
    assert set(fields["assignees"]) == {account("guard2")}


def test_conflict_13_a_phone_two_hours_slow_checks_in_at_the_right_time_and_is_marked(duty: Desk) -> None:
    shift = duty.on(offline=False)
    slow = duty.street.new_phone(
        "const real = Date.now; const away = -2 * 3600 * 1000; const Plain = Date;"
        "globalThis.Date = class extends Plain { constructor(...given) { given.length ? super(...given) : super(real() + away); }"
        " static now() { return real() + away; } };"
    ).sign_in("guard")
    card = slow.page.locator(duty.card(shift))
    expect(card).to_be_visible()
    slow.until(lambda: slow.page.locator(".banner-again").count() > 0, "nobody warned of the clock")
    card.locator("button:has-text('到岗')").click()
    card.locator("text=确认到岗").click()
    expect(card).to_contain_text("手机时间不准")
    slow.pocket()
    slow.until(lambda: slow.stored("outbox") == [], "it was never sent")
    fields, me = duty.planner.fields(shift), account("guard")
    assert abs(from_text(fields["check_in_at"][me]) - SystemClock().now()) < 2 * MINUTE
    assert abs(fields["check_in_how"][me]["clock_off"] + 120) <= 1
    slow.off()  # it would write 知悉 beside the other phone in the tests to come
    duty.street.phones.remove(slow)
    assert slow.faults == []


def test_the_card_says_with_whom_and_how_to_ring_them_and_the_roster_is_there_without_a_line(duty: Desk) -> None:
    shift, phone = duty.on("guard", "guard2", remark="今天有雨,带雨衣"), duty.phone
    phone.page.reload()
    card = phone.page.locator(duty.card(shift))
    expect(card.locator(".duty-people")).to_contain_text("护学02")
    assert str(card.locator(".duty-people a").get_attribute("href")).startswith("tel:000-0000-")
    expect(card).to_contain_text("今天有雨")
    phone.page.click("main >> text=我的排班")
    expect(phone.page.locator(".duty-roster .row").first).to_contain_text("吹哨口小学东门")
    phone.page.click(".segment-button:has-text('这个岗位')")
    phone.page.locator(".duty-roster .row").first.click()
    expect(phone.page.locator(".duty-page .duty")).to_be_visible()


def test_a_relief_nobody_planned_comes_on_duty(duty: Desk) -> None:
    coming, phone = duty.on(start=400, offline=False), duty.phone
    running = duty.planner.only("guard2", start=-5, kept=(coming,))
    phone.nudge()
    phone.page.click(".duty-open")
    phone.context.set_offline(True)
    phone.page.click(".duty-page button:has-text('我来接班')")
    phone.page.click(".duty-page >> text=确认到岗")
    assert phone.taps == 3
    duty.back()
    assert set(duty.planner.fields(running)["check_in_at"]) == {account("guard")}


def test_the_link_for_the_calendar_is_made_shown_once_and_revoked(duty: Desk) -> None:
    duty.on(offline=False)
    phone = duty.phone
    phone.page.click("main >> text=手机闹钟提醒")
    phone.page.click("button:has-text('生成链接'), button:has-text('换一个新链接')")
    link = phone.page.locator(".feed-link").inner_text()
    path = link.partition("/ics/")[2]
    assert phone.context.request.get(f"{duty.street.server.base_url}/ics/{path}").text().startswith("BEGIN:VCALENDAR")
    phone.page.click("main button:has-text('这个链接不用了')")
    expect(phone.page.locator("button:has-text('生成链接')")).to_be_visible()
    assert phone.context.request.get(f"{duty.street.server.base_url}/ics/{path}").status == 404


def test_without_a_line_the_link_s_screen_says_so(duty: Desk) -> None:
    duty.on()
    duty.phone.page.click("main >> text=手机闹钟提醒")
    expect(duty.phone.page.locator(".duty-feed .card")).to_contain_text("有网")


@pytest.mark.parametrize("name", ["390, by day", "320, largest letters, dark", "360, large letters, English"])
def test_the_screens_of_duty_are_for_every_eye_and_hand(duty: Desk, name: str) -> None:
    asked = wished_away(duty)
    shift, phone = duty.on("guard", "guard2", remark="带雨衣", offline=False, kept=(asked,)), duty.phone
    closed_on(duty, shift, "运动会")
    size, display = LOOKS[name]
    phone.page.set_viewport_size(size)  # type: ignore[arg-type]
    wrong: dict[str, Any] = {}
    acts = [f"/duty/{shift}/{act}" for act in ("log", "handover", "swap", "absence", "later", "urgent")]
    try:
        wear(phone, **display)
        for screen in ("/", f"/duty/{shift}", "/duty/roster", "/duty/calendar", *acts):
            phone.open(screen)
            expect(phone.page.locator("h1").first).to_be_visible()
            if screen == "/":
                phone.page.locator(f"{duty.card(shift)} .duty-go").click()
                expect(phone.page.locator(".duty-sure")).to_be_visible()
                expect(phone.page.locator(".duty-ask")).to_be_visible()
            if screen == "/duty/roster":
                expect(phone.page.locator(".duty-closed .row")).to_contain_text("运动会")
            phone.page.evaluate(AXE)
            found = {"axe": phone.page.evaluate(RUN_AXE), **look(phone.page)}
            found["targets"] = [
                each for each in found["targets"] if not each.startswith("INPUT.")
            ]  # its label is the target
            if found != {"axe": [], "targets": [], "letters": [], "wider": 0}:
                wrong[screen] = found
    finally:
        phone.page.set_viewport_size({"width": 390, "height": 844})
        wear(phone)
        closed_on(duty, shift, None)
    assert wrong == {}


def closed_on(duty: Desk, shift: str, why: str | None) -> None:
    """The day of this shift is closed at its post for this reason, and the phone knows; None: it is a day like any other."""
    date = duty.planner.fields(shift)["date"]
    assert duty.planner.write(plan_id(POST), {"closed": {date: why}})["outcome"] == "applied"
    if why:
        duty.phone.nudge()
        expect(duty.phone.page.locator(duty.card(shift))).to_contain_text(why)
