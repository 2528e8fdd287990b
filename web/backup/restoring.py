"""Making an instance from a backup: built aside, brought up to date, and then put in place in one stroke."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, MetaData, Table, delete, exists, insert, inspect, select, update

from domain import sessions
from domain.places import PlaceCodes
from domain.records import record_types
from sync.clock import Clock, to_text
from sync.database import Database, Json, connect
from sync.epochs import Epochs, begin_epoch, load_epochs
from sync.erasures import ErasureList, UnreadableListError, erase_again
from sync.gallery import keys_of
from sync.ids import Ids
from sync.picture_tables import leftover, picture
from sync.push import Shop
from sync.tables import named
from web import revision, upgrade
from web.app import blobs_of
from web.backup.archive import Archive, BackupError, Head
from web.backup.places import Place, place_of
from web.config import Config
from web.serve import RESTORING

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Wishes:
    """`replace`: there may be data, which are kept aside. `keep_sessions`: whoever was signed in stays so.
    `without_erasures`: go on though there is no list of erasures."""

    replace: bool = False
    keep_sessions: bool = False
    without_erasures: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What has been done. `aside`: where the old data are, None where there were none."""

    head: Head
    rows: int
    erased: int
    pictures: int
    aside: str | None


def restore(config: Config, file: Path, wishes: Wishes, clock: Clock) -> Told:
    """Make the instance of `config` from a backup. BackupError in every case in which it cannot be; what was there
    is then still there."""
    with Archive(file, revision.newest() or "") as archive:
        erasures = _list_of(config, wishes)
        aside = config.data / f"before-restore-{to_text(clock.now())[:19].replace(':', '')}"
        place = place_of(config, aside)
        old = place.hold() or _has_bytes(config)
        if old and not wishes.replace:
            raise BackupError("not_empty", data=config.data)
        rows = _build(place, archive)
        engine = connect(place.building)
        try:
            finish = Finish(Database(engine), archive, clock)
            erased = finish.run(erasures, wishes)
            (config.data / RESTORING).touch()
            pictures = _bring_bytes(config, aside, finish.wanted(), archive)
        finally:
            engine.dispose()
        place.swap()
        (config.data / RESTORING).unlink()
        return Told(archive.head, rows, erased, pictures, place.aside if old else None)


def check(file: Path) -> Head:
    """What a backup says of itself, once every byte of it has been read. BackupError if it is none, or broken."""
    with Archive(file, revision.newest() or "") as archive:
        return archive.head


def _list_of(config: Config, wishes: Wishes) -> ErasureList:
    """The list of what must not come back. Where it is not there, somebody has to say that there is none."""
    found = ErasureList(config.erasures)
    if not found.exists() and not wishes.without_erasures:
        raise BackupError("no_list", list=config.erasures)
    try:
        found.entries()
    except UnreadableListError as error:
        raise BackupError("bad_list", list=error.path, line=error.line) from error
    return found


# -- the tables ---------------------------------------------------------------------------------------------------


def _build(place: Place, archive: Archive) -> int:
    """All rows in a new database, in today's form; gives how many."""
    place.begin()
    upgrade.upgrade(place.building, archive.head.revision)
    engine = connect(place.building)
    try:
        with Database(engine).write() as conn:
            rows = sum(_fill(conn, name, archive.rows(name)) for name in archive.tables)
    finally:
        engine.dispose()
    upgrade.upgrade(place.building)
    return rows


def _fill(conn: Connection, name: str, rows: Iterator[dict[str, Any]]) -> int:
    table, above = _table(conn, name)
    if above is not None:
        rows = _those_above_first(list(rows), above)
    count = 0
    while batch := list(islice(rows, BATCH)):
        conn.execute(insert(table), batch)
        count += len(batch)
    return count


def _table(conn: Connection, name: str) -> tuple[Table, str | None]:
    """A table as it is in the form of the backup, which may be an older one; and its column that refers to itself."""
    looked = inspect(conn)
    columns = [
        Column(each["name"], Json if isinstance(each["type"], JSON) else each["type"])
        for each in looked.get_columns(name)
    ]
    own = [each["constrained_columns"][0] for each in looked.get_foreign_keys(name) if each["referred_table"] == name]
    return Table(name, MetaData(), *columns), own[0] if own else None


