"""专项 at the desk: written, handed in, admitted by another, watched by place, filled in from paper, told as a table."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from domain.access import ServerActor
from domain.days import DAY, local
from domain.records.survey_response import response_id
from domain.records.task import task_id
from sync.clock import FixedClock, to_text
from sync.ids import derived
from tests.api.phone import Phone, change, drawing
from tests.api.world import BUILDING, GRID, OTHER_UNIT, UNIT
from tests.web.desk import HEADERS, Desk, Page

Seat = Callable[[str], Desk]
TABLE = """type,name,label::zh,label::en,required,relevant,constraint
select_one yes_no,gas,愿意接通燃气吗?,Gas?,yes,,
integer,lamps,几盏灯不亮?,Lamps out?,,,. >= 0
list_name,name,label::zh,label::en
yes_no,yes,是,Yes
yes_no,no,否,No
"""


class Campaigning:
    """One campaign and the desks around it."""

    def __init__(self, seat: Seat, clock: FixedClock) -> None:
        self.seat, self.clock = seat, clock
        self.path = ""

    @property
    def id(self) -> str:
        return self.path.rsplit("/", 1)[1]

    def day(self, days: int) -> str:
        return f"{local(self.clock.now()) + timedelta(days=days):%Y-%m-%d}"

    def words(self, page: Page, **typed: Any) -> dict[str, Any]:
        """The fields of the sheet with what a careful person types into them."""
        grids = re.findall(r'name="books" value="([^"]+)"', page.text)
        said = {"kind": "survey", "title": "柳湾社区改造意愿", "owner_org": "社区", "why": "先听大家的意见", "basis": "改造方案",
                "purpose": "只用于定改造方案", "consent_text": "自愿回答", "table": TABLE, "books": grids, "level": "household",
                "starts_at": self.day(0), "ends_at": self.day(14), "erase_at": self.day(60)}  # fmt: skip
        return {**page.forms["form-save"]["fields"], **said, **typed}

    def write(self, who: str = "supervisor", how: str = "save", **typed: Any) -> Page:
        desk = self.seat(who)
        page = desk.get(self.path or "/console/campaigns/new")
        action = page.forms["form-save"]["action"]
        answer = desk.post(action.replace("/save", f"/{how}"), **self.words(page, **typed))
        if answer.status == 200:
            self.path = action.rsplit("/", 1)[0]
        return answer

    def press(self, who: str, how: str, **typed: Any) -> Page:
        desk = self.seat(who)
        form = desk.get(self.path).forms[f"form-{how}"]
        return desk.post(form["action"], **{**form["fields"], **typed})

    def page(self, who: str) -> Page:
        return self.seat(who).get(self.path)

    def opened(self) -> Campaigning:
        assert self.write(how="submit").outcome == "applied"
        assert self.press("command", "admit").outcome == "applied"
        return self


DOORS = {unit: [derived("door", unit, str(number)) for number in (101, 102)] for unit in (UNIT, OTHER_UNIT)}


@pytest.fixture
def desk(app: Flask, seat: Seat, clock: FixedClock) -> Campaigning:
    """A grid with a building of two stairways of two doors each."""
    make(app, "building", BUILDING, "1", GRID)
    for number, (unit, doors) in enumerate(DOORS.items(), 1):
        make(app, "unit", unit, f"1-{number}", BUILDING)
        for door, label in zip(doors, (101, 102), strict=True):
            make(app, "household", door, f"1-{number}-{label}", unit)
    return Campaigning(seat, clock)


def make(app: Flask, type: str, id: str, label: str, parent: str) -> None:
    active = {"from": None, "to": "active", "cycle": 1}
    said = {"name": f"柳湾里{label}", "label": label, "parent_id": parent, "status": active}
    engine = app.extensions["gridwalk"].engine
    receipt = engine.edit(ServerActor(), book=GRID, record=id, type=type, seen=0, set=said, create=True)
    assert receipt["outcome"] == "applied", receipt


def tasks(phone: Phone) -> dict[str, Mapping[str, Any]]:
    reply = phone.sync()
    return {each["id"]: each for book in reply["books"] for each in book["records"] if each["type"] == "task"}


def test_a_campaign_goes_from_the_desk_to_the_captains_phone(desk: Campaigning, app: Flask) -> None:
    assert "存草稿" in desk.write().words
    captain = Phone(app).sign_in("captain")
    assert tasks(captain) == {}
    assert desk.write(how="submit").outcome == "applied"
    assert tasks(captain) == {}
    assert desk.press("command", "admit").outcome == "applied"
    found = tasks(captain)
    assert found
    assert {each["fields"]["campaign_id"] for each in found.values()} == {desk.id}


def test_the_one_who_asks_is_not_offered_to_admit(desk: Campaigning) -> None:
    desk.write("command", "submit")
    page = desk.page("command")
    assert "form-admit" not in page.forms
    assert "form-back" in page.forms


def test_the_queue_shows_what_waits_to_whoever_admits(desk: Campaigning, seat: Seat) -> None:
    desk.write(how="submit")
    assert "待准入" in seat("command").get("/console/campaigns").words
    assert "柳湾社区改造意愿" in seat("command").get("/console/campaigns").words
    assert "柳湾社区改造意愿" not in seat("head").get("/console/campaigns").words
    assert "柳湾社区改造意愿" not in seat("handler").get("/console/campaigns").words


@pytest.mark.parametrize(("who", "status"), [("supervisor", 200), ("handler", 200), ("command", 200), ("head", 403)])
def test_who_may_make_one_is_offered_a_sheet(seat: Seat, who: str, status: int) -> None:
    assert seat(who).get("/console/campaigns/new").status == status
    assert ("/console/campaigns/new" in seat(who).get("/console/campaigns").text) is (status == 200)


def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(desk: Campaigning) -> None:
    page = desk.write(how="submit", basis="", erase_at=desk.day(200))
    assert page.status == 422
    assert "没有依据,不能上门" in page.words
    page = desk.write(how="submit", title="", why="因为漏水")
    assert (page.status, "这里要填" in page.words, "因为漏水" in page.words) == (422, True, True)


def test_7_what_is_known_already_is_named_and_cannot_be_handed_in(desk: Campaigning) -> None:
    known = TABLE.replace("lamps,几盏灯不亮?", "floor,您家住几楼?")
    page = desk.write(how="submit", table=known)
    assert page.status == 422
    assert "household.floor" in page.words


def test_what_is_wrong_with_the_questions_is_said_with_line_and_column(desk: Campaigning) -> None:
    page = desk.write(table=TABLE.replace(". >= 0", ". >="))
    assert page.status == 422
    assert "第 3 行,constraint" in page.words
    assert "几盏灯不亮" in page.text
    english = desk.write(table=TABLE.replace("gas,愿意接通燃气吗?", "gas,您的民族?"))
    assert "不能问" in english.words


def test_a_file_from_a_spreadsheet_in_chinese_is_read(desk: Campaigning, seat: Seat) -> None:
    supervisor = seat("supervisor")
    page = supervisor.get("/console/campaigns/new")
    form = page.forms["form-save"]
    file = (io.BytesIO(TABLE.encode("gb18030")), "form.csv")
    sent = {**desk.words(page), "table": "", "file": file}
    answer = Page(supervisor.http.post(form["action"], data=sent, headers=HEADERS))
    assert answer.outcome == "applied"
    assert "愿意接通燃气吗?" in supervisor.get(form["action"].rsplit("/", 1)[0]).text


def test_6_photos_are_admitted_with_a_tick_of_their_own(desk: Campaigning) -> None:
    assert desk.write(how="submit", photo_required="true").status == 422
    assert desk.write(how="submit", photo_required="true", photo_reason="管口要留图").outcome == "applied"
    assert desk.press("command", "admit").outcome == "refused"
    assert desk.press("command", "admit", photos="true").outcome == "applied"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_6_the_pictures_of_the_doors_are_looked_at_by_door_and_never_by_person(
    desk: Campaigning, app: Flask, seat: Seat
) -> None:
    desk.write(how="submit", photo_required="true", photo_reason="管口要留图")
    desk.press("command", "admit", photos="true")
    path = f"{desk.path}/photos"
    assert path in desk.page("supervisor").text
    assert "还没有照片" in seat("supervisor").get(path).words
    captain, door, data = Phone(app).sign_in("captain"), DOORS[UNIT][1], drawing(31)
    task = tasks(captain)[task_id(desk.id, door)]
    photo = {sha(data): {"type": "image/jpeg", "bytes": len(data), "taken_at": to_text(desk.clock.now())}}
    assert captain.push(change(task["id"], task["seq"], {"photos": photo}, type="task"))["outcome"] == "applied"
    page = seat("head").get(path)
    assert "1户有照片" in page.words
    assert "1-1-102 · " in page.words
    assert "size=full" not in page.text  # its bytes are still on their way
    assert captain.upload(data).status_code == 204
    page = seat("head").get(path)
    assert f"/photos/{sha(data)}?size=full" in page.text
    assert "captain(示例)" not in page.words
    assert seat("head").http.get(f"/api/v1/photos/{sha(data)}?size=preview").status_code == 200
    assert "1户有照片" not in seat("handler").get(path).words
    desk.path = ""
    assert seat("head").get(f"{desk.opened().path}/photos").status == 404


def test_what_is_sent_back_says_why_and_can_be_handed_in_again(desk: Campaigning) -> None:
    desk.write(how="submit")
    assert desk.press("command", "back", note="依据请写全").outcome == "applied"
    page = desk.page("supervisor")
    assert "依据请写全" in page.words
    assert desk.write(how="submit", basis="方案第三条").outcome == "applied"


def test_a_stale_button_changes_nothing(desk: Campaigning, seat: Seat) -> None:
    desk.opened()
    form = seat("supervisor").get(desk.path).forms["form-pause"]
    desk.press("command", "close")
    answer = seat("supervisor").post(form["action"], **form["fields"])
    assert answer.status == 200
    assert "已结束" in desk.page("supervisor").words


def test_progress_is_told_by_stairway_and_never_by_person(desk: Campaigning) -> None:
    page = desk.opened().page("supervisor")
    assert "进展" in page.words
    assert "柳湾里1-1" in page.words
    assert "captain(示例)" not in page.words


@pytest.mark.parametrize(("who", "progress", "answers"), [("head", True, False), ("command", True, True),
                                                          ("handler", False, False)])  # fmt: skip
def test_who_sees_progress_and_who_sees_answers(desk: Campaigning, who: str, progress: bool, answers: bool) -> None:
    words = desk.opened().page(who).words
    assert ("按单元" in words, "户有回答" in words) == (progress, answers)


def test_the_totals_come_as_a_table(desk: Campaigning, seat: Seat) -> None:
    desk.opened()
    answer = seat("supervisor").http.get(f"{desk.path}/totals.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["地方", "项目", "哪一种", "户数"]
    assert any(row[1:3] == ["进展", "要去"] for row in rows)
    assert seat("handler").http.get(f"{desk.path}/totals.csv").status_code == 404


def test_a_paper_sheet_is_printed_filled_in_as_one_batch_and_taken_back_as_one(desk: Campaigning, seat: Seat) -> None:
    page = desk.opened().page("head")
    path = re.findall(r'href="([^"]+/paper/[^"]+)"', page.text)[0]
    head = seat("head")
    sheet = head.get(path)
    doors = re.findall(r'name="door-([^"]+)" value="done"', sheet.text)
    form = sheet.forms["form-fill"]
    who = re.findall(r'<option value="([0-9a-f-]{36})">', sheet.text)[0]
    ticked = {f"door-{doors[0]}": "done", f"door-{doors[1]}": "not_home"}
    filled = head.post(form["action"], **{**form["fields"], "who": who, "day": desk.day(0), **ticked})
    assert "补上了 2 户" in filled.words
    one = head.record(task_id(desk.id, doors[0]))["fields"]
    assert (one["status"]["status"], one["done_by"], set(one["also_by"])) == ("done", who, {who})
    undo = filled.forms["form-undo"]
    assert one["batch"] == undo["fields"]["batch"]
    assert "撤回了 2 户" in head.post(undo["action"], **undo["fields"]).words
    again = head.record(task_id(desk.id, doors[0]))["fields"]
    assert (again["status"], len(again["tries"])) == ({"status": "todo", "cycle": 2}, 1)


@pytest.mark.parametrize("who", ["command", "handler"])
def test_a_paper_sheet_is_the_heads_and_the_communitys(desk: Campaigning, seat: Seat, who: str) -> None:
    page = desk.opened().page("head")
    path = re.findall(r'href="([^"]+/paper/[^"]+)"', page.text)[0]
    assert seat(who).get(path).status in {403, 404}


def answer(app: Flask, desk: Campaigning, door: str, device: str, **answers: str) -> None:
    engine, at = app.extensions["gridwalk"].engine, to_text(desk.clock.now())
    said = {"campaign_id": desk.id, "place_id": door, "kind": "survey", "form_version": 1, "answers": answers,
            "consent": {"kind": "spoken", "text_version": "1", "at": at}}  # fmt: skip
    receipt = engine.edit(
        ServerActor(derived(device)), book=GRID, record=response_id(desk.id, door), type="survey_response", seen=0,
        set=said, create=True,
    )  # fmt: skip
    assert receipt["outcome"] in {"applied", "merged", "conflict"}, receipt


def test_two_answers_to_one_question_are_laid_before_the_community_in_the_words_of_the_form(
    app: Flask, desk: Campaigning, seat: Seat
) -> None:
    desk.opened()
    door = DOORS[UNIT][0]
    answer(app, desk, door, "one", gas="yes", lamps="2")
    answer(app, desk, door, "two", gas="no", lamps="2")
    words = seat("supervisor").get("/console/decide").words
    assert all(each in words for each in ("愿意接通燃气吗?", "柳湾社区改造意愿", "柳湾里1-1-101", " 是 ", " 否 "))
    assert "愿意接通燃气吗?" not in seat("head").get("/console/decide").words
    page = desk.page("supervisor").words
    assert "1 户有回答" in page
    assert "1 户待定,没有算进去" in page


def test_17_the_community_takes_answers_back_at_a_households_word(app: Flask, desk: Campaigning, seat: Seat) -> None:
    page = desk.opened().page("head")
    path = next(each for each in re.findall(r'href="([^"]+/paper/[^"]+)"', page.text) if UNIT in each)
    answer(app, desk, DOORS[UNIT][0], "one", gas="yes")
    assert "form-withdraw" not in seat("head").get(path).forms
    supervisor = seat("supervisor")
    form = supervisor.get(path).forms["form-withdraw"]
    response = response_id(desk.id, DOORS[UNIT][0])
    assert supervisor.post(form["action"], answers=response_id(desk.id, "elsewhere")).status == 404
    assert supervisor.post(form["action"], answers=response).outcome == "applied"
    assert "fields" not in supervisor.record(response)
    assert "0 户有回答" in desk.page("supervisor").words
    assert "form-withdraw" not in supervisor.get(path).forms


def test_what_is_over_is_erased_to_its_totals(desk: Campaigning) -> None:
    desk.opened()
    desk.clock.move(DAY)
    assert desk.press("supervisor", "close").outcome == "applied"
    assert "form-erase" not in desk.page("command").forms
    assert desk.press("supervisor", "erase").outcome == "applied"
    page = desk.page("supervisor")
    assert "已清理" in page.words
    assert "按单元" in page.words


def test_the_questions_of_an_open_campaign_are_mended_in_a_new_one_that_is_admitted_anew(
    desk: Campaigning, seat: Seat
) -> None:
    page = desk.opened().page("supervisor")
    again = re.search(r'href="(/console/campaigns/new\?like=[^"]+)"', page.text)
    assert again
    sheet = seat("supervisor").get(again[1])
    fields = sheet.forms["form-save"]["fields"]
    assert (fields["title"], fields["starts_at"], fields["erase_at"]) == ("柳湾社区改造意愿", "", "")
    assert "愿意接通燃气吗?" in fields["table"]
    assert desk.id not in sheet.forms["form-save"]["action"]
    assert "like=" not in desk.page("head").text
    assert seat("supervisor").get(f"/console/campaigns/new?like={derived('nothing')}").status == 404


def test_a_draft_can_be_dropped(desk: Campaigning, seat: Seat) -> None:
    desk.write()
    assert desk.press("supervisor", "drop").status == 204
    assert seat("supervisor").get(desk.path).status == 404


def test_an_unknown_button_and_an_unknown_campaign_are_not_found(desk: Campaigning, seat: Seat) -> None:
    desk.write()
    assert seat("supervisor").post(f"{desk.path}/publish").status == 404
    assert seat("supervisor").post(f"/console/campaigns/{derived('none')}/admit").status == 404
    assert seat("supervisor").get(f"/console/campaigns/{derived('none')}").status == 404
