"""A phone for tests: a real Chromium with a profile of its own on disk, that can be killed like a phone that dies."""

from __future__ import annotations

import copy
import io
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    FilePayload,
    Page,
    Playwright,
    ViewportSize,
    expect,
)

from tests.waiting import PATIENCE, PATIENCE_MS

ARGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAKE_CAMERA: Final = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
PORTRAIT: Final[ViewportSize] = {"width": 390, "height": 844}
PASSWORD: Final = "gridwalk"
NETWORK: Final = ("net::ERR_", "Failed to load resource")
"""What a browser itself says of a line that is cut: not an error of the page."""

TELL: Final = """(() => {
  let last = "";
  new MutationObserver(() => {
    const words = document.querySelector(".toast")?.textContent ?? "";
    if (words && words !== last) void fetch("/__said", { method: "POST", body: words, keepalive: true }).catch(() => {});
    last = words;
  }).observe(document, { subtree: true, childList: true, characterData: true });
})();"""
"""Whatever the bar at the foot of the screen says, the line hears too (tests.phone.line.Line.said)."""

STAND_STILL: Final = """(() => {
  let point = null;
  const pass = (on, names) => {
    if (!point || point.on !== on || !point.stores.every((each) => names.includes(each))) return;
    point.nth -= 1;
    if (point.nth > 0) return;
    point = null;
    const ask = new XMLHttpRequest();
    ask.open("POST", "/__stand_still", false);  // the page stands still until the line answers
    ask.send();
  };
  window.standStillAt = (on, stores, nth = 1) => { point = { on, stores, nth }; };
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const made = begin.call(this, stores, mode, options);
    if (mode !== "readwrite") return made;
    const names = [...made.objectStoreNames];
    made.addEventListener("complete", () => pass("complete", names));
    pass("begin", names);
    return made;
  };
  for (const verb of ["add", "put", "delete", "clear"]) {
    const plain = IDBObjectStore.prototype[verb];
    IDBObjectStore.prototype[verb] = function (...given) {
      pass(verb, [this.name]);
      return plain.apply(this, given);
    };
  }
  navigator.serviceWorker?.addEventListener("controllerchange", () => pass("controllerchange", []));
})();"""
"""`standStillAt("complete", ["outbox"])`: the page stops at this point of its work with IndexedDB, for somebody to kill it."""

HOME: Final = ".hero, .duty-home"
"""The first thing on a home: the button to report, or a guard's duty."""

SEND: Final = ".sheet-buttons .button-main"

POCKET: Final = """() => {
  Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  delete document.visibilityState;
}"""

LEAVE: Final = """() => {
  const router = document.querySelector("#app")?.__vue_app__?.config.globalProperties.$router;
  if (!router) return;
  const CANCELLED = 8;  // another screen was asked for meanwhile
  window.arrived = false;
  router.afterEach((_to, _from, failure) => { if (failure?.type !== CANCELLED) window.arrived = true; });
  router.onError(() => { window.arrived = true; });
}"""
ARRIVED: Final = """() => {
  const router = document.querySelector("#app")?.__vue_app__?.config.globalProperties.$router;
  return window.arrived ?? (router?.currentRoute.value.matched.length > 0);
}"""
"""`LEAVE` before the address is changed, then wait for `ARRIVED`: the router has put the new screen in place of the old
one, or the page was loaded anew and has its first screen."""

COUNT_TAPS: Final = """
window.taps = 0;
let tapped = null;
addEventListener("click", (event) => {
  // A tap on the words of a box makes a click of the box as well: that is one tap.
  const again = tapped && [...(event.target.labels ?? [])].some((label) => label.contains(tapped));
  if (event.isTrusted && !again) window.taps += 1;
  tapped = again ? null : event.target;
}, true);
"""


