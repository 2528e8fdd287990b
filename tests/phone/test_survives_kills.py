"""L4: the browser is killed in the middle of everything. What was said to be saved is there, and arrives exactly once.

One phone lives through all of these moments, as phones do; a test that fails leaves the next one a new phone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.phone.handset import PASSWORD, SEND, STAND_STILL, TELL, Handset, photo
from tests.phone.ledger import (
    Ledger,
    arrived_once,
    counters_are_true,
    nothing_waits,
    saying,
    stands_at,
    where_it_comes_to,
)
from tests.phone.line import Answer, Call, Gate, Line
from tests.phone.street import Street
from tests.server import Server

SYNC: Final = "/api/v1/sync"
UPLOADS: Final = "/api/v1/uploads"
SESSION: Final = "/api/v1/session"
REPLY: Final = ["records", "outbox", "journal"]
"""The tables of the transaction that takes a reply in."""


@dataclass
class Scene:
    """One phone, its line and its server, and what is being written at the moment."""

    phone: Handset
    line: Line
    server: Server
    note: str
    pictures: int = 1
    about: str = ""
    """The record that is answered; of a new report nothing."""
    targets: list[int] = field(default_factory=list)

    @property
    def words(self) -> str:
        return self.about or self.note

    def write(self, pictures: int = 1) -> None:
        self.pictures = pictures
        self.phone.begin_report(self.note, pictures)

    def save(self, pictures: int = 1) -> None:
        self.write(pictures)
        self.phone.send()

    def gate(self, at: str, method: str, path: str, when: Callable[[Call], bool] | None = None) -> Gate:
        return self.line.gate(at, method, path, when)  # type: ignore[arg-type]

    def stop_at(self, on: str, stores: list[str], nth: int = 1) -> None:
        self.phone.page.evaluate("([on, stores, nth]) => standStillAt(on, stores, nth)", [on, stores, nth])

    def stands(self) -> None:
        assert self.line.stopped.wait(20), "the page never came to this point"

    def strike(self) -> None:
        self.phone.strike(self.targets or self.phone.processes())
        self.phone.bury()


def has_changes(call: Call) -> bool:
    return bool(call.json["changes"])


def is_full(call: Call) -> bool:
    return len(call.body) > 20_000


def nth(count: int) -> Callable[[Call], bool]:
    left = iter(range(1, count + 1))
    return lambda _call: next(left, count) == count


# ---------------------------------------------------------------------------------------------- the moments


def camera_open(scene: Scene) -> None:
    scene.phone.open()
    scene.phone.page.click(".hero")
    scene.phone.page.wait_for_selector(".shutter:enabled")


def picture(on: str) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        camera_open(scene)
        scene.stop_at(on, ["bytes"] if on == "put" else ["bytes", "drafts"])
        scene.phone.page.set_input_files(".camera-foot input", photo(scene.note), no_wait_after=True)
        scene.stands()

    return play


def typing(scene: Scene) -> None:
    scene.write()
    scene.phone.page.locator("textarea").press_sequentially("再说两句")


def tapped(milliseconds: int) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        scene.write()
        scene.targets = scene.phone.processes()
        scene.phone.tap_soon(SEND)
        time.sleep(milliseconds / 1000)  # the moment itself

    return play


def saving(on: str, stores: list[str]) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        scene.write()
        scene.stop_at(on, stores)
        scene.phone.tap_soon(SEND)
        scene.stands()

    return play


def ten_seconds(scene: Scene) -> None:
    scene.save()
    expect(scene.phone.page.locator(".toast button")).to_be_visible()


def taking_back(on: str, stores: list[str]) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        ten_seconds(scene)
        scene.stop_at(on, stores)
        scene.phone.tap_soon(".toast button")
        scene.stands()

    return play


def sending(at: str) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        stopped = scene.gate(at, "POST", SYNC, has_changes)
        scene.save()
        scene.phone.pocket()
        stopped.wait()

    return play


def storing(on: str, stores: list[str]) -> Callable[[Scene], None]:
    """The reply is there; the page stops while it takes it in."""

    def play(scene: Scene) -> None:
        stopped = scene.gate("answered", "POST", SYNC, has_changes)
        scene.save()
        scene.phone.pocket()
        stopped.wait()
        scene.stop_at(on, stores)
        stopped.open(True)
        scene.stands()

    return play


def uploading(
    at: str, method: str, when: Callable[[], Callable[[Call], bool]], pictures: int = 1
) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        stopped = scene.gate(at, method, UPLOADS, when())
        scene.save(pictures)
        scene.phone.pocket()
        stopped.wait()

    return play


def leave(scene: Scene) -> None:
    """退出 with a full outbox, up to the last tap."""
    scene.line.dead = True
    scene.save()
    scene.phone.rests()
    scene.phone.open("/me")
    scene.phone.page.click("main >> text=退出登录")
    expect(scene.phone.page.locator("main >> text=还是退出")).to_be_visible()


def leaving(on: str, stores: list[str]) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        leave(scene)
        scene.stop_at(on, stores)
        scene.phone.tap_soon("main .part:last-of-type button")
        scene.stands()

    return play


def sign_in_form(scene: Scene) -> None:
    """The session has ended while the outbox is full."""
    scene.phone.context.clear_cookies()
    scene.save()
    scene.phone.pocket()
    scene.phone.page.click(".banner:has-text('登录') button")
    scene.phone.page.fill("[name=password]", PASSWORD)


def entering(scene: Scene) -> None:
    sign_in_form(scene)
    stopped = scene.gate("answered", "POST", SESSION)
    scene.phone.tap_soon("form button[type=submit]")
    stopped.wait()


def entered(on: str, stores: list[str], count: int = 1) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        sign_in_form(scene)
        scene.stop_at(on, stores, count)
        scene.phone.tap_soon("form button[type=submit]")
        scene.stands()

    return play


def first_pull(on: str, stores: list[str], count: int) -> Callable[[Scene], None]:
    """Everything that was pulled had left with its reader, and comes again: a thousand records."""

    def play(scene: Scene) -> None:
        leave(scene)
        scene.phone.page.click("main >> text=还是退出")
        scene.phone.page.fill("[name=login]", "worker")
        scene.phone.page.fill("[name=password]", PASSWORD)
        scene.line.dead = False
        scene.stop_at(on, stores, count)
        scene.phone.tap_soon("form button[type=submit]")
        scene.stands()

    return play


def switching(scene: Scene) -> None:
    """A new version takes over while the outbox is full."""

    def meddle(_method: str, path: str, answer: Answer) -> Answer:
        if path == "/app/sw.js":
            return replace(answer, body=answer.body + f"\n// {time.time_ns()}\n".encode())
        return Answer(502, {}, b"") if path == SYNC else answer

    scene.line.meddle = meddle
    scene.save()
    page = scene.phone.page
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => null)")
    expect(page.locator(".banner", has_text="新版本")).to_be_visible()
    scene.stop_at("controllerchange", [])
    scene.phone.tap_soon(".banner:last-child button")
    scene.stands()


def answer(scene: Scene) -> None:
    """Open a case of one's own that says it is done."""
    page = scene.phone.page
    scene.phone.open()
    done = page.locator(".case", has_text="已办结")
    done.nth(0).click()
    expect(page.locator(".actions >> text=没修好")).to_be_visible()
    scene.about = page.url.rsplit("/", 1)[1]
    scene.pictures = 0


