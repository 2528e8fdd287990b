"""A round with no line: one tap to begin, one a stop, one to finish; two where all is fine, four where one thing is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import segno
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from domain.records.codes import place_code
from domain.records.round import round_code
from sync.clock import SystemClock, to_text
from sync.ids import derived
from tests.phone.colleague import IDS, Colleague
from tests.phone.handset import SEND, Handset, photo
from tests.phone.street import Street
from tests.phone.test_screens import AXE, LOOKS, RUN_AXE, look, wear

GRID: Final = derived("demo", "place", "LW1")
HOUSE: Final = derived("building", GRID, "3")
HOUR: Final = 3_600_000
START: Final = ".round-card .button-big"
TILE: Final = ".stop-tile"


@pytest.fixture(scope="module")
def module_phone(street: Street) -> Iterator[Handset]:
    made = street.phone("worker")
    made.sleep()
    made.page.wait_for_selector(START)
    yield made
    assert street.put_away() == []


@pytest.fixture
def phone(module_phone: Handset) -> Iterator[Handset]:
    """The worker's phone, no line, nothing running. What a test leaves running it finishes."""
    module_phone.context.set_offline(True)
    module_phone.open()
    expect(module_phone.page.locator(START)).to_be_visible()
    module_phone.forget_taps()
    yield module_phone
    module_phone.open()
    finish = module_phone.page.locator(".round-now .two button")
    module_phone.until(lambda: finish.count() or module_phone.page.locator(START).count(), "no card")
    if finish.count():
        finish.click()
        expect(module_phone.page.locator(".sums")).to_be_visible()
    module_phone.context.set_offline(False)
    module_phone.pocket()
    module_phone.nudge()
    module_phone.open()
    module_phone.pill("已同步")


def begin(phone: Handset, kind: str = "消防") -> Page:
    page = phone.page
    page.click(".choose-kind")
    page.click(f".round-kinds label:has-text('{kind}')")
    phone.forget_taps()
    page.click(START)
    expect(page.locator(TILE).first).to_be_visible()
    return page


def finish(phone: Handset) -> None:
    phone.page.click(".finish")
    expect(phone.page.locator(".sums")).to_be_visible()


def written(phone: Handset, type: str = "round") -> list[dict[str, Any]]:
    """What was written here and not sent yet, oldest first."""
    bodies = [row["body"]["plain"] for row in phone.stored("outbox")]
    return sorted((each for each in bodies if each["type"] == type), key=lambda each: str(each["id"]))


def arrived(phone: Handset) -> None:
    """The line is back: all of it reaches the server."""
    phone.context.set_offline(False)
    phone.pocket()
    phone.nudge()
    phone.until(lambda: phone.stored("outbox") == [], "it did not go out")
    assert phone.stored("refused") == []


