"""The phone's half: a real Chromium with its processor slowed six times, on a book of 10,000 records."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

from playwright.sync_api import Page, Playwright, sync_playwright

from bench.machine import Trouble
from bench.measures import Figures, Sizes
from domain.access import ServerActor
from domain.demo import load, town
from domain.places import every
from sync.ids import derived
from tests.phone.handset import PASSWORD, Handset
from tests.server import Server, make_data
from tools import browser
from tools.say import ROOT
from web.commands.base import services
from web.config import Config

SLOWER: Final = 6
STAIRWAY: Final = 32
NOTE: Final = """
window.bench = { usable: null, long: [] };
new PerformanceObserver((list) => { for (const each of list.getEntries()) window.bench.long.push([each.startTime, each.duration]); })
  .observe({ type: "longtask", buffered: true });
const look = () => {
  if (document.querySelector(".hero")?.checkVisibility()) window.bench.usable = performance.now();
  else requestAnimationFrame(look);
};
if (location.pathname.startsWith("/app")) requestAnimationFrame(look);
"""
FLOOR: Final = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("floor", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("all", { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
  });
  const word = document.body.appendChild(document.createElement("p"));
  const took = [];
  for (let id = 0; id < 9; id += 1) {
    const began = performance.now();
    await new Promise((done) => {
      const work = db.transaction("all", "readwrite", { durability: "strict" });
      work.objectStore("all").put({ id, words: "x".repeat(600) });
      work.oncomplete = () => { word.textContent = `${id}`; requestAnimationFrame(() => setTimeout(done)); };
    });
    took.push(performance.now() - began);
  }
  db.close();
  indexedDB.deleteDatabase("floor");
  return took.sort((a, b) => a - b)[4];
}"""
"""What this browser, its disk and this machine need for one record that is kept strictly and one word that is drawn, on a page
that has nothing else: no app can be faster. Median of nine, milliseconds."""
UNTIL: Final = """([selector, count, words]) => new Promise((done, failed) => {
  const began = performance.now();
  const there = () => {
    const found = [...document.querySelectorAll(selector)];
    return found.length >= count && (!words || found[0].textContent.includes(words));
  };
  const watcher = new MutationObserver(() => {
    if (!there()) return;
    watcher.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  });
  watcher.observe(document, { subtree: true, childList: true, characterData: true });
  setTimeout(() => failed(new Error(`nothing like ${selector}`)), 60000);
  ACT;
})"""
"""Do something, and tell how many milliseconds it takes until as many elements are there, and drawn. It is told of each change:
to ask at every picture would keep the slowed processor drawing pictures."""
LISTEN: Final = """() => new MutationObserver((_, watcher) => {
  if (!(document.querySelector(".toast")?.textContent ?? "").includes("已存手机")) return;
  watcher.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.bench.said = performance.now(); }));
}).observe(document, { subtree: true, childList: true, characterData: true })"""
"""Note when 已存手机 has been drawn: it is said when the change is durable, before the home screen with its row is built."""
WHOLE: Final = """async (wanted) => {
  const began = performance.now();
  const found = (await indexedDB.databases()).map((each) => each.name).find((each) => each.split(":").length > 3);
  const db = await new Promise((done) => { const asked = indexedDB.open(found); asked.onsuccess = () => done(asked.result); });
  const count = () => new Promise((done) => {
    const asked = db.transaction("records").objectStore("records").count();
    asked.onsuccess = () => done(asked.result);
  });
  while (await count() < wanted) {
    if (performance.now() - began > 120000) throw new Error(`only ${await count()} of ${wanted} records came`);
    await new Promise((done) => setTimeout(done, 100));
  }
  db.close();
  return performance.now() - began;
}"""
"""Milliseconds until so many records lie on the phone."""
SEARCH: Final = """const box = document.querySelector(".search input");
box.value = %r; box.dispatchEvent(new Event("input", { bubbles: true }));"""

SCROLL: Final = """async () => {
  let frames = 0;
  for (let y = 0; y < document.documentElement.scrollHeight && frames < 80; y += 240, frames += 1) {
    scrollTo(0, y);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
  return frames;
}"""
"""Scroll through the list of places; tells how many frames that took."""


def measured(sizes: Sizes) -> Iterator[Figures]:
    """One row of figures for each round."""
    found = browser.find()
    if found is None:
        raise Trouble("no browser here: run `make setup`, or leave the phone out with PHONE=0")
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="gridwalk-bench-", ignore_cleanup_errors=True))
        )
        config = make_data(folder / "data", lambda made: _fill(made, sizes.pull))
        stack.enter_context(Server(config))
        wanted = sizes.pull // 34 * 33  # a stairway has a record of its own, and 32 doors; two have a house
        playwright = stack.enter_context(sync_playwright())
        for number in range(sizes.rounds):
            figures = _one(playwright, found, folder / f"phone{number}", f"http://127.0.0.1:{config.port}", wanted)
            print(f"  round {number + 1}  phone: {_told(figures)}", flush=True)
            yield figures


def _took(page: Page, act: str, selector: str, count: int, words: str = "") -> float:
    """Milliseconds from `act` (JavaScript) until so many elements are there. The app's own rules forbid it to evaluate
    text, so the act stands in what is evaluated from outside."""
    return float(page.evaluate(UNTIL.replace("ACT", act), [selector, count, words]))


def _told(figures: Figures) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())


