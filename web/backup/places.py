"""Where a restored database is built, aside from the one in use, and how it takes that one's place in one stroke."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, make_url, select
from sqlalchemy.exc import DBAPIError

from sync.database import Database, connect
from sync.troubles import trouble_of
from web import upgrade
from web.backup.archive import BackupError, to_disk
from web.backup.making import kept_tables
from web.config import Config

BUILDING: Final = "gridwalk_restoring"
VERSION_TABLE: Final = "alembic_version"


class Place(ABC):
    """The database of an instance. `url` is where it is, `building` where the restored one is made."""

    def __init__(self, url: str, folder: Path) -> None:
        """`folder`: where the old data are kept, or what they are named after."""
        self.url = url
        self.folder = folder

    @property
    def aside(self) -> str:
        """Where the old data are."""
        return str(self.folder)

    @property
    @abstractmethod
    def building(self) -> str: ...

    @abstractmethod
    def hold(self) -> bool:
        """Is there anything in it? BackupError `in_use` if somebody else is working with it."""

    @abstractmethod
    def begin(self) -> None:
        """Make an empty database to build in."""

    @abstractmethod
    def swap(self) -> None:
        """Put the old one aside and the new one in its place: both or neither."""


def place_of(config: Config, folder: Path) -> Place:
    kind = SqlitePlace if config.database_url.startswith("sqlite") else PostgresqlPlace
    return kind(config.database_url, folder)


def _has_rows(conn: Connection) -> bool:
    there = set(inspect(conn).get_table_names())
    kept = (each for each in kept_tables() if each.name in there and each.name not in {"epoch", "epoch_head"})
    return any(conn.execute(select(1).select_from(each).limit(1)).first() for each in kept)


class SqlitePlace(Place):
    """A file, and the new one beside it."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self._path = Path(str(make_url(url).database))
        self._new = self._path.with_name(f"{self._path.name}.restoring")

    @property
    def building(self) -> str:
        return f"sqlite:///{self._new}"

    def hold(self) -> bool:
        if not self._path.exists():
            return False
        engine = connect(self.url, patience=2)
        try:
            with engine.connect() as conn:
                # Only who is alone may do this; it also brings in what the log of the last writes still holds.
                conn.exec_driver_sql("PRAGMA journal_mode = DELETE")
                return _has_rows(conn)
        except DBAPIError as error:
            if trouble_of(error) == "busy":
                raise BackupError("in_use") from error
            return True  # it cannot be read: whatever it is, it is kept aside
        finally:
            engine.dispose()

    def begin(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._new}{suffix}").unlink(missing_ok=True)

    def swap(self) -> None:
        engine = connect(self.building)
        with engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA journal_mode = DELETE")
        engine.dispose()
        if self._path.exists():
            self._keep_old()
        self._new.replace(self._path)
        to_disk(self._path.parent)

    def _keep_old(self) -> None:
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in ("-wal", "-shm", "-journal"):
            beside = Path(f"{self._path}{suffix}")
            if beside.exists():
                shutil.move(beside, folder / beside.name)
        kept = folder / self._path.name
        try:
            os.link(self._path, kept)
        except OSError:
            shutil.copy2(self._path, kept)
        to_disk(folder)


class PostgresqlPlace(Place):
    """A schema beside the one in use, in the same database: no right to make databases is needed."""

    @property
    def aside(self) -> str:
        return self.folder.name.replace("-", "_")

    @property
    def building(self) -> str:
        url = make_url(self.url)
        given = str(url.query.get("options", ""))
        options = f"{given} -c search_path={BUILDING}".strip()
        return url.update_query_dict({"options": options}).render_as_string(hide_password=False)

    def hold(self) -> bool:
        engine = connect(self.url)
        try:
            with Database(engine).read() as conn:
                others = conn.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
                ).scalar_one()
                if others:
                    raise BackupError("in_use")
                return _has_rows(conn)
        finally:
            engine.dispose()

    def begin(self) -> None:
        self._say(f"DROP SCHEMA IF EXISTS {BUILDING} CASCADE", f"CREATE SCHEMA {BUILDING}")

    def swap(self) -> None:
        engine = connect(self.url)
        with Database(engine).write() as conn:
            here = conn.exec_driver_sql("SELECT current_schema()").scalar_one()
            known = {*upgrade.tables().tables, VERSION_TABLE}
            old = sorted(known & set(inspect(conn).get_table_names(schema=here)))
            new = sorted(inspect(conn).get_table_names(schema=BUILDING))
            words = [f"CREATE SCHEMA {self.aside}"] if old else []
            words += [f'ALTER TABLE "{here}"."{name}" SET SCHEMA {self.aside}' for name in old]
            words += [f'ALTER TABLE {BUILDING}."{name}" SET SCHEMA "{here}"' for name in new]
            for each in (*words, f"DROP SCHEMA {BUILDING}"):
                conn.exec_driver_sql(each)
        engine.dispose()

    def _say(self, *words: str) -> None:
        engine = connect(self.url)
        with Database(engine).write() as conn:
            for each in words:
                conn.exec_driver_sql(each)
        engine.dispose()
