"""Being nudged, in a real browser: the worker shows it and wakes the page; the switch says truly whether it can."""

from __future__ import annotations

import json
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.phone.colleague import Colleague
from tests.phone.handset import Handset
from tests.phone.street import Street
from tests.phone.test_notices import publish
from tests.phone.test_screens import AXE, RUN_AXE, look, wear

SERVICE: Final = """() => {
  let made = null;
  const key = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const keys = { p256dh: key(new Uint8Array(65).fill(4)), auth: key(new Uint8Array(16).fill(7)) };
  const subscription = { endpoint: "https://push.example.org/phone", toJSON: () => ({ endpoint: subscription.endpoint, keys }), unsubscribe: async () => { made = null; return true; } };
  PushManager.prototype.subscribe = async function ({ applicationServerKey }) { window.signedFor = applicationServerKey.length; made = subscription; return made; };
  PushManager.prototype.getSubscription = async () => made;
  Object.defineProperty(Notification, "permission", { get: () => "granted" });
  Notification.requestPermission = async () => "granted";
}"""
"""A push service that the browser of these tests does not have: everything else is real."""


NO_SERVICE: Final = """() => {
  PushManager.prototype.subscribe = async () => { throw new DOMException("Registration failed - push service not available", "AbortError"); };
}"""
"""What Chrome says where its own service cannot be reached."""


LITTLE_ROOM: Final = """
StorageManager.prototype.estimate = async () => ({ quota: 1.2e8, usage: 0 });
StorageManager.prototype.persisted = async () => false;
"""
"""What a private window of an older Chromium says; this one says the same there as everywhere."""


@pytest.fixture
def phone(quiet_street: Street) -> Handset:
    return quiet_street.phone("worker")


def allow(phone: Handset) -> None:
    phone.context.grant_permissions(["geolocation", "camera", "notifications"], origin=phone.url)


def test_a_push_is_shown_by_the_worker_and_the_open_page_syncs_at_once(phone: Handset, quiet_street: Street) -> None:
    allow(phone)
    browser = phone.context.new_cdp_session(phone.page)
    workers: list[dict[str, str]] = []
    browser.on("ServiceWorker.workerRegistrationUpdated", lambda event: workers.extend(event["registrations"]))
    browser.send("ServiceWorker.enable")
    phone.until(lambda: workers, "no worker was ever registered")
    phone.rests()
    publisher = Colleague(quiet_street.server.base_url, "supervisor")
    community = next(each["book"] for each in publisher.books if each["kind"] == "community")
    publish(publisher, community, title="被推送叫醒的")
    nudge = {"topic": "notice", "title": "网格行", "body": "有新通知,点开看看。", "lang": "zh-CN"}
    browser.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": phone.url, "registrationId": workers[0]["registrationId"], "data": json.dumps(nudge)},
    )
    # No nudge of the test's own: the half minute of the timer is longer than this waits.
    expect(phone.page.locator(".notice", has_text="被推送叫醒的")).to_be_visible(timeout=10_000)
    shown = "navigator.serviceWorker.ready.then((it) => it.getNotifications()).then((all) => all.map((each) => [each.title, each.body, each.tag]))"
    phone.until(lambda: phone.page.evaluate(shown), "nothing was shown")
    assert phone.page.evaluate(shown) == [["网格行", "有新通知,点开看看。", "notice"]]


def test_where_no_push_service_is_to_be_had_the_switch_says_so_and_nobody_is_blamed(phone: Handset) -> None:
    phone.page.evaluate(SERVICE)
    phone.page.evaluate(NO_SERVICE)
    phone.page.evaluate("location.hash = '#/me/reminders'")
    phone.page.click("text=打开提醒")
    expect(phone.page.locator(".card").first).to_contain_text("国内的安卓手机大多这样")
    expect(phone.page.locator("main")).to_contain_text("不开也不误事")


def test_the_switch_turns_it_on_and_off_and_keeps_the_night(phone: Handset) -> None:
    phone.page.evaluate(SERVICE)
    phone.page.evaluate("location.hash = '#/me/reminders'")
    phone.page.click("text=打开提醒")
    expect(phone.page.locator(".push-on")).to_have_text("开着")
    assert phone.page.evaluate("window.signedFor") == 65
    says = "fetch('/api/v1/push').then((answer) => answer.json())"
    assert phone.page.evaluate(says)["quiet"] == {"from": 1290, "to": 390}
    phone.page.fill("input[type=time] >> nth=0", "20:00")
    phone.page.press("input[type=time] >> nth=0", "Tab")
    phone.until(lambda: phone.page.evaluate(says)["quiet"]["from"] == 1200, "the night was never told")
    phone.page.click("text=关掉提醒")
    expect(phone.page.locator(".push-state")).to_have_text("没开")
    assert phone.page.evaluate(says)["on"] is False


def test_the_page_of_reminders_suits_every_eye_and_hand(phone: Handset) -> None:
    wrong = {}
    for size, display in (
        ((390, 844), {}),
        ((320, 640), {"text": "largest", "theme": "dark"}),
        ((360, 740), {"language": "en"}),
    ):
        phone.page.set_viewport_size({"width": size[0], "height": size[1]})
        wear(phone, **display)
        phone.open("/me/reminders")
        expect(phone.page.locator(".push-state")).to_be_visible()
        phone.page.evaluate(AXE)
        found = {"axe": phone.page.evaluate(RUN_AXE), **look(phone.page)}
        if found != {"axe": [], "targets": [], "letters": [], "wider": 0}:
            wrong[str(size)] = found
    assert wrong == {}


def test_a_window_that_can_keep_nothing_says_so(quiet_street: Street) -> None:
    phone = quiet_street.new_phone("Object.defineProperty(window, 'indexedDB', { value: undefined });")
    phone.open()
    expect(phone.page.locator(".banner-urgent")).to_contain_text("存不住东西")
    phone.faults.clear()
    private = quiet_street.new_phone(LITTLE_ROOM)
    private.open()
    expect(private.page.locator(".banner-again")).to_contain_text("无痕窗口")
    ordinary = quiet_street.new_phone()
    ordinary.open()
    expect(ordinary.page.locator("[name=login]")).to_be_visible()
    ordinary.page.evaluate("navigator.storage.estimate()")  # it has been asked, and has answered, by now
    expect(ordinary.page.locator(".banner")).to_have_count(0)


def test_a_screen_that_cannot_be_fetched_has_words_and_a_way_on(quiet_street: Street) -> None:
    phone = quiet_street.new_phone()
    phone.context.add_init_script("delete Navigator.prototype.serviceWorker")
    phone.sign_in("worker")
    phone.pill("已同步")
    quiet_street.line.dead = True
    phone.page.evaluate("location.hash = '#/me/rescue'")
    expect(phone.page.locator(".toast")).to_contain_text("有网时再点一次")
    quiet_street.line.dead = False
    phone.page.evaluate("location.hash = '#/me/rescue'")
    phone.faults.clear()  # what the browser itself says of a piece that did not come
