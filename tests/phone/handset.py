"""A phone for tests: a real Chromium with a profile of its own on disk, that can be killed like a phone that dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Playwright, ViewportSize, expect

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

COUNT_TAPS: Final = """
window.taps = 0;
addEventListener("click", (event) => { if (event.isTrusted) window.taps += 1; }, true);
"""


class Handset:
    """One phone. `page` is its open page; `faults` what the page complained of."""

    def __init__(self, playwright: Playwright, browser: str, profile: Path, url: str, camera: bool = True) -> None:
        self._playwright = playwright
        self._browser = browser
        self.profile = profile
        self.url = url
        self.camera = camera
        self.faults: list[str] = []
        self.context: BrowserContext
        self.page: Page
        self.on()

    def on(self, **options: Any) -> None:
        """Start the browser on this phone's profile, as after a dead battery."""
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=self._browser,
            args=[*ARGS, *(FAKE_CAMERA if self.camera else ())],
            viewport=PORTRAIT,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        self.context.set_default_timeout(15_000)
        self.context.grant_permissions(["geolocation", "camera"] if self.camera else ["geolocation"], origin=self.url)
        self.context.add_init_script(COUNT_TAPS)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(sign in message.text for sign in NETWORK):
            self.faults.append(message.text)

    def kill(self) -> None:
        """SIGKILL to every process of this browser: they all carry this test's own profile folder in their arguments."""
        own = f"--user-data-dir={self.profile}".encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and own in _arguments(entry):
                with suppress(ProcessLookupError):  # its parent has taken it along
                    os.kill(int(entry.name), signal.SIGKILL)
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
        self.page.goto(f"{self.url}/app/#{path}")

    def sign_in(self, login: str) -> Handset:
        self.open()
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form button[type=submit]")
        expect(self.page.locator(".hero")).to_be_visible()
        return self

    def settle(self) -> None:
        """Wait until the whole app lies on the phone and its worker serves this page."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")

    def nudge(self) -> None:
        """What the phone does by itself when somebody looks at it again; saves the tests the half minute of waiting."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

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

    def rung(self, words: str, within: float = 20) -> None:
        """The newest report on 今天 says `words`, or within so many seconds does."""
        row = self.page.locator(".case").first
        self.until(lambda: words in row.inner_text(), within, f"the report never said {words}")

    def pill(self, words: str, within: float = 20) -> None:
        place = self.page.locator(".top .pill")
        self.until(lambda: words in place.inner_text(), within, f"the pill never said {words}")

    def until(self, true: Any, within: float, otherwise: str) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if true():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{otherwise}; the page says:\n{self.page.locator('body').inner_text()}")

    def stored(
        self, table: Literal["records", "outbox", "journal", "bytes", "uploads", "drafts", "refused"]
    ) -> list[Any]:
        """What stands in a table of the signed-in account's database; of bytes only their length."""
        return list(self.page.evaluate(READ_TABLE, table))


MakeHandset = Callable[..., Handset]

READ_TABLE: Final = """async (table) => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => each.split(":").length > 3);
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


def _arguments(entry: Path) -> list[bytes]:
    try:
        return (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:  # it has ended meanwhile
        return []
