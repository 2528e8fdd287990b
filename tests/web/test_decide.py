"""待您决定: what two phones wrote differently is laid side by side, and a person closes it who has seen it (M7, M10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from api.services import EXTENSION
from domain import accounts
from domain.days import HOUR, MINUTE
from sync.clock import FixedClock
from tests.api.phone import Phone, change, report
from tests.web.desk import Desk
from tests.web.disputes import ELSEWHERE, HERE, THERE, disagree, press, two_places, write

SEAT = Callable[[str], Desk]


def place(desk: Desk, record: str) -> Any:
    return desk.record(record)["fields"].get("place_id")


def test_the_two_letters_say_who_when_and_what_stood_before(app: Flask, seat: SEAT, worker: Phone) -> None:
    record = disagree(app, worker, "reporter_contact", ("000-0000-0001", "000-0000-0002"), place_note="三楼拐角")
    page = seat("head").get("/console/decide")
    assert "待您决定 1 件" in page.words
    for said in (
        "反映人电话",
        "000-0000- 0001",
        "000-0000- 0002",
        "worker(示例)",
        "worker2(示例)",
        "原来是 空的",
        "三楼拐角",
    ):
        assert said in page.words, said
    assert record in page.text


def test_it_is_counted_in_the_rail_and_in_the_headline_which_leads_to_it(app: Flask, seat: SEAT, worker: Phone) -> None:
    two_places(app, worker)
    page = seat("supervisor").get("/console/cases")
    assert 'id="rail-decide">1</b>' in page.text
    assert "待您决定 1" in page.words
    assert 'href="/console/decide"' in page.text


@pytest.mark.parametrize(("n", "wanted"), [(0, HERE), (1, THERE)])
def test_either_side_can_be_used(app: Flask, seat: SEAT, worker: Phone, n: int, wanted: str) -> None:
    record, head = two_places(app, worker), seat("head")
    answer = press(head, head.get("/console/decide"), "use", record, n)
    assert answer.outcome == "applied"
    assert "定下:办好了" in answer.words
    assert place(head, record) == wanted
    assert "conflicts" not in head.record(record)
    assert "没有要您决定的" in head.get("/console/decide").words


def test_the_case_page_decides_too_and_shows_the_case_again(app: Flask, seat: SEAT, worker: Phone) -> None:
    record, head = two_places(app, worker), seat("head")
    answer = press(head, head.open(record), "use", record, 1)
    assert 'id="case"' in answer.text
    assert answer.outcome == "applied"
    assert place(head, record) == THERE


def test_M7_what_came_meanwhile_stays_open_beside_the_choice(app: Flask, seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record = str(sent["record"])
    write(worker, record, seq, {"place_id": HERE})
    write(Phone(app).sign_in("worker2"), record, seq, {"place_id": THERE})
    head = seat("head")
    shown = head.get("/console/decide")
    write(Phone(app).sign_in("worker2"), record, seq, {"place_id": ELSEWHERE})  # from another phone of theirs
    answer = press(head, shown, "use", record, 0)
    assert answer.outcome == "conflict"
    assert "刚才又来了一种写法" in answer.words
    assert "刚来的" in answer.words
    values = {each["value"] for each in head.record(record)["conflicts"]["place_id"]}
    assert values == {HERE, ELSEWHERE}
    again = press(head, answer, "use", record, 0)
    assert again.outcome == "applied"
    assert "conflicts" not in head.record(record)


def test_a_choice_whose_writer_rewrote_it_meanwhile_is_not_taken(app: Flask, seat: SEAT, worker: Phone) -> None:
    record, head = two_places(app, worker), seat("head")
    shown = head.get("/console/decide")
    before = head.record(record)["seq"]
    write(worker, record, before, {"place_id": ELSEWHERE})
    after = head.record(record)["seq"]
    answer = press(head, shown, "use", record, 0)
    assert "写的人刚改过这一种" in answer.words
    assert head.record(record)["seq"] == after
    assert len(head.record(record)["conflicts"]["place_id"]) == 2


def test_a_stale_form_of_a_decided_conflict_says_what_stands_and_by_whom(app: Flask, seat: SEAT, worker: Phone) -> None:
    record = two_places(app, worker)
    head, supervisor = seat("head"), seat("supervisor")
    stale = head.get("/console/decide")
    press(supervisor, supervisor.get("/console/decide"), "use", record, 1)
    seq = head.record(record)["seq"]
    answer = press(head, stale, "use", record, 0)
    assert "已经定过了" in answer.words
    assert "supervisor(示例)" in answer.words
    assert (place(head, record), head.record(record)["seq"]) == (THERE, seq)


def test_both_are_kept_the_first_stands_and_the_other_s_words_are_on_the_record(
    app: Flask, seat: SEAT, worker: Phone
) -> None:
    record, head = two_places(app, worker), seat("head")
    shown = head.get("/console/decide")
    assert press(head, shown, "keep", record).outcome == "applied"
    fields = head.record(record)["fields"]
    assert fields["place_id"] == HERE
    (addition,) = fields["additions"].values()
    assert "worker2(示例)" in addition["text"]
    assert addition["text"].startswith("地点:")
    assert addition["text"] in head.open(record).text
    # The same form once more adds nothing.
    assert "已经定过了" in press(head, shown, "keep", record).words
    assert len(head.record(record)["fields"]["additions"]) == 1


def test_two_telephone_numbers_are_kept_in_their_own_field_which_is_erased_in_time(
    app: Flask, seat: SEAT, worker: Phone
) -> None:
    record = disagree(app, worker, "reporter_contact", ("000-0000-0001", "000-0000-0002"))
    head = seat("head")
    assert press(head, head.get("/console/decide"), "keep", record).outcome == "applied"
    fields = head.record(record)["fields"]
    assert fields["reporter_contact"] == "000-0000-0001 / 000-0000-0002"
    assert "additions" not in fields


def test_two_ends_cannot_both_be_kept_and_the_page_says_so(seat: SEAT, worker: Phone) -> None:
    other, sent = report(), report()
    worker.push(other)
    worker.push(sent)
    record = str(sent["record"])
    head, supervisor = seat("head"), seat("supervisor")
    stale = head.open(record)
    supervisor.do(record, "reject", reason="属于物业", instead="物业")
    head.send(stale, "merge", merged_into=str(other["record"]))
    assert "没有要您决定的" in head.get("/console/decide").words  # a head is a party to it
    page = supervisor.get("/console/decide")
    assert "不能两条都留" in page.words
    assert not any(name.startswith("keep-") for name in page.forms)
    assert press(supervisor, page, "use", record, 0).outcome == "applied"
    fields = supervisor.record(record)["fields"]
    assert fields["status"]["status"] == "rejected"
    assert fields["rejection"] == {"reason": "属于物业", "instead": "物业"}
    assert head.post(f"/console/decide/{record}/keep", seen=1, field="status").status == 200


def test_a_hiding_stands_against_the_edits_it_had_not_seen(app: Flask, seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record = str(sent["record"])
    write(Phone(app).sign_in("worker2"), record, seq, {"place_note": "就在三楼"})
    worker.push({**change(record, seq, {}), "void": True})
    head = seat("head")
    page = head.get("/console/decide")
    for said in ("显示还是隐藏", "照常显示", "worker2(示例) 写的具体位置", "就在三楼", "要么隐藏,要么显示"):
        assert said in page.words, said
    assert press(head, page, "use", record, 1).outcome in {"applied", "merged"}
    assert head.record(record)["void"] is False
    assert "conflicts" not in head.record(record)


def test_hiding_can_be_decided_too(app: Flask, seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record = str(sent["record"])
    write(Phone(app).sign_in("worker2"), record, seq, {"place_note": "就在三楼"})
    worker.push({**change(record, seq, {}), "void": True})
    head = seat("head")
    assert press(head, head.get("/console/decide"), "use", record, 0).outcome == "applied"
    assert head.record(record)["void"] is True


def test_whoever_asks_first_is_shown_to_the_next_one_and_closes_nothing(
    app: Flask, seat: SEAT, worker: Phone, clock: FixedClock
) -> None:
    record = two_places(app, worker)
    with app.extensions[EXTENSION].database.write() as conn:
        accounts.set_work_phone(conn, worker.account, "000-0000-0007")
    head, supervisor = seat("head"), seat("supervisor")
    page = head.get("/console/decide")
    for said in ("先打电话问", "worker(示例) 网格员 000-0000-0007", "worker2(示例) 网格员 没有登记工作电话"):
        assert said in page.words, said
    answer = press(head, page, "ask", record)
    assert answer.outcome == "applied"
    assert "您正在打电话问" in answer.words
    assert "head(示例) 正在打电话问 · " in supervisor.get("/console/decide").words
    assert len(head.record(record)["conflicts"]["place_id"]) == 2
    clock.move(MINUTE)
    assert press(head, answer, "asked", record).outcome == "applied"
    assert "正在打电话问" not in supervisor.get("/console/decide").words
    press(head, head.get("/console/decide"), "ask", record)
    press(head, head.get("/console/decide"), "use", record, 0)
    assert "asking" not in head.record(record)["fields"]


def test_after_72_hours_the_page_and_the_headline_remind_and_nothing_is_decided(
    app: Flask, seat: SEAT, worker: Phone, clock: FixedClock
) -> None:
    record = two_places(app, worker)
    head = seat("head")
    clock.move(71 * HOUR)
    assert "三天多" not in head.get("/console/decide").words + head.get("/console/cases").words
    clock.move(2 * HOUR)
    assert "等了三天多" in head.get("/console/decide").words
    assert "等了三天多 1" in head.get("/console/cases").words
    assert len(head.record(record)["conflicts"]["place_id"]) == 2


def test_what_has_waited_longest_comes_first(app: Flask, seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    first = two_places(app, worker)
    clock.move(HOUR)
    second = two_places(app, worker)
    text = seat("head").get("/console/decide").text
    assert text.index(first) < text.index(second)


def test_more_than_two_candidates_each_have_their_button(app: Flask, seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record = str(sent["record"])
    for phone, value in (
        (worker, HERE),
        (Phone(app).sign_in("worker2"), THERE),
        (Phone(app).sign_in("worker"), ELSEWHERE),
    ):
        write(phone, record, seq, {"place_id": value})
    head = seat("head")
    page = head.get("/console/decide")
    assert "用第 3 种" in page.words
    assert press(head, page, "use", record, 2).outcome == "applied"
    assert place(head, record) == ELSEWHERE


def test_whoever_may_not_decide_sees_no_desk_and_no_button(app: Flask, seat: SEAT, worker: Phone) -> None:
    record = two_places(app, worker)
    where = f"/console/decide/{record}/use"
    for login in ("handler", "outsider", "captain", "admin"):
        desk = seat(login)
        assert desk.get("/console/decide").status == 403, login
        assert desk.post(where, seen=1, field="place_id").status == 403, login
    head = seat("head")
    assert head.post(f"/console/decide/{record}/erase", seen=1, field="place_id").status == 404
    assert head.post(f"/console/decide/{record}/use", seen="x", field="place_id").status == 422
    assert len(head.record(record)["conflicts"]["place_id"]) == 2


def test_a_head_cannot_decide_what_is_the_community_s(seat: SEAT, worker: Phone) -> None:
    other, sent = report(), report()
    worker.push(other)
    worker.push(sent)
    record = str(sent["record"])
    head, supervisor = seat("head"), seat("supervisor")
    stale = head.open(record)
    supervisor.do(record, "reject", reason="属于物业", instead="物业")
    head.send(stale, "merge", merged_into=str(other["record"]))
    candidates = supervisor.record(record)["conflicts"]["status"]
    answer = head.post(
        f"/console/decide/{record}/use", seen=head.record(record)["seq"], field="status", change=candidates[0]["change"]
    )
    assert answer.status == 403
    assert len(supervisor.record(record)["conflicts"]["status"]) == 2


def test_the_desk_speaks_english_too(app: Flask, seat: SEAT, worker: Phone) -> None:
    record = two_places(app, worker)
    head = seat("head")
    head.http.set_cookie("gridwalk-language", "en")
    page = head.get("/console/decide")
    for said in ("1 thing for you to decide", "It was empty", "Use the left one", "Keep both", "Ask them first"):
        assert said in page.words, said
    assert press(head, page, "keep", record).outcome == "applied"
    assert "stands." in next(iter(head.record(record)["fields"]["additions"].values()))["text"]
