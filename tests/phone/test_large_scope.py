"""Twelve grids and ten thousand doors on a slow phone: what was written shows at once, lists scroll, the search follows the fingers."""

from __future__ import annotations

import json
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.phone.handset import Handset
from tests.phone.line import Answer
from tests.phone.street import Street

FILL: Final = """async ({ grids, houses, doors }) => {
  const databases = await indexedDB.databases();
  const name = databases.map((each) => each.name).filter((each) => /^gridwalk:[^:]+:\\d+:[0-9a-f-]{36}$/.test(each) || /^gridwalk:.+:[0-9a-f]{8}-/.test(each))[0];
  const open = (wanted) => new Promise((done, failed) => { const asked = indexedDB.open(wanted); asked.onsuccess = () => done(asked.result); asked.onerror = () => failed(asked.error); });
  const own = await open(name);
  const accounts = await open(databases.map((each) => each.name).find((each) => /^gridwalk:[^:]+:\\d+$/.test(each)));
  const id = (kind, n) => `${kind.charCodeAt(0).toString(16).padStart(8, "0")}-0000-5000-8000-${n.toString(16).padStart(12, "0")}`;
  const at = "2026-06-13T04:00:00.000Z";
  const records = own.transaction(["records", "meta"], "readwrite");
  const table = records.objectStore("records");
  let seq = 0;
  const put = (kind, n, book, fields) => {
    seq += 1;
    const plain = { id: id(kind, n), type: kind, book, seq, schema: 1, fields, by: "x", made_at: at, changed_at: at, void: false };
    table.put({ id: plain.id, book, type: kind, seq, sweep: 0, aside: 0, body: { v: 1, plain } });
    return plain.id;
  };
  const books = [];
  let house = 0, door = 0;
  for (let grid = 0; grid < grids; grid += 1) {
    const book = id("grid", grid);
    books.push({ book, name: `第${grid + 1}网格`, kind: "grid", access: "write" });
    for (let each = 0; each < houses; each += 1) {
      const building = put("building", house, book, { label: `${each + 1}`, name: `第${grid + 1}网格${each + 1}号楼`, parent_id: book, position: each + 1 });
      const unit = put("unit", house, book, { label: `${each + 1}-1`, name: `第${grid + 1}网格${each + 1}号楼1单元`, parent_id: building });
      house += 1;
      for (let n = 0; n < doors; n += 1) {
        door += 1;
        put("household", door, book, { label: `${each + 1}-1-${Math.floor(n / 4) + 1}0${n % 4 + 1}`, name: `第${grid + 1}网格${each + 1}号楼1单元${Math.floor(n / 4) + 1}0${n % 4 + 1}`, parent_id: unit, floor: Math.floor(n / 4) + 1, door: n % 4 + 1 });
      }
    }
  }
  for (const kind of ["building", "unit", "household"]) records.objectStore("meta").delete(`shelf:${kind}`);
  await new Promise((done, failed) => { records.oncomplete = done; records.onerror = () => failed(records.error); });
  const people = accounts.transaction("accounts", "readwrite");
  const rows = await new Promise((done) => { const asked = people.objectStore("accounts").getAll(); asked.onsuccess = () => done(asked.result); });
  for (const row of rows) people.objectStore("accounts").put({ ...row, session: { ...row.session, books: [...row.session.books, ...books] } });
  await new Promise((done) => { people.oncomplete = done; });
  own.close(); accounts.close();
  return door;
}"""

WATCH: Final = """() => {
  window.work = { asked: 0, drawn: 0, most: 0, frames: 0 };
  for (const of of [IDBObjectStore, IDBIndex]) {
    for (const name of ["get", "getAll", "getAllKeys", "getKey", "count", "openCursor", "openKeyCursor"]) {
      const before = of.prototype[name];
      of.prototype[name] = function (...given) { window.work.asked += 1; return before.apply(this, given); };
    }
  }
  const rows = (node) => node.nodeType !== 1 ? 0 : (node.matches(".row") ? 1 : 0) + node.querySelectorAll(".row").length;
  new MutationObserver((changes) => { for (const each of changes) for (const node of each.addedNodes) window.work.drawn += rows(node); })
    .observe(document, { subtree: true, childList: true });
}"""
"""Count what is asked of the database, and the rows that are drawn: `most` in one frame."""