def _those_above_first(rows: list[dict[str, Any]], above: str) -> Iterator[dict[str, Any]]:
    """Rows of a tree by `id`, each after the one that it refers to."""
    done: set[Any] = {None}
    while rows:
        ready = [row for row in rows if row[above] in done]
        if not ready:
            raise ValueError(f"rows that refer to nothing by {above}")
        yield from ready
        done |= {row["id"] for row in ready}
        rows = [row for row in rows if row["id"] not in done]


# -- what a restored database must be told before anybody is answered ---------------------------------------------


class Finish:
    """Erase what had been erased since, let go of its pictures, end the sessions, begin the next epoch: one transaction."""

    def __init__(self, database: Database, archive: Archive, clock: Clock) -> None:
        self._database, self._archive, self._clock = database, archive, clock
        self._ids = Ids(clock)

    def run(self, erasures: ErasureList, wishes: Wishes) -> int:
        """Gives how many records were erased again."""
        now = self._clock.now()
        with self._database.write() as conn:
            # Erasures first: the heads with which the epoch begins count them in.
            erased = erase_again(self._shop(conn), conn, erasures.entries())
            self._let_go(conn)
            self._ask_for_lost(conn, now)
            if not wishes.keep_sessions:
                conn.execute(delete(sessions.session))
            begin_epoch(conn, self._ids.new(), now)
        return erased

    def wanted(self) -> list[str]:
        """The keys of all bytes that the restored database speaks of and the backup has."""
        with self._database.read() as conn:
            rows = conn.execute(select(picture.c.sha256, picture.c.blob)).all()
        keys = [key for sha256, blob in rows for key in keys_of(sha256, blob).values()]
        return [key for key in keys if self._archive.has(key)]

    def _shop(self, conn: Connection) -> Shop:
        types = record_types(PlaceCodes(self._database))
        epochs = load_epochs(conn) or Epochs("", {"": 0}, {0: {}})
        return Shop(types, {}, self._clock, self._ids, epochs, self._ids.new())

    def _let_go(self, conn: Connection) -> None:
        """Pictures that only what is erased had named: not restored, and taken out of a store that still has them."""
        nobody = ~exists().where(named.c.sha256 == picture.c.sha256)
        gone = conn.execute(delete(picture).where(nobody).returning(picture.c.sha256, picture.c.blob)).all()
        keys = [{"key": key, "noted_at": 0} for sha256, blob in gone for key in keys_of(sha256, blob).values()]
        if keys:
            conn.execute(insert(leftover), keys)

    def _ask_for_lost(self, conn: Connection, now: int) -> None:
        """Whose bytes the backup has not, is asked for them again."""
        rows = conn.execute(select(picture.c.sha256, picture.c.blob)).all()
        lost = [sha256 for sha256, blob in rows if not self._archive.has(keys_of(sha256, blob)["full"])]
        for begin in range(0, len(lost), BATCH):
            these = lost[begin : begin + BATCH]
            conn.execute(update(picture).where(picture.c.sha256.in_(these)).values(lost_at=now))
            conn.execute(update(named).where(named.c.sha256.in_(these)).values(awaited_since=now))


# -- the bytes ----------------------------------------------------------------------------------------------------


def _has_bytes(config: Config) -> bool:
    folder = config.data / "blobs"
    return config.blobs_url is None and folder.exists() and any(each.is_file() for each in folder.rglob("*"))


def _bring_bytes(config: Config, aside: Path, keys: list[str], archive: Archive) -> int:
    """Put the bytes into the store. A folder begins anew, and the old one goes aside; in an object store each has a
    name of its own, so that nothing is overwritten."""
    for name in ("blobs", "uploads") if config.blobs_url is None else ("uploads",):
        _put_aside(config.data / name, aside)
    store = blobs_of(config)
    for key in keys:
        store.put(key, archive.read(key))
    return len(keys)


def _put_aside(folder: Path, kept: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        kept.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, kept / folder.name)