def answering(milliseconds: int | None) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        answer(scene)
        scene.targets = scene.phone.processes()
        if milliseconds is None:
            scene.stop_at("complete", ["outbox", "drafts"])
        scene.phone.page.evaluate(TAP_NOT_FIXED)
        if milliseconds is None:
            scene.stands()
        else:
            time.sleep(milliseconds / 1000)  # the moment itself

    return play


TAP_NOT_FIXED: Final = """() => void setTimeout(() =>
  [...document.querySelectorAll(".actions button")].find((each) => each.textContent.includes("没修好")).click())"""


def together(scene: Scene) -> None:
    """The power of the whole street goes, server and all, when the server has committed and not yet answered."""
    sending("answered")(scene)
    scene.server.kill()


def twice(scene: Scene) -> None:
    """It dies, and dies again while it starts."""
    sending("answered")(scene)
    scene.strike()
    scene.phone.on()
    scene.phone.page.evaluate("(to) => void setTimeout(() => location.assign(to))", f"{scene.phone.url}/app/#/")
    scene.targets = scene.phone.processes()
    time.sleep(0.2)  # the moment itself: it is just starting


@dataclass(frozen=True)
class Moment:
    """`leaves`: what must be found of the report when the phone is on again."""

    name: str
    play: Callable[[Scene], None]
    leaves: str