FRAME: Final = """const frame = async () => {
    const before = window.work.drawn;
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    window.work.frames += 1;
    window.work.most = Math.max(window.work.most, window.work.drawn - before);
  };"""

TYPE: Final = f"""async (words) => {{
  {FRAME}
  const box = document.querySelector(".search input");
  for (let n = 1; n <= words.length; n += 1) {{
    box.value = words.slice(0, n);
    box.dispatchEvent(new Event("input", {{ bubbles: true }}));
    await frame();
  }}
  return window.work;
}}"""

SCROLL: Final = f"""async () => {{
  {FRAME}
  for (let y = 0; y < document.documentElement.scrollHeight && window.work.frames < 80; y += 240) {{ scrollTo(0, y); await frame(); }}
  return window.work;
}}"""

AT_ONCE: Final = 60
"""Rows that a slow phone draws in one frame without anybody noticing (`make bench` says how long a frame takes there)."""


@pytest.fixture
def head(quiet_street: Street) -> Handset:
    """The phone of a head with twelve grids, without a line: the doors lie in its database as a sync would have put them."""
    phone = quiet_street.phone("worker")
    phone.rests()
    quiet_street.line.dead = True
    assert phone.page.evaluate(FILL, {"grids": 12, "houses": 26, "doors": 32}) == 12 * 26 * 32
    phone.page.goto("about:blank")
    phone.open()
    expect(phone.page.locator(".hero")).to_be_visible()
    return phone


def test_ten_thousand_doors_scroll_and_are_searched_out_of_memory_and_a_few_rows_at_a_time(head: Handset) -> None:
    page = head.page
    page.evaluate("location.hash = '#/places'")
    expect(page.locator(".list .row").first).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1500)  # what a phone does when a list has been opened
    page.evaluate(WATCH)
    scrolled = page.evaluate(SCROLL)
    assert scrolled["frames"] > 20, "there was something to scroll through"
    at_ease(scrolled)
    page.evaluate("scrollTo(0, 0)")
    typed = page.evaluate(TYPE, "第7网格13号楼1单元602")
    at_ease(typed)
    assert typed["drawn"] > 0
    expect(page.locator(".list .row").first).to_contain_text("13号楼1单元602")


def at_ease(work: dict[str, int]) -> None:
    """A frame asks the database nothing (now and then the app looks at the time, and asks a few things of its own)."""
    assert work["asked"] < work["frames"] / 2, work
    assert work["most"] <= AT_ONCE, work


def test_the_first_sync_says_how_far_it_is_can_break_off_and_the_app_is_used_meanwhile(quiet_street: Street) -> None:
    line = quiet_street.line
    calls: list[int] = []

    def long(method: str, path: str, answer: Answer) -> Answer:
        if path != "/api/v1/sync":
            return answer
        calls.append(1)
        body = json.loads(answer.body)
        if len(calls) == 1:
            body["more"] = True
            body["books"][0]["head"] += 9000
        return Answer(answer.status, answer.headers, json.dumps(body).encode())

    line.meddle = long
    phone = quiet_street.new_phone()
    second = line.gate("asked", "POST", "/api/v1/sync", lambda _call: len(calls) == 1)
    phone.sign_in("worker")
    second.wait()
    bar = phone.page.locator(".banner progress")
    expect(bar).to_be_visible()
    expect(phone.page.locator(".banner")).to_contain_text("不用等,先用着")
    phone.open("/places")
    expect(phone.page.locator(".list .row").first).to_be_visible()
    second.open(False)  # the line breaks
    expect(bar).to_have_count(0)
    reached = {each["book"]: each["cursor"][0] for each in phone.stored("cursors")}
    phone.nudge()
    phone.until(lambda: len(calls) > 1, "it never went on")
    asked = line.synced()[-1]["cursors"]
    assert {book: cursor[0] for book, cursor in asked.items()} == reached