def test_a_round_is_one_tap_a_stop_one_and_the_end_one(phone: Handset, street: Street) -> None:
    page = begin(phone)
    assert phone.taps == 1
    phone.forget_taps()
    page.click(f"{TILE} >> nth=2")
    expect(page.locator(".check-row").first).to_be_visible()
    assert phone.taps == 1
    page.click(".sheet-head a")
    expect(page.locator(".stop-looked")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("看过了")
    phone.forget_taps()
    finish(phone)
    assert phone.taps == 1
    expect(page.locator(".sums")).to_contain_text("看过 1 处")
    begun, looked, ended = written(phone)
    assert begun["create"] is True
    assert [stop["method"] for stop in looked["set"]["stops"].values()] == ["hand"]
    assert ended["set"]["status"] == {"from": "active", "to": "done", "cycle": 1}
    arrived(phone)
    head = Colleague(street.server.base_url, "head")
    assert head.record(begun["record"])["fields"]["status"]["status"] == "done"


def test_all_fine_is_two_taps_and_can_be_taken_back(phone: Handset) -> None:
    page = begin(phone)
    phone.forget_taps()
    page.click(f"{TILE} >> nth=0")
    page.click(".all-fine")
    expect(page.locator(".stop-fine")).to_have_count(1)
    assert phone.taps == 2
    assert len(written(phone)[-1]["set"]["checks"]) == 8
    page.click(".toast:has-text('都正常') button")  # not the toast of the look before it
    expect(page.locator(".stop-fine")).to_have_count(0)
    expect(page.locator(".stop-looked")).to_have_count(1)


def test_one_thing_wrong_is_reported_in_four_taps_with_its_place_and_its_round(phone: Handset, street: Street) -> None:
    page = begin(phone)
    name = page.locator(f"{TILE} strong >> nth=1").inner_text()
    phone.forget_taps()
    page.click(f"{TILE} >> nth=1")
    page.click(".check-row >> nth=6 >> button")
    page.click(".shutter:enabled")
    expect(page.locator(".place-row")).to_contain_text(name)
    page.click(SEND)
    expect(page.locator(".check-bad")).to_have_count(1)
    assert phone.taps == 4
    expect(page.locator(".case")).to_have_count(1)
    (case,) = (each for each in written(phone, "case"))
    begun, looked, _bad = written(phone)
    (stop,) = looked["set"]["stops"].values()
    wanted = {"place_id": stop["place"], "round_id": begun["record"], "source": "round", "category": "ebike"}
    assert {key: case["set"][key] for key in wanted} == wanted
    page.click(".sheet-head a")
    expect(page.locator(".stop-bad")).to_have_count(1)
    finish(phone)
    expect(page.locator(".case")).to_have_count(1)
    arrived(phone)
    told = Colleague(street.server.base_url, "head").record(begun["record"])["fields"]
    assert told["cases"] == {case["record"]: {"place": stop["place"]}}


def test_what_was_called_wrong_by_mistake_is_fine_after_all(phone: Handset) -> None:
    page = begin(phone)
    page.click(f"{TILE} >> nth=0")
    page.click(".check-row >> nth=0 >> button")
    expect(page.locator(".shutter")).to_be_visible()
    page.click(".camera-side >> nth=0")
    page.click(".check-bad >> text=其实正常")
    expect(page.locator(".check-bad")).to_have_count(0)
    expect(page.locator(".check-fine")).to_have_count(1)


def test_a_round_survives_a_killed_phone(phone: Handset) -> None:
    begin(phone).click(f"{TILE} >> nth=3")
    expect(phone.page.locator(".all-fine")).to_be_visible()
    phone.kill()
    phone.on()
    phone.context.set_offline(True)
    phone.open()
    card = phone.page.locator(".round-now")
    expect(card).to_contain_text("看过 1 处")
    phone.forget_taps()
    card.locator("button").last.click()
    expect(phone.page.locator(".sums")).to_be_visible()
    assert phone.taps == 1


def test_axe_finds_nothing_on_a_round_large_dark_and_in_english(phone: Handset) -> None:
    page = begin(phone)
    round_id = page.url.rsplit("/", 1)[-1]
    page.click(f"{TILE} >> nth=0")
    page.click(".all-fine")
    page.click(f"{TILE} >> nth=1")
    page.click(".check-row >> nth=0 >> button")
    expect(page.locator(".shutter")).to_be_visible()
    page.click(".camera-side >> nth=0")
    expect(page.locator(".check-bad")).to_be_visible()
    at = page.url.rsplit("/", 1)[-1]
    screens = {
        "/": ".round-now",
        f"/round/{round_id}": ".stop-bad",
        f"/round/{round_id}/at/{at}": ".check-bad",
        f"/round/{round_id}/invite": ".invite-code svg",
        "/walk/ABC234/fire": ".invite h1",
        "/scan": ".scanner-type",
        "/at/ZZZZZZ": "main .button",
    }
    wrong: dict[str, Any] = {}
    for name, (size, display) in list(LOOKS.items())[1:]:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        wear(phone, **display)
        for path, shown in screens.items():
            phone.open(path)
            expect(page.locator(shown).first).to_be_visible()
            page.evaluate(AXE)
            found = {"axe": page.evaluate(RUN_AXE), **look(page)}
            if found != {"axe": [], "targets": [], "letters": [], "wider": 0}:
                wrong[f"{name} {path}"] = found
    page.set_viewport_size({"width": 390, "height": 844})
    wear(phone)
    assert wrong == {}


# ------------------------------------------------------------------------------------------------------- signs and codes


def test_a_sign_that_the_phones_camera_opens_is_a_look_while_a_round_runs_and_else_a_place(phone: Handset) -> None:
    page, sign = phone.page, f"/at/{place_code(HOUSE)}"
    phone.open(sign)
    expect(page.locator("h1")).to_have_text("柳湾里3号楼")
    expect(page.locator("main >> text=拍照上报")).to_be_visible()
    phone.open("/at/ZZZZZZ")  # a sign of nobody's, right after: not the place before it
    expect(page.locator("h1 + p")).to_contain_text("码 ZZZZZZ 不在您的地方里")
    phone.open("/at/smudged")  # no code at all
    expect(page.locator("h1 + p")).to_contain_text("码是 6 位字母和数字")
    phone.open(sign)
    expect(page.locator("h1")).to_have_text("柳湾里3号楼")
    phone.forget_taps()
    page.click("text=从这里开始巡查")
    expect(page.locator(".check-row").first).to_be_visible()
    assert phone.taps == 1
    other = derived("building", GRID, "5")
    phone.open(f"/at/{place_code(other)}")
    expect(page.locator(".sheet-head h1")).to_have_text("柳湾里5号楼")
    stops = [stop for each in written(phone) for stop in each["set"].get("stops", {}).values()]
    assert [(stop["place"], stop["method"]) for stop in stops] == [(HOUSE, "scan"), (other, "scan")]


def test_a_sign_scanned_before_anybody_signed_in_still_leads_there(street: Street) -> None:
    fresh = street.new_phone()
    fresh.open(f"/at/{place_code(HOUSE)}")
    fresh.page.fill("[name=login]", "worker")
    fresh.page.fill("[name=password]", "gridwalk")
    fresh.page.click("form button[type=submit]")
    expect(fresh.page.locator("h1")).to_have_text("柳湾里3号楼")
    fresh.off()


@pytest.mark.parametrize(("typed", "heading"), [("", "柳湾里3号楼"), ("ABCDEF", "没找到这个点位")])
def test_a_code_is_typed_where_no_camera_reads_it(phone: Handset, typed: str, heading: str) -> None:
    page = phone.page
    phone.open("/scan")
    page.fill(".scanner-foot input >> nth=0", "12")
    page.click(".scanner-foot .button-main")
    expect(page.locator(".scanner-hint")).to_contain_text("6 位")
    page.fill(".scanner-foot input >> nth=0", typed or f" {place_code(HOUSE)[:3].lower()}-{place_code(HOUSE)[3:]} ")
    page.click(".scanner-foot .button-main")
    expect(page.locator("h1")).to_have_text(heading)


def test_a_code_is_read_from_a_photo_of_a_sign(phone: Handset, tmp_path: Path) -> None:
    """The app's own reader, on a sign as it hangs there: askew, unevenly lit, in a JPEG."""
    drawn = tmp_path / "sign.png"
    segno.make(f"{phone.url}/app/#/at/{place_code(HOUSE)}", error="m").save(str(drawn), scale=9, border=4)
    with Image.open(drawn) as plain:
        wall = Image.new("RGB", (1600, 1200), "#b9b2a3")
        askew = plain.convert("RGBA").rotate(11, expand=True, resample=Image.Resampling.BICUBIC)
        wall.paste(askew, (500, 260), askew)
    Image.blend(wall, Image.linear_gradient("L").resize(wall.size).convert("RGB"), 0.3).save(
        tmp_path / "p.jpg", quality=70
    )
    phone.open("/scan")
    phone.page.set_input_files(".scanner-file input", tmp_path / "p.jpg")
    expect(phone.page.locator("h1")).to_have_text("柳湾里3号楼")
    phone.open("/scan")
    phone.page.set_input_files(".scanner-file input", [photo("no code")])
    expect(phone.page.locator(".scanner-hint")).to_contain_text("没认出码")


@contextmanager
def filmed(street: Street, text: str, folder: Path) -> Iterator[Handset]:
    """A phone whose camera sees this code."""
    film = folder / "code.y4m"
    code = folder / "code.png"
    segno.make(text, error="m").save(str(code), scale=8, border=4)
    with Image.open(code) as plain:
        scene = Image.new("L", (640, 480), 150)
        scene.paste(plain.convert("L").resize((400, 400)), (110, 40))
    grey = bytes([128]) * (320 * 240)
    frame = b"FRAME\n" + scene.tobytes() + grey + grey
    film.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 2)

    class Filmed(Handset):
        more_args = (f"--use-file-for-fake-video-capture={film}",)

    playwright: Playwright = street.playwright
    made = Filmed(playwright, street.browser, street.folder("filmed"), street.line.url)
    street.phones.append(made)
    yield made
    made.off()


