"""Tidying up, naming and sending at the same moment: bytes that somebody claims stay, or are sent again. Both databases."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete, insert, select

from sync import shelf
from sync.blobs import Blobs, StoreDownError
from sync.clock import FixedClock, SystemClock
from sync.database import Database, connect, metadata
from sync.gallery import GRACE
from sync.ids import Ids
from sync.picture_tables import leftover, picture
from sync.pictures import clean
from sync.tables import named
from sync.uploads import Uploads

BOOK, ACCOUNT, DEVICE = "book", "account", "device"
ROUNDS = 25


def picture_of(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (number * 7 % 256, number * 31 % 256, number % 256)).save(out, "PNG")
    return out.getvalue()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Place:
    """A gallery with its database, and what happens around it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.engine = connect(url)
        metadata.create_all(self.engine)
        self.clock = FixedClock(SystemClock().now())
        self.database = Database(self.engine)
        self.blobs = Blobs.folder(folder / "blobs")
        self.uploads = Uploads(self.database, self.blobs, folder / "parts", self.clock, Ids(self.clock))

    def name(self, sha256: str, record: str = "record") -> None:
        """What the transaction of a change does about a picture that it speaks of."""
        with self.database.write() as conn:
            shelf.store_named(conn, BOOK, {(sha256, record, ACCOUNT, DEVICE, "picture")}, self.clock.now())

    def unname(self, sha256: str) -> None:
        with self.database.write() as conn:
            conn.execute(delete(named).where(named.c.sha256 == sha256))

    def awaited(self, sha256: str) -> bool:
        with self.database.read() as conn:
            query = select(named.c.awaited_since).where(named.c.sha256 == sha256)
            return conn.execute(query).scalar() is not None

    def is_here(self, sha256: str) -> bool:
        """Row and bytes, both; one without the other is an error."""
        stored = self.uploads.picture(sha256)
        if stored is None:
            return False
        found = self.uploads.gallery.stream(stored, "full")
        assert found is not None, "a row speaks of bytes that are not there"
        assert len(b"".join(found)) == stored.bytes
        return True

    def send(self, data: bytes) -> None:
        row = self.uploads.create(ACCOUNT, sha(data), len(data))
        if not row.done:
            self.uploads.receive(row, row.offset, [data[row.offset :]])


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    made = Place(database_url, tmp_path)
    yield made
    made.engine.dispose()


