"""Voice notes that are never lost: not by a phone that dies while somebody speaks, nor by a refusal; heard without a line."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from playwright.sync_api import expect

from tests.phone.colleague import Colleague
from tests.phone.handset import Handset
from tests.phone.street import Street
from tests.phone.test_pictures import draft_of, plays, take
from tests.phone.test_rounds import begin, finish
from web.config import ROOT

NOTE: Final = (ROOT / "tests" / "api" / "voices" / "chromium.webm").read_bytes()
OGG: Final = (ROOT / "tests" / "api" / "voices" / "note.ogg").read_bytes()
AT_MOST_LOST_MS: Final = 1000
"""Of what had been said when the phone died."""


GOOD_LINE: Final = """Object.defineProperty(NetworkInformation.prototype, "effectiveType", { get: () => "4g" });"""
"""Whatever this machine's own line looks like to the browser while other tests run."""


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def with_microphone(phone: Handset) -> Handset:
    phone.context.grant_permissions(["camera", "microphone"], origin=phone.url)
    return phone


def shown_ms(phone: Handset) -> int:
    """How long it has been recording at least, by the full seconds on the screen."""
    minutes, _, seconds = phone.page.locator(".recorder-time").inner_text().partition("/")[0].strip().partition(":")
    return (int(minutes) * 60 + int(seconds)) * 1000 - 500


def test_L4_a_phone_that_dies_while_somebody_speaks_loses_a_second_at_most_and_a_refusal_loses_nothing(
    quiet_street: Street,
) -> None:
    phone = quiet_street.phone("worker")
    phone.sleep()  # browsers write cookies down late
    with_microphone(phone)
    take(phone, "to be left out")
    phone.page.wait_for_url("**/write/*")
    phone.page.click(".picture-drop")
    address = phone.page.url.partition("#")[2]
    phone.page.click(".voices .button")
    phone.until(lambda: shown_ms(phone) >= 2500, "nobody was heard")
    said = shown_ms(phone)
    phone.kill()
    phone.on()
    with_microphone(phone)
    phone.open(address)
    page = phone.page
    expect(page.locator(".sound")).to_have_count(1)
    (voice,) = draft_of(phone)["voices"]
    assert said - AT_MOST_LOST_MS <= voice["ms"] <= 60_000
    assert len(voice["wave"]) >= 10
    assert [row["key"] for row in phone.stored("meta") if row["key"].startswith("recording:")] == []
    plays(page)

    page.evaluate("document.querySelector('.field input[type=text]').removeAttribute('maxlength')")
    page.fill(".field input[type=text]", "三楼" * 150)  # more than the server takes
    phone.send()
    phone.pocket()
    phone.pill("有1条要看")
    phone.open("/me/entries")
    page.locator(".refused").get_by_role("button", name="改一改").click()
    expect(page.locator(".sound")).to_have_count(1)
    page.fill(".field input[type=text]", "三楼")
    phone.send()
    phone.pocket()
    phone.pill("已同步")
    phone.until(
        lambda: [(row["kind"], row["state"]) for row in phone.stored("uploads")] == [("voice", "done")],
        "the voice note never arrived",
    )
    phone.open("/me/entries")
    expect(page.locator(".rungs")).to_contain_text("语音已到")
    answer = phone.context.request.get(f"{phone.url}/api/v1/voices/{voice['sha256']}")
    assert (answer.status, answer.headers["content-type"]) == (200, voice["type"])


def test_L4_what_is_said_about_a_round_outlives_a_phone_that_dies_and_arrives(quiet_street: Street) -> None:
    phone = quiet_street.phone("worker")
    phone.sleep()
    with_microphone(phone)
    page = begin(phone)
    finish(phone)
    address = page.url.partition("#")[2]
    record = address.split("/")[2]
    page.click(".voices .button")
    phone.until(lambda: shown_ms(phone) >= 1500, "nobody was heard")
    phone.kill()
    phone.on()
    with_microphone(phone)
    phone.open(address)
    page = phone.page
    expect(page.locator(".sound")).to_have_count(1)
    plays(page)
    phone.pocket()
    phone.until(
        lambda: [row["kind"] for row in phone.stored("uploads") if row["state"] == "done"] == ["voice"], "not sent"
    )
    ((sound, about),) = Colleague(quiet_street.server.base_url, "head").record(record)["fields"]["voice"].items()
    assert about["ms"] >= 1500 - AT_MOST_LOST_MS
    answer = phone.context.request.get(f"{phone.url}/api/v1/voices/{sound}")
    assert (answer.status, answer.headers["content-type"]) == (200, about["type"])
    page.click(".sound-drop")
    expect(page.locator(".sound")).to_have_count(0)
    page.click(".toast:has-text('语音去掉了') button")
    expect(page.locator(".sound")).to_have_count(1)


def say(colleague: Colleague, case: dict[str, Any], data: bytes, kind: str) -> None:
    entry = {"type": kind, "bytes": len(data), "ms": 2000, "wave": [3, 20, 9], "taken_at": "2026-06-13T08:40:12Z"}
    assert colleague.write(case, {"voice": {sha(data): entry}}, seen=0)["outcome"] in {"applied", "merged"}
    colleague.upload(data, kind)


def sounds_of_others(phone: Handset, case: dict[str, Any]) -> set[str]:
    found = [row for row in phone.stored("bytes") if row["type"].startswith("audio/")]
    return {row["sha256"] for row in found if row["pulled_for"] == case["id"]}


def test_what_others_said_about_ones_own_case_is_heard_without_a_line_and_not_fetched_where_it_is_dear(
    quiet_street: Street,
) -> None:
    phone = quiet_street.phone("worker", GOOD_LINE)
    head = Colleague(quiet_street.server.base_url, "supervisor")
    phone.begin_report("楼道灯不亮")
    phone.send()
    phone.pocket()
    phone.pill("已同步")
    (own,) = phone.stored("journal")
    case = head.record(own["record"])
    say(head, case, NOTE, "audio/webm")
    phone.nudge()
    phone.until(lambda: sounds_of_others(phone, case) == {sha(NOTE)}, "the note was not fetched")
    phone.context.set_offline(True)
    phone.page.click(".case >> nth=0")
    plays(phone.page)
    expect(phone.page.locator(".sound-play")).to_have_attribute("aria-label", "听第1段语音")  # it came to its end
    expect(phone.page.locator(".sound .quiet")).to_have_count(0)
    phone.context.set_offline(False)

    phone.open("/me/storage")
    phone.page.click("label.segment:has-text('大图先不传')")
    say(head, case, OGG, "audio/ogg")
    phone.nudge()
    phone.until(lambda: sha(OGG) in str(phone.stored("records")), "the words did not come")
    phone.rests()
    assert sounds_of_others(phone, case) == {sha(NOTE)}