def test_two_walk_together_though_neither_has_a_line(phone: Handset, street: Street, tmp_path: Path) -> None:
    """The leader shows the code, the colleague's camera reads it, and both find it together once they are back."""
    page = begin(phone, "夜巡")
    leaders = str(written(phone)[0]["record"])
    page.click("text=一起走")
    expect(page.locator(".invite-code svg")).to_be_visible()
    expect(page.locator(".spoken")).to_have_text(round_code(leaders))
    shown = tmp_path / "shown.png"
    page.locator(".invite-code svg").screenshot(path=shown)
    link = read_back(phone, shown)
    assert link.startswith(f"/walk/{round_code(leaders)}/night/")
    with filmed(street, f"{phone.url}/app/#{link}", tmp_path) as colleague:
        colleague.sign_in("worker2").settle()
        colleague.pill("已同步")
        colleague.context.set_offline(True)
        walked = join(colleague)
        arrived(colleague)  # before the leader's round is there
    page.click(".back")
    page.click(f"{TILE} >> nth=1")
    expect(page.locator(".all-fine")).to_be_visible()
    phone.until(lambda: "stops" in written(phone)[-1]["set"], "the look was never saved")
    arrived(phone)
    phone.open(f"/round/{leaders}")
    expect(page.locator(".stop-fine")).to_have_count(1)  # the colleague's, seen by the leader
    assert walked["set"]["with_code"] == round_code(leaders)
    assert walked["set"]["kind"] == "night"


