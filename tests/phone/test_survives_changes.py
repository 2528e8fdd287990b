"""The app is renewed, the phone's clock is wrong, the server is restored from a backup: what was written stays."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.phone.handset import Handset
from tests.phone.ledger import Ledger, arrived_once, bodies, nothing_waits, saying
from tests.phone.line import Answer, Line, Meddle
from tests.phone.street import Street
from tests.server import Server
from web.config import ROOT, to_environment

SYNC: Final = "/api/v1/sync"
BANNER: Final = ".banner:has-text('新版本')"


def note() -> str:
    return f"变来变去:{time.time_ns()}"


def save(phone: Handset, words: str) -> None:
    phone.begin_report(words)
    phone.send()


# -------------------------------------------------------------------------------------------- a new version


def newer_app() -> Meddle:
    """Another version of the app at the same server."""
    mark = f"\n// {time.time_ns()}\n".encode()

    def meddle(_method: str, path: str, answer: Answer) -> Answer:
        return replace(answer, body=answer.body + mark) if path == "/app/sw.js" else answer

    return meddle


def offer_new_version(phone: Handset) -> None:
    phone.page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => null)")
    expect(phone.page.locator(BANNER)).to_be_visible()


def switch(phone: Handset) -> None:
    with phone.page.expect_navigation():
        phone.page.click(f"{BANNER} button")
    expect(phone.page.locator(".hero")).to_be_visible()


def test_L4_a_new_version_takes_over_a_full_outbox(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.phone("worker")
    notes = note(), note()
    street.line.dead = True
    for words in notes:
        save(phone, words)
    phone.pocket()
    phone.rests()
    street.line.clear()
    street.line.meddle = newer_app()
    street.line.instead = lambda call: Answer(502, {}, b"") if call.path == SYNC else None
    offer_new_version(phone)
    switch(phone)
    phone.pill("还有2条没传")
    assert len(phone.stored("outbox")) == 2
    street.line.instead = lambda _call: None
    phone.nudge()
    nothing_waits(phone)
    for words in notes:
        arrived_once(street.ledger, words, 1)


def test_L4_a_new_version_takes_over_while_a_call_is_on_its_way(quiet_street: Street) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker")
    street.line.meddle = newer_app()
    offer_new_version(phone)
    late = street.line.gate("answered", "POST", SYNC, lambda call: bool(call.json["changes"]))
    save(phone, words)
    phone.pocket()
    late.wait()
    switch(phone)
    late.open(True)
    phone.nudge()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)


# ------------------------------------------------------------------------------------------------ the clock


def clock(hours: int) -> str:
    """The page lives so many hours off; everything else on this machine does not."""
    return f"""(() => {{
      const Real = Date, shift = {hours} * 3600 * 1000;
      window.Date = class extends Real {{
        constructor(...given) {{ if (given.length > 0) super(...given); else super(Real.now() + shift); }}
        static now() {{ return Real.now() + shift; }}
      }};
    }})();"""


def off_by(moment: str | int) -> float:
    """Seconds between a moment that the book names and now."""
    at = moment / 1000 if isinstance(moment, int) else datetime.fromisoformat(moment).timestamp()
    return abs(time.time() - at)


def test_M5_phones_whose_clocks_are_two_hours_wrong_write_in_the_right_order(quiet_street: Street) -> None:
    street = quiet_street
    fast, slow = street.phone("worker", clock(2)), street.phone("worker2", clock(-2))
    notes = [note() for _ in range(3)]
    for phone, words in zip((fast, slow, fast), notes, strict=True):
        expect(phone.page.locator(".banner", has_text="手机时间差了120分钟")).to_be_visible()
        save(phone, words)
        phone.pocket()
        nothing_waits(phone)
    found = [arrived_once(street.ledger, words, 1) for words in notes]
    for change in found:
        assert off_by(change["at"]) < 200
        assert off_by(change["made_at"]) < 200
        assert off_by(change["set"]["captured_at"]) < 200
    assert [each["at"] for each in found] == sorted(each["at"] for each in found)
    assert [each["made_at"] for each in found] == sorted(each["made_at"] for each in found)
    assert found[0]["id"] < found[2]["id"]


def test_M5_a_clock_that_is_put_right_keeps_nothing_back_and_ids_go_on_growing(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.phone("worker", clock(2))
    phone.sleep()
    first, second = note(), note()
    street.line.dead = True
    save(phone, first)
    phone.kill()
    phone.scripts = ()
    phone.on()
    phone.open()
    phone.pill("没传")
    street.line.dead = False
    phone.nudge()
    phone.pill("已同步")
    save(phone, second)
    phone.pocket()
    nothing_waits(phone)
    ids = [arrived_once(street.ledger, words, 1)["id"] for words in (first, second)]
    assert ids == sorted(ids)
    expect(phone.page.locator(".banner", has_text="手机时间差了")).to_have_count(0)


# ------------------------------------------------------------------------------------------ a restored server


def gridwalk(server: Server, *words: str | Path) -> None:
    command = [sys.executable, "-m", "web.cli", *map(str, words)]
    subprocess.run(command, cwd=ROOT, env=to_environment(server.config), check=True, capture_output=True, timeout=120)


@pytest.fixture
def own_street(server: Server, street: Street) -> Iterator[Street]:
    """A server that may be restored from a backup, with a line of its own."""
    with Line(server.config.port).open() as line:
        made = replace(street, server=server, line=line, phones=[])
        yield made
        assert made.put_away() == []


def test_L3_what_a_restored_server_has_forgotten_comes_back_from_the_phone_once(
    own_street: Street, tmp_path: Path
) -> None:
    street, server = own_street, own_street.server
    phone = street.phone("worker")
    before, after, unsent, others = (note() for _ in range(4))
    save(phone, before)
    phone.pocket()
    nothing_waits(phone)
    gridwalk(server, "backup", tmp_path / "yesterday")
    somebody = street.phone("worker2")
    for whose, words in ((phone, after), (somebody, others)):
        save(whose, words)
        whose.pocket()
        nothing_waits(whose)
    somebody.off()
    phone.nudge()
    phone.until(lambda: saying(phone, "records", others), "what the other wrote never came")
    street.line.dead = True
    save(phone, unsent)
    phone.pocket()
    server.kill()
    gridwalk(server, "restore", tmp_path / "yesterday", "--replace")
    server.start()
    assert Ledger(server.config).changes(after) == []
    street.line.dead = False
    phone.nudge()
    phone.pill("请登录")  # whoever was shut out since the backup must not come back with it
    phone.enter("worker")
    nothing_waits(phone)
    for words in (before, after, unsent):
        arrived_once(street.ledger, words, 1)
    assert len(bodies(phone, "journal")) == 3
    phone.open("/me/entries")
    expect(phone.page.locator("section", has_text="恢复备份后没回来的").locator(".entry")).to_have_count(1)