def _fill(config: Config, records: int) -> None:
    """The small demo world, its first grid grown to so many doors."""
    at = services(config)
    load("small", at.engine, at.database, at.uploads)
    with at.database.read() as conn:
        place = next(each for each in every(conn).values() if each.code == "LW1")
    estate = town.Estate("新柳湾", (STAIRWAY,) * max(records // 34, 1))
    # Houses of another estate in the same grid: their ids come from a place's id and a number, so the number goes on.
    houses = _beyond(list(town._houses(town.Grid(place, estate), Random(1), at.clock.now())))
    actor = ServerActor(derived("bench", "import"))
    for begin in range(0, len(houses), 500):
        changes = [town._change(at.engine, place.id, at.clock.now(), *each) for each in houses[begin : begin + 500]]
        at.engine.push(actor, changes)


def _beyond(made: list[town.Made]) -> list[town.Made]:
    """Without those that the small world has already."""
    have = len(town.ESTATE_A.units)
    units = [each[1] for each in made if each[0] == "unit"]
    first = next(number for number, each in enumerate(made) if each[1] == units[have])
    return made[first:]


@contextmanager
def _slow(page: Page) -> Iterator[None]:
    speaker = page.context.new_cdp_session(page)
    speaker.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    yield
    speaker.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    speaker.detach()


def _one(playwright: Playwright, program: str, profile: Path, url: str, wanted: int) -> Figures:
    phone = Handset(playwright, program, profile, url, scripts=(NOTE,))
    figures: Figures = _first(phone, wanted)
    phone.settle()
    phone.off()
    phone.on()
    phone.page.goto(f"{url}/readyz")
    with _slow(phone.page):
        figures["floor_ms"] = float(phone.page.evaluate(FLOOR))
    phone.context.set_offline(True)
    with _slow(phone.page):
        figures |= _start(phone)
        figures |= _work(phone)
    phone.off()
    return figures


def _first(phone: Handset, wanted: int) -> Figures:
    """From signing in on a new phone: until one can work, and until all is there."""
    phone.open()
    page = phone.page
    page.fill("[name=login]", "worker")
    page.fill("[name=password]", PASSWORD)
    with _slow(page):
        press = "document.querySelector('form button[type=submit]').click()"
        usable = _took(page, press, ".hero", 1)
        rest = float(page.evaluate(WHOLE, wanted))
    return {"first": usable / 1000, "first_whole": (usable + rest) / 1000}


def _start(phone: Handset) -> Figures:
    phone.open()
    phone.page.wait_for_function("() => window.bench.usable !== null")
    phone.page.wait_for_timeout(1500)  # what it does when it has started, before it is told to do anything
    return {"start": float(phone.page.evaluate("window.bench.usable")) / 1000, **_scripts()}


def _work(phone: Handset) -> Figures:
    """Without a line, as on a stairway: a report, a stairway, a search."""
    page = phone.page
    # What is read out of its database for the measurement is no task of the app's: before and after.
    records = phone.stored("records")
    unit = next(row["id"] for row in records if _is_stairway(row))
    page.wait_for_timeout(500)
    begun = float(page.evaluate("performance.now()"))
    page.click(".hero")
    page.click(".shutter:enabled")
    page.wait_for_selector(".picture img")
    page.evaluate(LISTEN)
    send = "window.bench.sent = performance.now(); document.querySelector('.sheet-buttons .button-main').click()"
    saved = _took(page, send, ".case", 1, "在手机上")
    said = float(page.evaluate("window.bench.said - window.bench.sent"))
    doors = _took(page, f"location.hash = '/places/{unit}'", ".house .tile", STAIRWAY)
    phone.open("/places")
    page.wait_for_selector(".search input")
    page.wait_for_timeout(500)
    frame = _scrolled(page)
    found = _took(page, SEARCH % "9号楼2单元801", ".search + .list .row", 1)
    tasks = [each[1] for each in page.evaluate("window.bench.long") if each[0] > begun]
    return {
        "saved_ms": saved,
        "said_ms": said,
        "doors_ms": doors,
        "search_ms": found,
        "frame_ms": frame,
        "longest_ms": max(tasks, default=0.0),
        "long_tasks": len(tasks),
        "records": len(records),
    }


def _scrolled(page: Page) -> float:
    """Milliseconds that the page's own thread works for one frame of scrolling."""
    speaker = page.context.new_cdp_session(page)
    speaker.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = speaker.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    before = worked()
    frames = int(page.evaluate(SCROLL))
    found = (worked() - before) / frames
    speaker.detach()
    return found


def _is_stairway(record: Any) -> bool:
    return bool((record.get("type") or record["body"]["plain"]["type"]) == "unit")


def _scripts() -> Figures:
    """KB of JavaScript, packed: what the page cannot do without, and all of it."""
    app = ROOT / "static" / "app"
    start = _needed(app, app / "index.html") | {app / "sw.js"}
    return {"js_kb": _packed(start), "js_all_kb": _packed({*(app / "assets").glob("*.js"), app / "sw.js"})}


def _needed(app: Path, file: Path) -> set[Path]:
    named = re.findall(r'(?:src|href|from|import)\s*=?\s*"([^"]+\.js)"', file.read_text(encoding="utf-8"))
    found = {app / "assets" / Path(name).name for name in named if Path(name).name not in {"sw.js", "registerSW.js"}}
    return found.union(*(_needed(app, each) for each in found)) if found else set()


def _packed(files: set[Path]) -> float:
    return sum(len(gzip.compress(each.read_bytes(), 9)) for each in files) / 1000
