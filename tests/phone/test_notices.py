"""The board in a real browser: what the community publishes reaches a phone below, is answered in one tap, comes down again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sync.clock import SystemClock, to_text
from tests.phone.colleague import IDS, Colleague
from tests.phone.handset import PASSWORD, Handset
from tests.phone.street import Street
from tests.phone.test_screens import AXE, RUN_AXE, look, wear
from tests.waiting import PATIENCE_MS

Json = dict[str, Any]
BODY = "台风「示例」今晚到。阳台上的花盆请搬进屋,楼下的车请停到高处。"


def publish(publisher: Colleague, book: str, **fields: Any) -> Json:
    """A notice, written and published at once; gives its RECORD."""
    step = {"status": {"from": None, "to": "published", "cycle": 1}}
    words = {"kind": "safety", "title": "台风今晚到", "body": BODY, "needs_ack": True}
    record = IDS.new()
    change = {"id": IDS.new(), "book": book, "record": record, "type": "notice", "schema": 1, "create": True}
    base = {"epoch": None, "seen": 0, "made_at": to_text(SystemClock().now())}
    reply = publisher.sync({**change, **base, "set": {**words, **step, **fields}})
    assert reply["receipts"][0]["outcome"] == "applied", reply["receipts"]
    return publisher.record(record)


@pytest.fixture
def publisher(quiet_street: Street) -> Colleague:
    return Colleague(quiet_street.server.base_url, "supervisor")


@pytest.fixture
def community(publisher: Colleague) -> str:
    return str(next(each["book"] for each in publisher.books if each["kind"] == "community"))


@pytest.fixture
def phone(quiet_street: Street) -> Handset:
    return quiet_street.phone("worker")


def arrived(phone: Handset, title: str) -> None:
    phone.nudge()
    expect(phone.page.locator(".notice", has_text=title).first).to_be_visible()


def test_a_safety_notice_is_on_the_home_and_one_tap_says_known_without_a_line(
    phone: Handset, publisher: Colleague, community: str, quiet_street: Street
) -> None:
    about = publish(publisher, community)
    arrived(phone, "台风今晚到")
    expect(phone.page.locator(".notice-body")).to_have_text(BODY)
    quiet_street.line.dead = True
    phone.forget_taps()
    phone.page.click(".notice .button-main")
    expect(phone.page.locator(".notice")).to_have_count(0)
    assert phone.taps == 1
    expect(phone.page.locator(".toast")).to_contain_text("好,已记下")
    quiet_street.line.dead = False
    phone.pocket()
    phone.nudge()
    phone.until(lambda: phone.stored("outbox") == [], "it was never sent")
    found = [each for book in publisher.sync()["books"] for each in book["records"] if each["type"] == "notice_ack"]
    assert [each["fields"]["notice"] for each in found].count(about["id"]) == 1


def test_known_can_be_taken_back_for_ten_seconds(phone: Handset, publisher: Colleague, community: str) -> None:
    publish(publisher, community, title="请关燃气")
    arrived(phone, "请关燃气")
    card = phone.page.locator(".notice", has_text="请关燃气")
    card.locator(".button-main").click()
    expect(card).to_have_count(0)
    phone.page.click(".toast:has-text('好,已记下') button")
    expect(card).to_be_visible()


def test_an_ordinary_notice_asks_nothing_is_read_in_the_reader_s_language_and_then_is_no_news(
    phone: Handset, publisher: Colleague, community: str
) -> None:
    english = {"en": {"title": "No water tomorrow", "body": "No water from 8 to 12."}}
    publish(publisher, community, kind="general", needs_ack=False, title="明天停水", translations=english)
    arrived(phone, "明天停水")
    card = phone.page.locator(".notice", has_text="明天停水")
    expect(card.locator("button")).to_have_count(0)
    wear(phone, language="en")
    phone.open()
    phone.page.click(".notice >> text=No water tomorrow")
    expect(phone.page.locator("h1")).to_have_text("No water tomorrow")
    expect(phone.page.locator(".notice-text")).to_have_text("No water from 8 to 12.")
    phone.page.click(".segments .segment-button >> nth=0")
    expect(phone.page.locator("h1")).to_have_text("明天停水")
    phone.open()
    expect(phone.page.locator(".hero")).to_be_visible()
    expect(phone.page.locator(".notice", has_text="No water tomorrow")).to_have_count(0)


def test_what_is_withdrawn_says_so_to_whoever_has_read_it(phone: Handset, publisher: Colleague, community: str) -> None:
    about = publish(publisher, community, kind="general", needs_ack=False, title="周六办年货节")
    arrived(phone, "周六办年货节")
    phone.page.click(".notice >> text=周六办年货节")
    expect(phone.page.locator(".notice-text")).to_be_visible()
    publisher.write(about, {"status": {"from": "published", "to": "withdrawn", "cycle": 1}})
    phone.nudge()
    expect(phone.page.locator(".trouble")).to_contain_text("撤回了")
    phone.open("/notices")
    expect(phone.page.locator(".row", has_text="周六办年货节")).to_contain_text("已撤回")


def test_conflict_16_withdrawn_at_one_desk_while_another_mends_a_typo_is_withdrawn_everywhere_and_the_words_are_kept(
    phone: Handset, publisher: Colleague, community: str, quiet_street: Street, desk_browser: Browser
) -> None:
    notices = [publish(publisher, community, kind="general", needs_ack=False, title="明天停谁") for _ in range(2)]
    arrived(phone, "明天停谁")
    other = quiet_street.phone("head")
    with seat(desk_browser, quiet_street, "supervisor") as hers, seat(desk_browser, quiet_street, "command") as theirs:
        for about, typo_first in zip(notices, (False, True), strict=True):
            for desk in (hers, theirs):  # both read it before the other has written anything
                desk.goto(f"/console/notices/{about['id']}")
            theirs.click("details:has(#form-correct) > summary")
            theirs.fill("#form-correct [name=body]", f"明天停水 {typo_first}")
            acts = [(theirs, "#form-correct"), (hers, "#form-withdraw")]
            for desk, form in acts if typo_first else acts[::-1]:
                desk.click(f"{form} button[type=submit]")
                expect(desk.locator("#notice .notice")).to_be_visible()
            for desk in (hers, theirs):
                desk.reload()
                expect(desk.locator("[data-withdrawn]")).to_be_visible()
                expect(desk.locator("#board-notice")).to_contain_text(f"明天停水 {typo_first}")
    for about, typo_first in zip(notices, (False, True), strict=True):
        standing = publisher.record(about["id"])
        assert standing["fields"]["status"] == {"status": "withdrawn", "cycle": 1}
        assert [each["text"] for each in standing["fields"]["draft"]] == [f"明天停水 {typo_first}"]
        assert standing.get("conflicts", {}) == {}
        for reader in (phone, other):
            says_withdrawn(reader, about["id"])


def says_withdrawn(reader: Handset, notice: str) -> None:
    def state() -> str:
        found = [row["body"]["plain"] for row in reader.stored("records") if row["id"] == notice]
        return str(found[0]["fields"]["status"]["status"]) if found else ""

    reader.nudge()
    reader.until(lambda: state() == "withdrawn", "it hangs there still")
    reader.open(f"/notices/{notice}")
    expect(reader.page.locator(".trouble")).to_contain_text("撤回了")


@contextmanager
def seat(browser: Browser, street: Street, login: str) -> Iterator[Page]:
    """Somebody at a desk of their own, signed in."""
    with browser.new_context(locale="zh-CN", base_url=street.server.base_url) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto("/console/sign-in?next=/console/notices")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("#sign-in form >> nth=0 >> button")
        page.wait_for_url(lambda url: "sign-in" not in url)
        yield page


def test_a_notice_for_guards_is_not_news_for_a_worker(phone: Handset, publisher: Colleague, community: str) -> None:
    publish(
        publisher, community, title="护学岗带雨衣", kind="general", needs_ack=False, audience={"school_guard": True}
    )
    publish(publisher, community, title="大家注意防滑", kind="general", needs_ack=False)
    arrived(phone, "大家注意防滑")
    expect(phone.page.locator(".notice", has_text="护学岗带雨衣")).to_have_count(0)


def test_the_board_suits_every_eye_and_hand(phone: Handset, publisher: Colleague, community: str) -> None:
    about = publish(publisher, community, title="花盆搬进屋,车停到高处,今晚不要出门")
    arrived(phone, "花盆搬进屋,")
    wrong = {}
    for name, (size, display) in LOOKS.items():
        phone.page.set_viewport_size(size)  # type: ignore[arg-type]
        wear(phone, **display)
        for screen in ("/", "/notices", f"/notices/{about['id']}"):
            phone.open(screen)
            phone.page.reload()  # nothing of the screen before is there any more
            expect(phone.page.locator("main h1").first).to_be_visible()
            expect(phone.page.locator(".notice, .row, .notice-text").first).to_be_visible()
            phone.page.evaluate(AXE)
            found = {"axe": phone.page.evaluate(RUN_AXE), **look(phone.page)}
            if found != {"axe": [], "targets": [], "letters": [], "wider": 0}:
                wrong[f"{name} {screen}"] = found
    assert wrong == {}


LOOKS: dict[str, tuple[dict[str, int], Json]] = {
    "390": ({"width": 390, "height": 844}, {}),
    "320 largest dark": ({"width": 320, "height": 640}, {"text": "largest", "theme": "dark"}),
    "360 elder English": ({"width": 360, "height": 740}, {"text": "elder", "language": "en"}),
}
