"""What two people wrote apart, what waits for somebody, what was not taken, and what has arrived: on the phone (issue 3)."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.records import TYPES
from sync.changes import canonical
from sync.clock import SystemClock
from sync.database import Database, connect
from sync.engine import Engine
from tests.phone.colleague import IDS, Colleague
from tests.phone.handset import Handset, MakeHandset
from tests.phone.line import Answer, Line
from tests.phone.test_screens import AXE, RUN_AXE, look, wear
from tests.server import Server

LOOKS = (
    ({"width": 320, "height": 640}, {"language": "zh-CN", "text": "largest", "theme": "dark"}),
    ({"width": 320, "height": 640}, {"language": "en", "text": "elder"}),
)


@pytest.fixture
def phone(handset: MakeHandset) -> Handset:
    made = handset().sign_in("worker")
    made.settle()
    made.pill("已同步")
    return made


@pytest.fixture
def engine(server: Server) -> Iterator[Engine]:
    """The books of the running server, from beside it: for what only the command line and the desk do."""
    sql = connect(server.config.database_url)
    yield Engine(Database(sql), TYPES, SystemClock())
    sql.dispose()


def send(phone: Handset) -> None:
    """Put the phone away: what could still be taken back goes out at once."""
    phone.page.evaluate(
        """() => {
          Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
          delete document.visibilityState;
        }"""
    )


def arrive(phone: Handset) -> None:
    send(phone)
    phone.until(lambda: phone.stored("outbox") == [], "it was never sent")


def report(phone: Handset, *, place: int | None = None, note: str = "三楼拐角堆了旧沙发", where: str = "") -> None:
    """A report with a place chosen from the list, words, and what may be too long a description of where."""
    page = phone.page
    page.click(".hero")
    page.click(".shutter:enabled")
    page.fill("textarea", note)
    if place is not None:
        page.click(".place-row")
        page.click(f".list .row:has(.icon:last-child) >> nth={place}")
        page.click(".row-strong >> nth=0")
    if where:
        page.evaluate("document.querySelector('.field input[type=text]').removeAttribute('maxlength')")
        page.fill(".field input[type=text]", where)
    page.click(".sheet-buttons .button-main")
    expect(page.locator(".hero")).to_be_visible()


def add(phone: Handset, record: str, words: str) -> None:
    phone.open(f"/case/{record}")
    phone.page.click(".more .button >> nth=0")
    phone.page.fill("textarea", words)
    phone.page.click(".sheet-buttons .button-main")
    expect(phone.page.locator(".parcel")).to_be_visible()


def own_record(phone: Handset) -> str:
    return str(phone.stored("journal")[-1]["record"])


def looks_well(phone: Handset, path: str, shown: str) -> None:
    """In the largest letters by night, and large in English, on the narrowest phone: nothing for axe, nothing small, nothing cut off."""
    for size, display in LOOKS:
        phone.page.set_viewport_size(size)  # type: ignore[arg-type]
        wear(phone, **display)
        phone.open(path)
        expect(phone.page.locator(shown).first).to_be_visible()
        phone.page.evaluate(AXE)
        found = {"axe": phone.page.evaluate(RUN_AXE), **look(phone.page)}
        assert found == {"axe": [], "targets": [], "letters": [], "wider": 0}, (path, display)
    phone.page.set_viewport_size({"width": 390, "height": 844})
    wear(phone, language="zh-CN")
    phone.open(path)


def test_M7_what_is_undecided_is_shown_whoever_may_decides_and_the_loser_can_have_it_back(
    phone: Handset, handset: MakeHandset, server: Server
) -> None:
    report(phone, place=0)
    arrive(phone)
    record = own_record(phone)
    colleague = Colleague(server.base_url, "worker2")
    case = colleague.record(record)
    mine, theirs = case["fields"]["place_id"], another_place(colleague, case)
    assert colleague.write(case, {"place_id": theirs}, seen=0)["outcome"] == "conflict"

    phone.nudge()
    expect(phone.page.locator(".case >> nth=0").locator(".status-undecided")).to_have_text("待定")
    phone.open(f"/case/{record}")
    undecided = phone.page.locator(".undecided")
    expect(undecided.locator("li")).to_have_count(2)
    expect(undecided).to_contain_text("由网格长定")
    expect(undecided).to_contain_text("您 ·")
    expect(undecided).to_contain_text("王网格员02(示例) ·")
    expect(undecided.locator("button")).to_have_count(0)
    looks_well(phone, f"/case/{record}", ".undecided")

    head_decides(handset("head").sign_in("head"), record)
    assert colleague.record(record)["fields"]["place_id"] == theirs

    phone.open()
    phone.nudge()
    told = phone.page.locator(".told")
    expect(told).to_contain_text("您写的和别人的不一样")
    expect(phone.page.locator(".case >> nth=0").locator(".status-undecided")).to_have_count(0)
    phone.page.reload()
    expect(told).to_be_visible()
    looks_well(phone, "/", ".told")
    told.get_by_role("button", name="恢复我的").click()
    expect(told).to_have_count(0)
    arrive(phone)
    assert colleague.record(record)["fields"]["place_id"] == mine
    phone.page.reload()
    expect(phone.page.locator(".hero")).to_be_visible()
    expect(told).to_have_count(0)


def another_place(colleague: Colleague, case: dict[str, Any]) -> str:
    records = [each for book in colleague.sync()["books"] for each in book["records"] if book["book"] == case["book"]]
    return next(
        str(each["id"]) for each in records if each["type"] == "unit" and each["id"] != case["fields"]["place_id"]
    )


def head_decides(head: Handset, record: str) -> None:
    """等您定 on 今天, then 用这个 for the second of the two."""
    head.pill("已同步")
    head.page.click(f".part:has(h2:has-text('等您定')) a[href$='{record}']")
    head.page.click(".undecided li >> nth=1 >> button")
    expect(head.page.locator(".undecided .chosen")).to_be_visible()
    expect(head.page.locator(".undecided")).to_contain_text("您定了")
    arrive(head)
    expect(head.page.locator(".undecided")).to_have_count(0)


def test_M8_what_another_wrote_later_is_told_once_and_not_again(phone: Handset, server: Server) -> None:
    page = phone.page
    page.click(".hero")
    page.click(".shutter:enabled")
    page.click("label.chip >> nth=0")
    page.click(".sheet-buttons .button-main")
    expect(page.locator(".hero")).to_be_visible()
    arrive(phone)
    colleague = Colleague(server.base_url, "worker2")
    case = colleague.record(own_record(phone))
    colleague.write(case, {"category": "road", "class": "thing"}, seen=0)
    phone.nudge()
    told = page.locator(".told")
    expect(told).to_contain_text("垃圾环卫")
    expect(told).to_contain_text("路面井盖")
    told.get_by_role("button", name="知道了").click()
    expect(told).to_have_count(0)
    colleague.write(colleague.record(case["id"]), {"place_note": "一楼"})
    phone.nudge()
    phone.open(f"/case/{case['id']}")
    expect(page.locator(".case-head")).to_contain_text("一楼")
    expect(page.locator(".told-known")).to_contain_text("垃圾环卫")  # still there for whoever looks
    phone.open()
    page.reload()
    expect(page.locator(".hero")).to_be_visible()
    expect(told).to_have_count(0)


def test_X5_a_refused_report_and_what_followed_it_leave_every_count_and_go_out_mended_as_one(phone: Handset) -> None:
    page = phone.page
    phone.rests()
    page.reload()  # the list is drawn of what lies here, all at once
    expect(page.locator(".case").first).to_be_visible()
    before = page.locator(".case").count()
    phone.context.set_offline(True)
    report(phone, where="三楼" * 150)
    page.click(".case >> nth=0")
    page.wait_for_url("**/case/*")
    record = page.url.rsplit("/", 1)[-1]
    add(phone, record, "今天又多了一个柜子")
    phone.context.set_offline(False)
    arrive(phone)
    phone.pill("有2条要看")
    phone.open()
    expect(page.locator(".case")).to_have_count(before)

    phone.open("/me/entries")
    card = page.locator(".refused")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("有一项填得不对")
    expect(card).to_contain_text("具体位置")
    expect(card).to_contain_text("今天又多了一个柜子")
    expect(page.locator(".tally")).to_contain_text("2 没收下")
    expect(page.locator(".proof h2")).to_contain_text("有2条没收下,要您看")
    looks_well(phone, "/me/entries", ".refused")
    card.get_by_role("button", name="改一改").click()
    expect(page.locator("textarea")).to_have_value("三楼拐角堆了旧沙发")
    expect(page.locator(".why")).to_contain_text("具体位置")
    expect(page.locator(".along")).to_contain_text("今天又多了一个柜子")
    expect(page.locator(".picture img")).to_be_visible()
    page.fill(".field input[type=text]", "三楼拐角")
    page.click(".sheet-buttons .button-main")
    expect(page.locator(".hero")).to_be_visible()
    arrive(phone)
    (entry,) = phone.stored("journal")
    written = entry["body"]["plain"]["change"]
    assert (written["record"], entry["body"]["plain"]["receipt"]["outcome"]) == (record, "applied")
    assert [each["text"] for each in written["set"]["additions"].values()] == ["今天又多了一个柜子"]
    phone.pill("已同步")
    phone.open("/me/entries")
    expect(page.locator(".refused")).to_have_count(0)
    expect(page.locator(".proof h2")).to_contain_text("都到了,一条没少")


def test_S6_what_was_refused_is_handed_on_declined_in_words_put_aside_and_found_again(
    phone: Handset, desk: Page
) -> None:
    page = phone.page
    report(phone, where="三楼" * 150)
    arrive(phone)
    phone.pill("有1条要看")
    phone.open("/me/entries")
    page.get_by_role("button", name="转给网格长").click()
    expect(page.locator(".held")).to_contain_text("已转给网格长")
    phone.pill("已同步")
    expect(page.locator(".tally")).to_contain_text("1 等人看")
    claim = at_the_desk(desk, "head", "三楼拐角堆了旧沙发")
    claim.locator("details:has(form[id^='decline']) summary").click()
    claim.locator("textarea[name=note]").fill("地方写得太长,说个大概就行")
    claim.locator("form[id^='decline'] button").click()
    expect(desk.locator(".claim.is-done")).to_be_visible()
    phone.nudge()
    card = page.locator(".refused")
    expect(card).to_contain_text("地方写得太长,说个大概就行")
    expect(page.locator(".held")).to_have_count(0)

    card.get_by_role("button", name="放一边").click()
    expect(card).to_have_count(0)
    phone.pill("已同步")
    phone.open("/me")
    page.click(".row:has-text('放一边的')")
    expect(card).to_contain_text("三楼拐角堆了旧沙发")
    looks_well(phone, "/me/aside", ".refused")
    card.get_by_role("button", name="拿回来").click()
    phone.pill("有1条要看")


def at_the_desk(desk: Page, login: str, words: str) -> Locator:
    """待认领, and in it what carries these words."""
    desk.goto("/console/sign-in?next=/console/parked")
    desk.fill("#login", login)
    desk.fill("#password", "gridwalk")
    desk.click("#sign-in form >> nth=0 >> button")
    claim = desk.locator(".claim", has_text=words)
    expect(claim).to_be_visible()
    return claim


def test_S7_words_for_a_case_that_has_moved_say_where_they_went_and_that_they_were_taken_in(
    phone: Handset, desk: Page, server: Server, engine: Engine
) -> None:
    report(phone)
    arrive(phone)
    record = own_record(phone)
    elsewhere = next(each["book"] for each in Colleague(server.base_url, "head2").books if each["name"] == "柳湾二网格")
    phone.context.set_offline(True)
    add(phone, record, "又堆了一个箱子")
    assert engine.move(record, phone.stored("journal")[-1]["book"], elsewhere, IDS.new())
    phone.context.set_offline(False)
    arrive(phone)
    phone.open("/me/entries")
    held = phone.page.locator(".held")
    expect(held).to_contain_text("已转给柳湾二网格")
    expect(held).to_contain_text("又堆了一个箱子")
    expect(phone.page.locator(".tally")).to_contain_text("1 等人看")
    assert record not in [each["id"] for each in phone.stored("records")]
    looks_well(phone, "/me/entries", ".held")
    at_the_desk(desk, "head2", "又堆了一个箱子").locator("form[id^='take'] button").click()
    expect(desk.locator(".claim.is-done")).to_be_visible()
    phone.nudge()
    expect(phone.page.locator(".taken-in")).to_contain_text("收下了")
    expect(held).to_have_count(0)


def test_L6_that_nothing_is_missing_is_said_only_when_it_is_so(handset: MakeHandset, server: Server) -> None:
    with Line(server.config.port).open() as line:
        phone = handset(url=line.url).sign_in("worker")
        phone.settle()
        phone.open("/me/entries")
        proof = phone.page.locator(".proof")
        expect(proof).to_contain_text("还没和服务器对过")
        phone.open()
        uploads = "**/api/v1/uploads*"
        phone.context.route(uploads, lambda route: route.abort())
        report(phone)
        arrive(phone)
        phone.open("/me/entries")
        expect(proof.locator("h2")).to_contain_text("文字都到了,还有1张照片在路上")
        phone.context.unroute(uploads)
        phone.nudge()
        expect(proof.locator("h2")).to_contain_text("都到了,一条没少")
        expect(proof).to_contain_text("近30天1条")

        line.meddle = forgetful
        proof.get_by_role("button").click()
        expect(proof.locator("h2")).to_contain_text("有1条重传了还是对不上")
        expect(proof.locator("li")).to_contain_text("上报一件")
        phone.pill("有1条要看")
        assert sum(path == "/api/v1/proof" for _, path in line.heard) >= 4  # put back twice, then left to people
        looks_well(phone, "/me/entries", ".proof")
        line.meddle = lambda _method, _path, answer: answer
        proof.get_by_role("button").last.click()
        expect(proof.locator("h2")).to_contain_text("都到了,一条没少")
        (entry,) = phone.stored("journal")
        assert entry["body"]["plain"]["receipt"]["outcome"] == "applied"


def forgetful(_method: str, path: str, answer: Answer) -> Answer:
    """A server that has lost what it held, and does not know it."""
    if path != "/api/v1/proof" or answer.status != 200:
        return answer
    nothing = {book: {"same": False, "count": 0, "entries": []} for book in json.loads(answer.body)["books"]}
    return Answer(200, answer.headers, json.dumps({"books": nothing}).encode())


def test_L5_what_cannot_be_sent_is_saved_as_one_file_with_its_pictures(phone: Handset, tmp_path: Path) -> None:
    page = phone.page
    phone.context.set_offline(True)
    report(phone)
    phone.open("/me")
    page.click(".row:has-text('救援文件')")
    expect(page.locator(".rescue-count")).to_have_text("没传的1条,照片1张")
    with page.expect_download() as saved:
        page.get_by_role("button", name="存成一个文件").click()
    expect(page.locator(".card")).to_contain_text("存好了")
    assert phone.stored("outbox")  # the phone keeps everything
    name = saved.value.suggested_filename
    saved.value.save_as(tmp_path / name)
    assert name.startswith("gridwalk-rescue-")
    the_file_is_whole(tmp_path / name, phone.stored("outbox")[0]["body"]["plain"], phone.stored("uploads"))
    looks_well(phone, "/me/rescue", ".rescue-count")
    phone.context.set_offline(False)
    phone.pill("已同步")
    expect(page.locator(".rescue-count")).to_have_text("都传完了,不用存。")


def the_file_is_whole(path: Path, change: dict[str, Any], uploads: list[dict[str, Any]]) -> None:
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        facts = json.loads(packed.read("rescue.json"))
        assert names[0] == "rescue.json"
        assert sorted(names[1:]) == sorted(f"pictures/{each['sha256']}" for each in uploads)
        assert all(hashlib.sha256(packed.read(each)).hexdigest() == each.split("/")[1] for each in names[1:])
        assert {info.compress_type for info in packed.infolist()} == {zipfile.ZIP_STORED}
    assert (facts["format"], facts["version"], facts["account"] != "", facts["device"] != "") == (
        "gridwalk-rescue",
        1,
        True,
        True,
    )
    assert [canonical(each) for each in facts["changes"]] == [canonical(change)]