class Handset:
    """One phone. `page` is its open page; `faults` what the page complained of."""

    more_args: tuple[str, ...] = ()
    """What else its browser is started with."""

    def __init__(
        self,
        playwright: Playwright,
        browser: str,
        profile: Path,
        url: str,
        camera: bool = True,
        scripts: Sequence[str] = (),
    ) -> None:
        self._playwright = playwright
        self._browser = browser
        self.profile = profile
        self.url = url
        self.camera = camera
        self.scripts = (COUNT_TAPS, *scripts)
        self.faults: list[str] = []
        self.context: BrowserContext
        self.page: Page
        self.on()

    def on(self, **options: Any) -> None:
        """Start the browser on this phone's profile, as after a dead battery."""
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=self._browser,
            args=[*ARGS, *(FAKE_CAMERA if self.camera else ()), *self.more_args],
            viewport=PORTRAIT,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.grant_permissions(["geolocation", "camera"] if self.camera else ["geolocation"], origin=self.url)
        for script in self.scripts:
            self.context.add_init_script(script)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(sign in message.text for sign in NETWORK):
            self.faults.append(message.text)

    def kill(self) -> None:
        """SIGKILL to every process of this browser."""
        self.strike(self.processes())
        self.bury()

    def processes(self) -> list[int]:
        """Every process of the group that this browser leads; it carries this test's own profile folder in its arguments."""
        own = f"--user-data-dir={self.profile}".encode()
        all_of_them = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        leaders = {_group(pid) for pid in all_of_them if own in _arguments(pid)} - {None, os.getpgrp()}
        return [pid for pid in all_of_them if _group(pid) in leaders]

    def strike(self, processes: Sequence[int]) -> None:
        """The first half of `kill`, for a moment that does not wait."""
        for each in processes:
            with suppress(ProcessLookupError):  # its parent has taken it along
                os.kill(each, signal.SIGKILL)

    def bury(self) -> None:
        """The second half."""
        self.strike(self.processes())  # a child that was born in between
        with suppress(Error):  # nobody is left to say goodbye to
            self.context.close()
        (self.profile / "SingletonLock").unlink(missing_ok=True)

    def off(self) -> None:
        self.context.close()

    def sleep(self) -> None:
        """Put it away and take it out again: browsers write cookies down up to half a minute late."""
        self.off()
        self.on()
        self.open()

    def open(self, path: str = "/") -> None:
        """Go to a screen, and be there: what is looked at next is never the screen before."""
        address = f"{self.url}/app/#{path}"
        if self.page.url != address:
            self.page.evaluate(LEAVE)
        self.page.goto(address)
        self.page.wait_for_function(ARRIVED)

    def sign_in(self, login: str) -> Handset:
        self.open()
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form button[type=submit]")
        expect(self.page.locator(HOME)).to_be_visible()
        return self

    def tab(self) -> Handset:
        """A second page of the same browser, with the same account."""
        other = copy.copy(self)
        other.page = self.context.new_page()
        other.page.on("pageerror", lambda error: self.faults.append(str(error)))
        other.page.on("console", self._heard)
        other.open()
        expect(other.page.locator(HOME)).to_be_visible()
        return other

    def tab_at(self, path: str) -> Handset:
        """A second page of the same browser, at an address within the app."""
        other = copy.copy(self)
        other.page = self.context.new_page()
        other.open(path)
        return other

    def enter(self, login: str) -> None:
        """Sign in on a phone that has been used before."""
        self.open("/signin")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form button[type=submit]")
        expect(self.page.locator(HOME)).to_be_visible()

    def leave(self) -> None:
        """退出, also with something unsent."""
        self.open("/me")
        self.page.click("main >> text=退出登录")
        login = self.page.locator("[name=login]")
        self.until(lambda: login.count() or self.page.locator("main >> text=还是退出").count(), "nobody asked")
        if not login.count():
            self.page.click("main >> text=还是退出")
        expect(login).to_be_visible()

    def settle(self) -> None:
        """Wait until the whole app lies on the phone and its worker serves this page."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")

    def nudge(self) -> None:
        """What the phone does by itself when somebody looks at it again; saves the tests the half minute of waiting."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def pocket(self) -> None:
        """Put it into the pocket for a moment: what could still be taken back goes out now."""
        self.page.evaluate(POCKET)

    def rests(self) -> None:
        """Wait until no round of the sync is under way, in any of its pages."""
        asked = "navigator.locks.query().then(({ held, pending }) => held.length + pending.length)"
        self.until(lambda: self.page.evaluate(asked) == 0, "it never came to rest")

    def restart(self) -> None:
        """Killed, started again, and opened."""
        self.kill()
        self.on()
        self.open()

    def tap_soon(self, selector: str) -> None:
        """The page taps by itself in the next moment; nobody waits for what comes of it."""
        self.page.evaluate("(selector) => void setTimeout(() => document.querySelector(selector).click())", selector)

    def begin_report(self, note: str, pictures: int = 1) -> None:
        """拍照上报 with pictures that nobody has sent before, and words; not yet sent."""
        self.open()
        self.page.click(".hero")
        for count in range(pictures):
            if count:
                self.page.click(".picture-more")
            self.page.wait_for_selector(".shutter:enabled")
            self.page.set_input_files(".camera-foot input", photo(f"{note} {count}"))
            expect(self.page.locator(".picture img")).to_have_count(count + 1)
        self.page.fill("textarea", note)
        self.until(lambda: note in [draft["body"]["plain"]["note"] for draft in self.stored("drafts")], "no draft")

    def send(self) -> None:
        self.page.click(SEND)
        expect(self.page.locator(".hero")).to_be_visible()

    def report(self) -> None:
        """拍照上报 → 快门 → 上报."""
        self.page.click(".hero")
        self.page.click(".shutter:enabled")
        self.page.click(".sheet-buttons .button-main")
        expect(self.page.locator(".hero")).to_be_visible()

    @property
    def taps(self) -> int:
        return int(self.page.evaluate("window.taps"))

    def forget_taps(self) -> None:
        self.page.evaluate("window.taps = 0")

    def rung(self, words: str) -> None:
        """The newest report on 今天 says `words`, or soon does."""
        row = self.page.locator(".case").first
        self.until(lambda: words in row.inner_text(), f"the report never said {words}")

    def pill(self, words: str, within: float = PATIENCE) -> None:
        place = self.page.locator(".top .pill")
        self.until(lambda: words in place.inner_text(), f"the pill never said {words}", within)

    def until(self, true: Any, otherwise: str, within: float = PATIENCE) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if true():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{otherwise}; the page says:\n{self.page.locator('body').inner_text()}")

    def stored(
        self, table: Literal["records", "outbox", "journal", "bytes", "uploads", "drafts", "refused", "cursors", "meta"]
    ) -> list[Any]:
        """What stands in a table of the signed-in account's database; of bytes only their length."""
        return list(self.page.evaluate(READ_TABLE, table))


def photo(of: str) -> FilePayload:
    """A small photo, for each text another."""
    drawn = Image.frombytes("RGB", (48, 36), random.Random(of).randbytes(48 * 36 * 3)).resize((640, 480))
    file = io.BytesIO()
    drawn.save(file, "JPEG", quality=85)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


MakeHandset = Callable[..., Handset]

READ_TABLE: Final = """async (table) => {
  const names = (await indexedDB.databases()).map((each) => each.name).filter((each) => each.split(":").length > 3);
  const me = localStorage.getItem("gridwalk.account");
  const name = names.find((each) => each.endsWith(`:${me}`)) ?? names[0];
  const db = await new Promise((done, failed) => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const rows = await new Promise((done) => {
    const asked = db.transaction(table).objectStore(table).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  db.close();
  return rows.map((row) => (row.data ? { ...row, data: row.data.byteLength } : row));
}"""


def _arguments(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # it has ended meanwhile
        return []


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