MOMENTS: Final = (
    Moment("the camera is open", camera_open, "nothing"),
    Moment("a picture is being kept", picture("put"), "nothing"),
    Moment("a picture has just been kept", picture("complete"), "draft"),
    Moment("words are being typed", typing, "draft"),
    *(Moment(f"{ms} ms after the tap on 上报", tapped(ms), "either") for ms in (0, 5, 20, 50, 100)),
    Moment("the change is being written", saving("add", ["outbox"]), "draft"),
    Moment("the form is leaving the notebook", saving("delete", ["drafts"]), "draft"),
    Moment("the transaction is just complete", saving("complete", ["outbox", "drafts"]), "entry"),
    Moment("the ten seconds are running", ten_seconds, "entry"),
    Moment("it is being taken back", taking_back("delete", ["outbox"]), "entry"),
    Moment("it has just been taken back", taking_back("complete", ["outbox", "drafts"]), "draft"),
    Moment("the request is on its way", sending("asked"), "entry"),
    Moment("the server has it and has not answered", sending("answered"), "entry"),
    Moment("half of the reply is here", sending("half answered"), "entry"),
    Moment("the reply is here and not yet stored", storing("begin", REPLY), "entry"),
    Moment("it moves from the outbox to the journal", storing("put", ["journal"]), "entry"),
    Moment("the reply is just stored", storing("complete", REPLY), "entry"),
    Moment("the preview is on its way", uploading("asked", "PATCH", lambda: nth(1)), "entry"),
    Moment("half of the picture is there", uploading("half asked", "PATCH", lambda: is_full), "entry"),
    Moment("the picture is there and not confirmed", uploading("answered", "PATCH", lambda: is_full), "entry"),
    Moment("between two pictures", uploading("asked", "POST", lambda: nth(4), pictures=2), "entry"),
    Moment("many records are being stored", first_pull("put", ["records"], 500), "entry"),
    Moment("many records are just stored", first_pull("complete", ["records", "cursors"], 1), "entry"),
    Moment("a new version takes over", switching, "entry"),
    Moment("the sign-in is on its way back", entering, "entry"),
    Moment("the sign-in is being stored", entered("put", ["accounts"]), "entry"),
    Moment("the sign-in is just stored", entered("complete", ["accounts"]), "entry"),
    Moment("what was pulled leaves with its reader", leaving("clear", ["records"]), "entry"),
    Moment("somebody has just signed out", leaving("complete", ["accounts"]), "entry"),
    Moment("没修好 was tapped this moment", answering(0), "answer or not"),
    Moment("没修好 is just stored", answering(None), "entry"),
    Moment("the server dies with it", together, "entry"),
    Moment("it dies again while it starts", twice, "entry"),
)


# ---------------------------------------------------------------------------------------------- the proof