def at_once(*acts: Callable[[], object]) -> None:
    """Let all begin in the same moment; an error of any is an error."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait(30)
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for job in [pool.submit(run, act) for act in acts]:
            job.result(60)


def test_P3_a_picture_named_while_it_is_let_go_stays_or_is_asked_for(place: Place) -> None:
    stayed = 0
    for number in range(ROUNDS):
        data = picture_of(number)
        place.uploads.put(sha(data), clean(data))
        place.clock.move(GRACE + 1000)
        at_once(place.uploads.forget_unnamed, lambda data=data: place.name(sha(data)))  # type: ignore[misc]
        here = place.is_here(sha(data))
        stayed += here
        assert place.awaited(sha(data)) is not here
        place.unname(sha(data))
    assert 0 <= stayed <= ROUNDS


def test_P3_who_tidies_waits_for_a_change_that_is_just_naming_the_picture(place: Place) -> None:
    """The change has looked, and is not committed: the picture that it saw must not be gone when it is."""
    data = picture_of(0)
    place.uploads.put(sha(data), clean(data))
    place.clock.move(GRACE + 1000)
    tidying = threading.Thread(target=place.uploads.forget_unnamed)
    with place.database.write() as conn:
        shelf.store_named(conn, BOOK, {(sha(data), "record", ACCOUNT, DEVICE, "picture")}, place.clock.now())
        tidying.start()
        tidying.join(0.5)  # as far as it comes
    tidying.join(60)
    assert place.is_here(sha(data))
    assert not place.awaited(sha(data))


def test_P2_a_phone_that_is_told_that_a_picture_is_here_can_rely_on_it(place: Place) -> None:
    for number in range(ROUNDS):
        data = picture_of(number)
        place.uploads.put(sha(data), clean(data))
        place.clock.move(GRACE + 1000)

        def phone(data: bytes = data) -> None:
            place.name(sha(data))
            place.send(data)

        at_once(place.uploads.forget_unnamed, phone)
        assert place.is_here(sha(data)), "confirmed, and yet gone"
        assert not place.awaited(sha(data))
        place.unname(sha(data))


def test_the_same_picture_sent_by_many_at_once_is_stored_once(place: Place, tmp_path: Path) -> None:
    data = picture_of(1)
    place.name(sha(data))
    rows = [place.uploads.create(f"account{number}", sha(data), len(data)) for number in range(6)]
    at_once(*(lambda row=row: place.uploads.receive(row, 0, [data]) for row in rows))  # type: ignore[misc]
    assert place.is_here(sha(data))
    place.clock.move(2 * 3600 * 1000)
    place.uploads.gallery.sweep()
    assert len([each for each in (tmp_path / "blobs").rglob("*") if each.is_file()]) == 1
    assert place.is_here(sha(data))


def test_sizes_made_by_two_at_once_are_made_once_and_stay(place: Place, tmp_path: Path) -> None:
    data = picture_of(2)
    place.name(sha(data))
    place.send(data)
    other = Uploads(place.database, place.blobs, tmp_path / "parts", place.clock, Ids(place.clock))
    for _ in range(5):
        with place.database.write() as conn:
            conn.execute(picture.update().values(sized_at=None))
        at_once(*(lambda each=each: each.gallery.make_sizes(sha(data)) for each in (place.uploads, other) * 2))  # type: ignore[misc]
        place.clock.move(2 * 3600 * 1000)
        place.uploads.gallery.sweep()
        assert place.uploads.bytes_of(sha(data), "preview")


def test_a_put_that_was_taken_for_dead_does_not_count(place: Place) -> None:
    """A store that took more than an hour: what was swept away meanwhile must not be said to be here."""
    data = picture_of(3)
    place.name(sha(data))
    put = place.blobs.put

    def slow(key: str, data: bytes | Path) -> None:
        put(key, data)
        place.clock.move(2 * 3600 * 1000)
        place.uploads.gallery.sweep()

    place.blobs.put = slow  # type: ignore[method-assign]
    with pytest.raises(StoreDownError):
        place.send(data)
    place.blobs.put = put  # type: ignore[method-assign]
    assert place.uploads.picture(sha(data)) is None
    place.send(data)
    assert place.is_here(sha(data))


def test_what_a_crash_left_lying_about_is_swept_away(place: Place, tmp_path: Path) -> None:
    """Killed between the bytes and the row: nothing is served, and later nothing lies there."""
    place.blobs.put("pictures/ab/lost.full", b"bytes of nobody")
    with place.database.write() as conn:
        conn.execute(insert(leftover).values(key="pictures/ab/lost.full", noted_at=place.clock.now()))
    place.uploads.gallery.sweep()
    assert place.blobs.has("pictures/ab/lost.full")
    place.clock.move(2 * 3600 * 1000)
    place.uploads.gallery.sweep()
    assert not place.blobs.has("pictures/ab/lost.full")
    with place.database.read() as conn:
        assert conn.execute(select(leftover)).first() is None


def test_P2_bytes_that_the_store_has_lost_are_asked_for_again(place: Place, tmp_path: Path) -> None:
    data = picture_of(4)
    place.name(sha(data))
    place.send(data)
    assert not place.awaited(sha(data))
    for each in (tmp_path / "blobs").rglob("*.full"):
        each.unlink()
    stored = place.uploads.picture(sha(data))
    assert stored is not None
    assert place.uploads.gallery.stream(stored, "full") is None
    assert place.awaited(sha(data))
    place.send(data)
    assert place.is_here(sha(data))
    assert not place.awaited(sha(data))
