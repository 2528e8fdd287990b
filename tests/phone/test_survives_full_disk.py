"""A full disk, a database that is closed or thrown away under the app: it is said, and nothing is lost by it (L4)."""

from __future__ import annotations

import time
from typing import Any, Final

from playwright.sync_api import CDPSession, expect

from tests.phone.handset import SEND, Handset, photo
from tests.phone.ledger import arrived_once, nothing_waits
from tests.phone.street import Street

HANDLES: Final = """(() => {
  window.handles = [];
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...given) {
    const asked = open.apply(this, given);
    asked.addEventListener("success", () => window.handles.push(asked.result));
    return asked;
  };
  window.breaks = null;
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...given) {
    const asked = add.apply(this, given);
    if (this.name === window.breaks) this.transaction.abort();
    return asked;
  };
})();"""
"""`handles`: every open connection to a database. `breaks`: the store in the middle of which the disk fails."""

REOPENS: Final = "Dexie: Need to reopen db"


def note() -> str:
    return f"满了的手机:{time.time_ns()}"


FILL: Final = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("filler", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("ballast", { autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
  });
  const put = (size) => new Promise((done) => {
    const writing = db.transaction("ballast", "readwrite");
    writing.oncomplete = () => done(true);
    writing.onabort = (event) => { event.stopPropagation(); done(false); };
    writing.objectStore("ballast").add(crypto.getRandomValues(new Uint8Array(Math.min(size, 65536))));
  });
  for (const size of [65536, 8192, 1024, 64]) while (await put(size));
  db.close();
}"""
EMPTY: Final = """() => new Promise((done) => { indexedDB.deleteDatabase("filler").onsuccess = () => done(); })"""
ROOM: Final = 3_000_000


class Disk:
    """A phone with little room left; `full` takes what there is. It is started anew: a browser measures at the start."""

    def __init__(self, phone: Handset) -> None:
        self._phone = phone
        used = phone.page.evaluate("navigator.storage.estimate().then(({ usage }) => usage)")
        phone.off()
        phone.on()
        self._line: CDPSession = phone.context.new_cdp_session(phone.page)
        self._set(quotaSize=used + ROOM)
        phone.open()
        expect(phone.page.locator(".hero")).to_be_visible()

    def full(self) -> None:
        self._phone.page.evaluate(FILL)

    def room(self) -> None:
        self._set()
        self._phone.page.evaluate(EMPTY)

    def _set(self, **size: Any) -> None:
        self._line.send("Storage.overrideQuotaForOrigin", {"origin": self._phone.url, **size})


def test_L4_a_full_phone_says_so_keeps_the_form_and_the_same_tap_saves_once_there_is_room(quiet_street: Street) -> None:
    phone, words = quiet_street.phone("worker"), note()
    disk = Disk(phone)
    page = phone.page
    phone.begin_report(words)
    disk.full()
    page.click(SEND)
    expect(page.locator(".trouble")).to_contain_text("没存上")
    expect(page.locator("textarea")).to_have_value(words)
    expect(page.locator(".picture img")).to_be_visible()
    assert phone.stored("outbox") == []
    disk.room()
    phone.send()
    phone.pocket()
    nothing_waits(phone)
    arrived_once(quiet_street.ledger, words, 1)


def test_L4_what_is_written_and_taken_on_a_full_phone_is_on_the_screen_and_saved_later(quiet_street: Street) -> None:
    phone, words = quiet_street.phone("worker"), note()
    disk = Disk(phone)
    page = phone.page
    disk.full()
    page.click(".hero")
    page.wait_for_selector(".shutter:enabled")
    page.set_input_files(".camera-foot input", photo(words))
    expect(page.locator(".picture img")).to_be_visible()
    page.fill("textarea", words)
    expect(page.locator(".trouble")).to_contain_text("没存上")
    page.click(SEND)
    expect(page.locator(".trouble")).to_contain_text("没存上")
    expect(page.locator("textarea")).to_have_value(words)
    expect(page.locator(".picture img")).to_be_visible()
    disk.room()
    phone.send()
    phone.pocket()
    nothing_waits(phone)
    arrived_once(quiet_street.ledger, words, 1)


def test_L4_an_answer_that_a_full_phone_cannot_store_is_asked_for_again(quiet_street: Street) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker")
    disk = Disk(phone)
    street.line.dead = True
    phone.begin_report(words)
    phone.send()
    phone.pocket()
    phone.rests()
    disk.full()
    street.line.dead = False
    phone.nudge()
    phone.pill("手机存满了")
    phone.open("/me/entries")
    expect(phone.page.locator(".trouble")).to_contain_text("写过的都还在")
    assert len(phone.stored("outbox")) == 1
    disk.room()
    phone.nudge()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)


def test_L4_a_closed_database_opens_again_by_itself(quiet_street: Street) -> None:
    phone = quiet_street.phone("worker", HANDLES)
    for how in ("each.close()", "each.close(); each.dispatchEvent(new Event('close'))"):
        words = note()
        phone.begin_report(words)
        phone.page.evaluate(f"window.handles.forEach((each) => {{ {how} }})")
        phone.send()
        phone.pocket()
        nothing_waits(phone)
        arrived_once(quiet_street.ledger, words, 1)
    phone.faults[:] = [fault for fault in phone.faults if REOPENS not in fault]


def test_L4_a_disk_that_fails_in_the_middle_of_saving_saves_nothing_and_says_so(quiet_street: Street) -> None:
    phone, words = quiet_street.phone("worker", HANDLES), note()
    phone.begin_report(words)
    phone.page.evaluate("window.breaks = 'outbox'")
    phone.page.click(SEND)
    expect(phone.page.locator(".trouble")).to_contain_text("没存上")
    expect(phone.page.locator("textarea")).to_have_value(words)
    assert (phone.stored("outbox"), len(phone.stored("drafts"))) == ([], 1)
    phone.page.evaluate("window.breaks = null")
    phone.send()
    phone.pocket()
    nothing_waits(phone)
    arrived_once(quiet_street.ledger, words, 1)


def test_L4_a_book_that_the_browser_threw_away_is_missed_at_once_and_writing_goes_on(quiet_street: Street) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker")
    street.line.dead = True
    phone.begin_report("这一条会不见")
    phone.send()
    phone.rests()
    phone.page.evaluate(THROW_AWAY)
    street.line.dead = False
    phone.page.reload()
    expect(phone.page.locator(".banner-urgent")).to_contain_text("弄丢了")
    phone.page.click(".banner-urgent button")
    phone.begin_report(words)
    phone.send()
    phone.pocket()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)
    phone.faults[:] = [fault for fault in phone.faults if "Another connection wants to delete" not in fault]


THROW_AWAY: Final = """async () => {
  const names = (await indexedDB.databases()).map((each) => each.name).filter((each) => each.split(":").length > 3);
  await Promise.all(names.map((name) => new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; })));
}"""


def test_L4_what_cannot_be_taken_back_covered_or_noted_on_a_full_phone_is_said_and_nothing_is_lost(
    quiet_street: Street,
) -> None:
    """撤销, 打码, 已看过, the switch for large pictures: each would write. None ends in silence, none in an error."""
    phone, words = quiet_street.phone("supervisor"), note()
    disk = Disk(phone)
    page = phone.page
    phone.begin_report(words)
    quiet_street.line.dead = True
    phone.send()
    disk.full()
    page.click(".toast button >> text=撤销")
    expect(page.locator(".toast-urgent")).to_contain_text("没撤成")
    assert len(phone.stored("outbox")) == 1

    phone.open("/me/storage")
    page.click("label.segment:has-text('大图先不传')")
    expect(page.locator(".toast-urgent")).to_contain_text("没记上")
    phone.open()
    page.click(".case >> nth=1")  # somebody else's: it would be noted that it was seen
    expect(page.locator("main h1")).to_be_visible()

    disk.room()
    quiet_street.line.dead = False
    phone.open()
    phone.pocket()
    phone.nudge()
    nothing_waits(phone)
    arrived_once(quiet_street.ledger, words, 1)


def test_L4_covering_a_picture_on_a_full_phone_leaves_it_as_it_was_and_says_so(quiet_street: Street) -> None:
    phone, words = quiet_street.phone("worker"), note()
    disk = Disk(phone)
    page = phone.page
    phone.begin_report(words)
    (before,) = phone.stored("drafts")
    page.click(".picture-blur")
    page.wait_for_function("() => document.querySelector('.brush canvas')?.width === 640")
    page.click(".brush >> text=整张")
    disk.full()
    page.click(".brush .button-main")
    expect(page.locator(".brush .trouble")).to_contain_text("没存上")
    assert phone.stored("drafts") == [before]
    disk.room()
    page.click(".brush .button-main")
    expect(page.locator(".brush")).to_have_count(0)
    (after,) = phone.stored("drafts")
    assert after["body"]["plain"]["pictures"] != before["body"]["plain"]["pictures"]
    assert len(phone.stored("bytes")) >= 2
    phone.send()
    phone.pocket()
    nothing_waits(phone)
    arrived_once(quiet_street.ledger, words, 1)