def join(colleague: Handset) -> dict[str, Any]:
    """扫一扫, the camera reads, 一起走; then one stop that is fine. Gives the round as it was begun."""
    page = colleague.page
    page.click(".round-more a")
    expect(page.locator("h1:has-text('李网格员01')")).to_be_visible(timeout=20_000)
    page.click(".invite .button-main")
    page.click(f"{TILE} >> nth=0")
    page.click(".all-fine")
    expect(page.locator(".stop-fine")).to_have_count(1)
    return written(colleague)[0]


def read_back(phone: Handset, picture: Path) -> str:
    """What the code on a screen says, read by the app's own reader: the address that it leads to."""
    tab = phone.tab_at("/scan")
    tab.page.set_input_files(".scanner-file input", picture)
    tab.page.wait_for_url(re.compile("/walk/"))
    path = tab.page.url.split("#")[1]
    tab.page.close()
    return path


# ------------------------------------------------------------------------------------------------------ plans, idle, tracks


def made_by(colleague: Colleague, about: dict[str, Any]) -> str:
    """A round written by an account on another device of theirs."""
    record = IDS.new()
    epoch = colleague.sync(limit=0)["epoch"]
    change = {"id": IDS.new(), "book": GRID, "record": record, "type": "round", "schema": 1, "epoch": epoch, "seen": 0,
              "made_at": to_text(SystemClock().now()), "create": True, "set": about}  # fmt: skip
    assert colleague.sync(change, limit=0)["receipts"][0]["outcome"] == "applied"
    return record


def test_a_planned_round_lists_its_stops_and_says_kindly_that_some_are_left(phone: Handset, street: Street) -> None:
    houses = [derived("building", GRID, number) for number in ("7", "2")]
    wanted = {house: {"order": order} for order, house in enumerate(houses)}
    planned = {
        "place_id": GRID,
        "kind": "flood",
        "status": {"from": None, "to": "planned", "cycle": 1},
        "wanted": wanted,
    }
    plan = made_by(Colleague(street.server.base_url, "head"), planned)
    page = phone.page
    phone.context.set_offline(False)
    phone.nudge()
    card = page.locator(".round-plan", has_text="防汛")
    expect(card).to_contain_text("要看 2 处")
    phone.context.set_offline(True)
    phone.forget_taps()
    card.locator("button").click()
    expect(page.locator(f"{TILE} strong")).to_have_text(["7号楼", "2号楼"])
    assert phone.taps == 1
    page.click(f"{TILE} >> nth=0")
    page.click(".all-fine")
    finish(phone)
    expect(page.locator("h1")).to_have_text("先走到这里")
    expect(page.locator("main")).to_contain_text("这次没看:2号楼")
    page.click("text=下雨")
    expect(page.locator("[aria-pressed=true]")).to_have_text("下雨")
    arrived(phone)
    fields = Colleague(street.server.base_url, "head").record(plan)["fields"]
    assert (fields["status"]["status"], fields["cut_reason"]) == ("cut_short", "下雨")


