"""P1, P2: pictures taken without a line arrive over the poorest one, though phone and server die again and again.

`make test` plays it short, on a real S3 end point; `make torture` (or GRIDWALK_PICTURES=30) plays the thirty pictures at
twenty kilobytes a second, on S3 and on a folder.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree
from typing import Any, Final

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Playwright, expect

from tests import s3 as end_point
from tests.phone.handset import Handset
from tests.phone.ledger import Ledger, bodies, nothing_waits
from tests.phone.poor_line import PoorLine
from tests.server import Server, copy_data
from web.config import Config

LONG: Final = os.environ.get("GRIDWALK_TESTS") == "torture"
PICTURES: Final = int(os.environ.get("GRIDWALK_PICTURES", "30" if LONG else "6"))
WHOLE: Final = PICTURES >= 30
RATE: Final = 20_000 if WHOLE else 120_000
"""Bytes a second."""
BREAKS_EVERY: Final = 4.0 if WHOLE else 3.0
"""Seconds, about."""
IN_ONE_REPORT: Final = 3
DEATHS: Final = 3
PATIENCE: Final = 300
"""Seconds in which the next byte must have come: a test that waits for ever tells nobody anything."""


@dataclass
class Village:
    server: Server
    line: PoorLine
    phone: Handset


FOLDER: Final = "folder"
S3: Final = "s3"
STORES: Final = (S3, FOLDER) if WHOLE else (S3,)


@pytest.fixture(params=STORES)
def blobs_url(request: pytest.FixtureRequest, template: Config, tmp_path: Path) -> Iterator[str | None]:
    """Where the server keeps the bytes; None: in a folder."""
    if request.param == FOLDER:
        yield None
        return
    with end_point.running(tmp_path / "s3") as store, pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        copytree(template.data / "blobs", store.folder / "town")  # the demo world's own pictures
        yield store.url


@pytest.fixture
def village(
    template: Config, playwright: Playwright, browser_path: str, tmp_path: Path, blobs_url: str | None
) -> Iterator[Village]:
    config = replace(copy_data(template, tmp_path / "data"), blobs_url=blobs_url)
    server = Server(config).start()
    with PoorLine(server.config.port).open() as line:
        phone = Handset(playwright, browser_path, tmp_path / "phone", line.url)
        yield Village(server, line, phone)
        phone.kill()
        server.kill()
    assert phone.faults == []


@pytest.mark.timeout(3600 if WHOLE else 300)
def test_P1_P2_pictures_taken_offline_arrive_over_a_line_that_breaks_though_phone_and_server_die(
    village: Village, tmp_path: Path
) -> None:
    phone, line = village.phone, village.line
    phone.sign_in("worker")
    phone.settle()
    phone.pill("已同步")
    phone.sleep()  # browsers write cookies down late
    phone.context.set_offline(True)
    take_all(phone, twelve_megapixels(tmp_path))
    reports = bodies(phone, "outbox")
    wanted = wanted_bytes(phone)
    assert len(wanted) == 2 * PICTURES

    line.sent = 0
    line.slow_down(RATE, BREAKS_EVERY)
    phone.pocket()
    phone.context.set_offline(False)
    phone.nudge()
    die_on_the_way(village, sum(wanted.values()))
    phone.pill("已同步", within=PATIENCE)
    nothing_waits(phone)

    everything_is_there(village, reports, wanted)
    the_order_was_kept(village, reports)
    to_send, sent = sum(wanted.values()), line.sent
    print(f"{PICTURES} pictures, {to_send} bytes to send, {sent} sent ({sent / to_send:.3f}), {line.cuts} breaks")
    assert sent <= 1.15 * to_send, "heads of requests, texts and questions included"


# ---------------------------------------------------------------------------------------------- taking them


def twelve_megapixels(folder: Path) -> list[Path]:
    """So many photos, each another one, as restless as a heap of rubbish in the sun: they do not get small by themselves."""
    noise = Image.effect_noise((500, 375), 40).resize((4000, 3000), Image.Resampling.BICUBIC)
    made = []
    for number in range(PICTURES):
        photo = Image.merge(
            "RGB", [ImageChops.offset(noise, 97 * number + shift, 31 * number) for shift in (0, 40, 80)]
        )
        made.append(folder / f"{number}.jpg")
        photo.save(made[-1], quality=75, exif=_turned())
    return made


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # the phone was held upright
    exif[0x9286] = "a secret place"
    return exif


def take_all(phone: Handset, photos: list[Path]) -> None:
    """Three in a report, picked together from the gallery."""
    for first in range(0, len(photos), IN_ONE_REPORT):
        some = photos[first : first + IN_ONE_REPORT]
        phone.page.click(".hero")
        phone.page.wait_for_selector(".shutter:enabled")
        phone.page.set_input_files(".camera-foot input", some)
        expect(phone.page.locator(".picture")).to_have_count(len(some), timeout=120_000)
        phone.page.fill("textarea", f"第{first}批")
        phone.send()


def wanted_bytes(phone: Handset) -> dict[str, int]:
    """SHA-256 -> bytes of everything that has to travel, as the phone has it; each is what it promised to be."""
    phone.page.wait_for_timeout(1)
    rows = {row["sha256"]: row["data"] for row in phone.stored("bytes") if row["pulled_for"] is None}
    for row in phone.stored("uploads"):
        assert rows[row["sha256"]] <= (20_000 if row["kind"] == "preview" else 300 * 1024)
    for report in bodies(phone, "outbox"):
        for photo in report["set"]["photos"].values():
            assert (photo["width"], photo["height"]) == (1200, 1600), "upright"
    return rows


# ---------------------------------------------------------------------------------------------- on the way


def die_on_the_way(village: Village, to_send: int) -> None:
    """In turn the browser and the server are killed, at six points of the way that bytes have come."""
    for death in range(2 * DEATHS):
        wait_for_bytes(village, to_send * (death + 0.7) / (2 * DEATHS + 0.5))
        if death % 2 == 0:
            village.phone.kill()
            village.phone.on()
            village.phone.open()
        else:
            village.server.kill()
            village.phone.page.wait_for_timeout(500)
            village.server.start()


def wait_for_bytes(village: Village, count: float) -> None:
    phone, line = village.phone, village.line
    phone.until(lambda: line.sent >= count, f"no more than {line.sent} of {count:.0f} bytes came", 2 * PATIENCE)


def everything_is_there(village: Village, reports: list[dict[str, Any]], wanted: dict[str, int]) -> None:
    """The server has checked the hash of all that it has; and what it has can be looked at."""
    ledger = Ledger(village.server.config)
    named = {sha for report in reports for sha in ledger.record(report["record"])["photos"]}
    assert len(named) == PICTURES
    assert all(ledger.missing_pictures(ledger.record(report["record"])["photos"]) == [] for report in reports)
    assert set(wanted) >= named
    for sha256 in sorted(named)[:3]:
        answer = village.phone.context.request.get(
            f"{village.server.base_url}/api/v1/photos/{sha256}", headers=session(village)
        )
        with Image.open(io.BytesIO(answer.body())) as photo:
            assert photo.size == (1200, 1600)
            assert dict(photo.getexif()) == {}


def session(village: Village) -> dict[str, str]:
    """The phone's cookie, for the server's own door: no need to go over the poor line again."""
    found = village.phone.context.cookies(village.line.url)
    return {"Cookie": "; ".join(f"{each['name']}={each['value']}" for each in found)}


def the_order_was_kept(village: Village, reports: list[dict[str, Any]]) -> None:
    """All text, then all previews, then the first full picture."""
    ledger = Ledger(village.server.config)
    photos = {sha: each["preview"] for report in reports for sha, each in report["set"]["photos"].items()}
    text = ledger.moments("SELECT id, received_at FROM change")
    begun = ledger.moments("SELECT sha256, MIN(created_at) FROM upload GROUP BY sha256")
    stored = ledger.moments("SELECT sha256, stored_at FROM picture")
    first_full = min(begun[sha] for sha in photos)
    assert max(text[report["id"]] for report in reports) <= min(
        begun[each] for each in begun if each in {*photos, *photos.values()}
    )
    assert max(stored[preview] for preview in photos.values()) <= first_full
