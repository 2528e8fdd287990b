"""Two tabs, two accounts on one phone, a session that ends, a place that is lost: everybody's entries stay theirs."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Final

from playwright.sync_api import expect

from tests.phone.handset import SEND, Handset
from tests.phone.ledger import arrived_once, bodies, nothing_waits, saying
from tests.phone.line import Meddle
from tests.phone.street import Street
from tests.phone.test_survives_lies import problem

SYNC: Final = "/api/v1/sync"
NEWER: Final = """async () => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => each.split(":").length > 3);
  const now = (await indexedDB.databases()).find((each) => each.name === name).version;
  await new Promise((done, failed) => {
    const asked = indexedDB.open(name, now + 10);
    asked.onupgradeneeded = () => asked.result.createObjectStore("of_a_later_version");
    asked.onsuccess = () => { asked.result.close(); done(); };
    asked.onerror = () => failed(asked.error);
  });
}"""
"""What the tab of a newer version does with the database when it opens it."""


def note() -> str:
    return f"大家的手机:{time.time_ns()}"


def rewrite(street: Street, statement: str, *given: object) -> None:
    with closing(sqlite3.connect(street.server.config.data / "gridwalk.db", timeout=20)) as conn, conn:
        conn.execute(statement, given)


def refusing(code: str) -> Meddle:
    return lambda _method, path, answer: problem(403, code) if path == SYNC else answer


def save(phone: Handset, words: str) -> None:
    phone.begin_report(words)
    phone.send()


def test_two_tabs_write_see_each_other_and_sync_one_after_the_other(quiet_street: Street) -> None:
    street = quiet_street
    first = street.phone("worker")
    second = first.tab()
    street.line.dead = True
    notes = note(), note()
    for tab, words in zip((first, second), notes, strict=True):
        save(tab, words)
    for tab in (first, second):
        tab.pill("还有2条没传")
        expect(tab.page.locator(".case", has_text="在手机上")).to_have_count(2)
    street.line.dead = False
    street.line.most_at_once.clear()
    for tab in (first, second):
        tab.pocket()
        tab.nudge()
    for tab in (first, second):
        nothing_waits(tab)
    assert street.line.most_at_once[SYNC] == 1
    for words in notes:
        arrived_once(street.ledger, words, 1)


def test_two_tabs_that_write_to_one_case_lose_neither_of_the_two(quiet_street: Street) -> None:
    street = quiet_street
    first = street.phone("worker")
    second = first.tab()
    notes = note(), note()
    for tab in (first, second):
        tab.page.click(".case:has-text('已受理') >> nth=0")
        tab.page.click(".actions >> text=补充几句")
    for tab, words in zip((first, second), notes, strict=True):
        tab.page.fill("textarea", words)
    first.page.click(SEND)
    expect(first.page.locator(".parcel")).to_be_visible()
    second.page.click(SEND)
    expect(second.page.locator(".trouble")).to_contain_text("刚才又写过")
    expect(second.page.locator("textarea")).to_have_value(notes[1])
    second.page.click(SEND)
    expect(second.page.locator(".parcel")).to_be_visible()
    second.pocket()
    second.open()
    nothing_waits(second)
    for words in notes:
        assert [each["outcome"] for each in street.ledger.changes(words)] == ["applied"]


def test_a_newer_version_in_another_tab_does_not_break_the_one_that_is_open(quiet_street: Street) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker")
    phone.begin_report(words)
    other = phone.tab()
    other.page.evaluate(NEWER)
    phone.send()
    phone.pocket()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)
    phone.faults[:] = [fault for fault in phone.faults if "Another connection wants to upgrade" not in fault]


def test_S5_on_a_shared_phone_nobody_sees_or_sends_the_entries_of_the_other(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.phone("worker")
    hers, his = note(), note()
    street.line.dead = True
    save(phone, hers)
    device = phone.stored("meta") and street.line.synced()[-1]["device"]
    phone.leave()
    street.line.dead = False
    asked = len(street.line.calls)
    phone.enter("outsider")
    phone.pill("已同步")
    assert saying(phone, "outbox", hers) == []
    save(phone, his)
    phone.pocket()
    nothing_waits(phone)
    assert hers not in phone.page.locator("body").inner_text()
    assert all(call["device"] != device for call in street.line.synced(asked))
    assert street.ledger.changes(hers) == []
    phone.leave()
    phone.enter("worker")
    phone.pocket()
    nothing_waits(phone)
    assert arrived_once(street.ledger, hers, 1)["device"] == device
    assert arrived_once(street.ledger, his, 1)["account"] != arrived_once(street.ledger, hers, 1)["account"]


def test_S5_an_answer_that_comes_after_its_reader_has_left_is_nobodys(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.phone("worker")
    for code in (None, "wrong_device"):
        late = street.line.gate("answered", "POST", SYNC)
        if code:
            street.line.meddle = refusing(code)
        phone.nudge()
        late.wait()
        phone.leave()
        assert phone.stored("records") == []
        street.line.meddle = lambda _method, _path, answer: answer
        phone.enter("outsider")
        phone.pill("已同步")
        with phone.page.expect_response(lambda _: True):
            phone.nudge()
        late.open(True)
        phone.rests()
        phone.pill("已同步")
        phone.leave()
        phone.enter("worker")
        phone.pill("已同步")


def test_L2_a_session_that_ends_with_a_full_outbox_goes_on_with_everything_in_it(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.phone("worker")
    street.line.dead = True
    notes = note(), note(), note()
    for words in notes:
        save(phone, words)
    phone.pocket()
    rewrite(street, "DELETE FROM session")
    street.line.dead = False
    phone.nudge()
    expect(phone.page.locator(".banner")).to_contain_text("3条没传的都在")
    phone.restart()
    phone.pill("请登录")
    assert len(phone.stored("outbox")) == 3
    phone.enter("worker")
    phone.pocket()
    nothing_waits(phone)
    for words in notes:
        arrived_once(street.ledger, words, 1)


def test_S2_a_lost_place_first_gets_what_was_written_for_it_then_its_records_go(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.phone("worker2")
    too_large = note()
    street.line.instead = lambda call: problem(413, "too_large") if call.path == SYNC and call.json["changes"] else None
    save(phone, too_large)
    phone.pocket()
    phone.pill("有1条要看")
    street.line.clear()
    street.line.dead = True
    notes = note(), note()
    for words in notes:
        save(phone, words)
    phone.pocket()
    phone.rests()
    whose = "SELECT id FROM account WHERE login = 'worker2'"
    rewrite(street, f"UPDATE membership SET to_at = ? WHERE account_id = ({whose})", int(time.time() * 1000))
    street.line.dead = False
    phone.nudge()
    phone.until(lambda: phone.stored("records") == [], "the records of the lost place are still there")
    for words in notes:
        assert [each["state"] for each in street.ledger.parked(words)] == ["held"]
        assert street.ledger.missing_pictures(saying(phone, "journal", words)[0]["set"]["photos"]) == []
    assert phone.stored("outbox") == []
    assert len(bodies(phone, "journal")) == 2
    assert saying(phone, "refused", too_large) != []
    phone.open("/me/entries")
    expect(phone.page.locator("main")).to_contain_text("等人处理")
    expect(phone.page.locator("main")).to_contain_text("没收下")