def test_after_four_quiet_hours_the_phone_asks_and_ends_it_when_it_ended(phone: Handset, street: Street) -> None:
    own = Colleague(street.server.base_url, "worker")
    began = to_text(SystemClock().now() - 5 * HOUR)
    about = {
        "place_id": GRID,
        "kind": "daily",
        "status": {"from": None, "to": "active", "cycle": 1},
        "started_at": began,
    }
    record = made_by(own, {**about, "members": {own.account: {"at": began}}})
    phone.context.set_offline(False)
    phone.nudge()
    idle = phone.page.locator(".round-idle")
    expect(idle).to_contain_text("是不是忘了结束")
    phone.context.set_offline(True)
    phone.forget_taps()
    idle.locator("button").last.click()
    expect(phone.page.locator(".sums")).to_be_visible()
    assert phone.taps == 1
    arrived(phone)
    assert own.record(record)["fields"]["ended_at"] == began


def test_a_track_is_off_until_it_is_turned_on_then_coarse_and_it_ends_with_the_round(
    phone: Handset, street: Street
) -> None:
    phone.context.set_geolocation({"latitude": 30.7421234, "longitude": 120.4878765})
    page = begin(phone)
    page.click(f"{TILE} >> nth=0")
    page.click(".all-fine")
    expect(page.locator(".stop-fine")).to_have_count(1)
    assert written(phone, "track") == []
    page.click("text=记大概路线")
    phone.until(lambda: written(phone, "track"), "no point")
    (track,) = written(phone, "track")
    ((minute, point),) = track["set"]["points"].items()
    assert point == {"lat": 30.742, "lon": 120.488}
    assert minute.endswith(":00.000Z")
    finish(phone)
    phone.until(lambda: len(written(phone, "track")) == 2, "the track did not end")
    arrived(phone)
    head = Colleague(street.server.base_url, "head")
    assert head.record(track["record"])["fields"]["points"] == {minute: point}
    assert "track" not in {each["type"] for book in Colleague(street.server.base_url, "supervisor").sync()["books"]
                           for each in book["records"]}  # fmt: skip


@pytest.mark.parametrize("size", [(390, 844), (320, 640)])
def test_every_target_of_a_round_is_large_enough(phone: Handset, size: tuple[int, int]) -> None:
    page = begin(phone)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    small = """() => [...document.querySelectorAll('main button, main a, main label:has(input)')]
      .map((each) => each.getBoundingClientRect()).filter(({ height, width }) => height && (height < 59.5 || width < 59.5)).length"""
    wide = "() => document.documentElement.scrollWidth > innerWidth"
    for path in ("", "/invite"):
        phone.open(f"{page.url.split('#')[1].split('/invite')[0]}{path}")
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate(small) == 0
        assert not page.evaluate(wide)
    page.click(".back")
    page.click(f"{TILE} >> nth=0")
    expect(page.locator(".all-fine")).to_be_visible()
    assert page.evaluate(small) == 0
    page.set_viewport_size({"width": 390, "height": 844})


def test_what_was_finished_too_early_goes_on_and_a_word_is_kept_with_it(phone: Handset) -> None:
    page = begin(phone)
    finish(phone)
    page.fill("main textarea", "三单元灯泡买好了")
    page.click("main form button")
    expect(page.locator(".said")).to_have_text("三单元灯泡买好了")
    page.click(".toast:has-text('记下了') button")  # not the toast of the end before it
    expect(page.locator(".said")).to_have_count(0)
    page.click("text=回今天")
    page.click(START)
    finish(phone)
    page.click(".toast:has-text('巡查结束了') button")
    expect(page.locator(".finish")).to_be_visible()


def test_a_captain_and_a_guard_walk_too(street: Street) -> None:
    """One line on their home; round their own stairway and their own gate."""
    for login, first in (("captain", "柳湾里1号楼1单元"), ("guard", "吹哨口小学东门")):
        phone = street.new_phone()
        phone.enter(login)
        phone.page.click(".round-quiet")
        expect(phone.page.locator(f"{TILE} strong")).to_have_text([first])
        phone.page.click(TILE)
        phone.page.click(".all-fine")
        arrived(phone)
        phone.off()