class Survivor:
    """The phone that goes on from test to test."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self._phone: Handset | None = None
        self.sound = False
        """The last test has left everything as it should be."""

    def phone(self) -> Handset:
        self.street.line.clear()
        if not self.sound or self._phone is None:
            self.end()
            self.street.server.start()
            self._phone = self.street.phone("worker", TELL, STAND_STILL)
            self._phone.sleep()
        self.sound = False
        return self._phone

    def end(self) -> None:
        self.street.line.clear()
        self.street.server.kill()
        if self._phone:
            self._phone.kill()


@pytest.fixture(scope="module")
def survivor(street: Street) -> Iterator[Survivor]:
    made = Survivor(street)
    yield made
    made.end()


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_L4_whatever_was_said_to_be_saved_outlives_the_browser_and_arrives_once(
    survivor: Survivor, moment: Moment
) -> None:
    street = survivor.street
    scene = Scene(survivor.phone(), street.line, street.server, note=f"第{MOMENTS.index(moment)}号:{time.time_ns()}")
    moment.play(scene)
    scene.strike()
    back_without_a_line(scene)
    found = what_is_found(scene, moment)
    if stands_at(scene.phone) != "signed out":
        counters_are_true(scene.phone)
    with_a_line_again(scene)
    finish(scene, found)
    survivor.sound = True


def back_without_a_line(scene: Scene) -> None:
    said = list(scene.line.said)
    scene.line.clear()
    scene.line.said.extend(said)
    scene.line.dead = True
    scene.phone.on()
    scene.phone.open()
    expect(scene.phone.page.locator(".hero, [name=login]").first).to_be_visible()


def what_is_found(scene: Scene, moment: Moment) -> str:
    """Never both, never less than was said, and the draft whole."""
    phone = scene.phone
    entries = [*saying(phone, "outbox", scene.words), *saying(phone, "journal", scene.words)]
    drafts = phone.stored("drafts")
    drafts = [row["body"]["plain"] for row in drafts if not row["binned"] and row["body"]["plain"]["pictures"]]
    found = "entry" if entries else "draft" if drafts else "nothing"
    assert len(entries) + len(drafts) <= 1
    assert found in {"either": ("entry", "draft"), "answer or not": ("entry", "nothing")}.get(
        moment.leaves, (moment.leaves,)
    )
    if any("已存手机" in words or "记下了" in words for words in scene.line.said) and "taken back" not in moment.name:
        assert found == "entry", f"it was said to be saved: {scene.line.said}"
    if found == "draft" and scene.pictures and "picture" not in moment.name:
        assert (drafts[0]["note"][: len(scene.note)], len(drafts[0]["pictures"])) == (scene.note, scene.pictures)
    assert phone.page.locator(".banner-urgent").count() == 0, "it says that something is lost"
    return found


def with_a_line_again(scene: Scene) -> None:
    """The line is back; where the session did not survive, its writer signs in again."""
    phone = scene.phone
    scene.line.clear()
    if not scene.server.runs:
        scene.server.start()
    before = len(scene.line.calls)
    phone.nudge()
    stands = stands_at(phone)
    if stands != "signed out":
        phone.pocket()
        stands = where_it_comes_to(phone, lambda: scene.line.synced(before))
    if stands == "signed out":
        phone.open("/signin")
        phone.page.fill("[name=login]", "worker")
        phone.page.fill("[name=password]", PASSWORD)
        phone.page.click("form button[type=submit]")
        expect(phone.page.locator(".hero")).to_be_visible()
        phone.pocket()
        phone.pill("已同步")


def finish(scene: Scene, found: str) -> None:
    """Go on where it stopped, as its writer would; then everything is there once."""
    phone, page = scene.phone, scene.phone.page
    if found == "draft":
        page.click(".note")
        page.click(".draft .button-main")
        expect(page.locator(".picture img")).to_have_count(scene.pictures)
        page.fill("textarea", scene.note)
        phone.send()
    elif found == "nothing" and scene.about:
        phone.open(f"/case/{scene.about}")
        page.click(".actions >> text=没修好")
        phone.until(lambda: phone.stored("outbox") != [], "the answer was never saved")
    elif found == "nothing":
        scene.save()
    if found != "entry":
        phone.pocket()
    all_arrives(scene)


def all_arrives(scene: Scene) -> None:
    nothing_waits(scene.phone)
    ledger = Ledger(scene.server.config)
    if scene.about:
        mine = [each for each in ledger.changes(scene.about) if each["set"].get("status", {}).get("to") == "working"]
        assert len([each for each in mine if each["device"] == mine[-1]["device"]]) == 1
    else:
        record = arrived_once(ledger, scene.note, scene.pictures)["record"]
        for sha256 in ledger.record(record).get("photos", {}):
            assert scene.phone.context.request.get(f"{scene.line.url}/api/v1/photos/{sha256}?size=full").ok
