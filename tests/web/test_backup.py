"""`gridwalk backup` and `gridwalk restore`: whole or not at all, on both databases and from one to the other."""

from __future__ import annotations

import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import JSON, Boolean, Engine, Float, Integer, String, insert, make_url, select, update

from api.services import EXTENSION, Services
from domain import accounts, sessions
from sync import tables
from sync.database import Database, connect
from sync.epochs import load_epochs
from sync.picture_tables import picture
from tests.api.phone import Phone, drawing, report
from tests.postgres import DATABASES, SQLITE, Cluster
from tests.server import Server
from web import revision, upgrade
from web.app import create_app
from web.backup import places
from web.backup.archive import Head, Writer
from web.backup.making import LEFT_OUT, kept_tables
from web.cli import main
from web.config import Config, to_environment

pytestmark = pytest.mark.both_databases
NewPlace = Callable[[str], Config]


def gridwalk(config: Config, *words: object) -> Result:
    environment = {key: value for key, value in to_environment(config).items() if key.startswith("GRIDWALK_")}
    return CliRunner().invoke(main, [str(word) for word in words], env={**environment, "DATABASE_URL": ""})


def done(config: Config, *words: object) -> str:
    result = gridwalk(config, *words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(config: Config, *words: object) -> str:
    result = gridwalk(config, *words)
    assert result.exit_code == 1, result.output
    assert "⟦" not in result.output
    return result.output


@pytest.fixture
def new_place(config: Config, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NewPlace]:
    """Makes empty places on a database of a kind, each with an empty list of erasures."""
    made: list[str] = []

    def make(kind: str) -> Config:
        folder = tmp_path / f"place-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "erasures.jsonl").touch()
        url = f"sqlite:///{folder / 'gridwalk.db'}"
        if kind != SQLITE:
            cluster: Cluster = request.getfixturevalue("postgres")
            url = cluster.create()
            made.append(url)
        return replace(config, data=folder, database_url=url)

    yield make
    for url in made:
        request.getfixturevalue("postgres").drop(url)


@pytest.fixture
def lived_in(config: Config) -> Config:
    """An instance with a case and its picture, and an empty list of erasures."""
    app = create_app(config)
    phone = Phone(app).sign_in("worker")
    photo = drawing()
    phone.push(report(photo, description={"text": "灯坏了 🏮"}))
    assert phone.upload(photo).status_code == 204
    close(app.extensions[EXTENSION])
    (config.data / "erasures.jsonl").touch()
    return config


def close(services: Services) -> None:
    services.database.sql_engine.dispose()


def rows(config: Config) -> dict[str, list[Any]]:
    """Everything that a backup keeps, but for what a restore changes on purpose."""
    engine = connect(config.database_url)
    with Database(engine).read() as conn:
        found = {each.name: list(conn.execute(select(each).order_by(*each.primary_key))) for each in kept_tables()}
    engine.dispose()
    return {name: each for name, each in found.items() if name not in {"epoch", "epoch_head", "session"}}


def epochs(config: Config) -> list[str]:
    engine = connect(config.database_url)
    with Database(engine).read() as conn:
        found = load_epochs(conn)
    engine.dispose()
    assert found is not None
    return list(found.numbers)


def pictures(config: Config) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (config.data / "blobs").rglob("*") if path.is_file()}


@pytest.mark.parametrize("target", DATABASES)
def test_everything_comes_back_in_either_database(
    lived_in: Config, new_place: NewPlace, tmp_path: Path, target: str
) -> None:
    file, fresh = tmp_path / "backup.tar", new_place(target)
    done(lived_in, "backup", file)
    done(fresh, "restore", file)
    assert rows(fresh) == rows(lived_in)
    assert pictures(fresh) == pictures(lived_in) != {}
    assert epochs(fresh)[:-1] == epochs(lived_in)
    assert revision.present(fresh.database_url) == revision.newest()
    assert not list(fresh.data.glob("*restoring*"))


def test_every_table_is_kept_or_left_out_for_a_reason(config: Config) -> None:
    known = set(upgrade.tables().tables)
    assert known == {each.name for each in kept_tables()} | LEFT_OUT.keys()
    assert all(LEFT_OUT.values())
    columns = [column for table in kept_tables() for column in table.c]
    assert all(isinstance(each.type, String | Integer | Boolean | Float | JSON) for each in columns), (
        "what JSON can say"
    )


def test_a_backup_is_one_moment_while_others_write(lived_in: Config, new_place: NewPlace, tmp_path: Path) -> None:
    app = create_app(lived_in)
    phone = Phone(app).sign_in("worker")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            phone.push(report())

    writer = threading.Thread(target=write)
    writer.start()
    for number in range(3):
        done(lived_in, "backup", tmp_path / f"{number}.tar")
    stop.set()
    writer.join()
    close(app.extensions[EXTENSION])
    fresh = new_place(SQLITE)
    done(fresh, "restore", tmp_path / "2.tar")
    kept = rows(fresh)
    heads = {row.id: row.head for row in kept["book"]}
    for book, head in heads.items():
        assert [row.seq for row in kept["change"] if row.book_id == book] == list(range(1, head + 1))


def test_a_picture_that_is_erased_while_the_backup_runs_is_asked_for_again(
    lived_in: Config, new_place: NewPlace, tmp_path: Path
) -> None:
    shutil.rmtree(lived_in.data / "blobs")
    fresh = new_place(SQLITE)
    assert "1 " in done(lived_in, "backup", tmp_path / "backup.tar").splitlines()[-1]
    done(fresh, "restore", tmp_path / "backup.tar")
    engine = connect(fresh.database_url)
    with Database(engine).read() as conn:
        assert conn.execute(select(picture.c.lost_at)).scalar_one() is not None
        assert None not in conn.execute(select(tables.named.c.awaited_since)).scalars().all()
    engine.dispose()


# -- what is in the way ---------------------------------------------------------------------------------------------


def test_a_backup_never_overwrites_a_file_and_a_broken_one_leaves_none(lived_in: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    done(lived_in, "backup", file)
    assert (file.stat().st_mode & 0o777) == 0o600
    before = file.read_bytes()
    assert str(file) in refused(lived_in, "backup", file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_data_are_replaced_only_if_asked_and_then_kept_aside(lived_in: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    done(lived_in, "backup", file)
    app = create_app(lived_in)
    photo = drawing(7)
    phone = Phone(app).sign_in("worker2")
    late = report(photo)
    phone.push(late)
    assert phone.upload(photo).status_code == 204
    close(app.extensions[EXTENSION])
    before, had = rows(lived_in), pictures(lived_in)
    assert "--replace" in refused(lived_in, "restore", file)
    assert (rows(lived_in), pictures(lived_in)) == (before, had)
    told = done(lived_in, "restore", file, "--replace")
    assert late["record"] not in {row.id for row in rows(lived_in)["record"]}
    assert pictures(lived_in).items() < had.items()
    assert before == kept_aside(lived_in, told)
    aside = next(lived_in.data.glob("before-restore-*"))
    assert {path.name for path in (aside / "blobs").rglob("*") if path.is_file()} == set(had)


def kept_aside(config: Config, told: str) -> dict[str, list[Any]]:
    url = make_url(config.database_url)
    if url.drivername == "sqlite":
        old = next(config.data.glob("before-restore-*/gridwalk.db"))
        return rows(replace(config, database_url=f"sqlite:///{old}"))
    name = next(word.strip("。.") for word in told.replace(":", " ").split() if word.startswith("before_restore_"))
    aside = url.update_query_dict({"options": f"-c search_path={name}"}).render_as_string(hide_password=False)
    return rows(replace(config, database_url=aside))


def test_a_database_that_cannot_be_read_is_kept_aside_as_it_is(
    lived_in: Config, tmp_path: Path, database_kind: str
) -> None:
    file = tmp_path / "backup.tar"
    done(lived_in, "backup", file)
    if database_kind == SQLITE:
        before = rows(lived_in)
        (lived_in.data / "gridwalk.db").write_bytes(b"spoilt " * 1000)
        assert "--replace" in refused(lived_in, "restore", file)
        done(lived_in, "restore", file, "--replace")
        assert rows(lived_in) == before
        assert next(lived_in.data.glob("before-restore-*/gridwalk.db")).read_bytes().startswith(b"spoilt")
    else:
        engine = connect(lived_in.database_url)
        with Database(engine).write() as conn:
            conn.exec_driver_sql("DROP TABLE record")
        engine.dispose()
        done(lived_in, "restore", file, "--replace")
        assert rows(lived_in)["record"]


def test_nothing_is_restored_under_a_running_server(lived_in: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    done(lived_in, "backup", file)
    before = rows(lived_in)
    with Server(lived_in):
        refused(lived_in, "restore", file, "--replace")
    assert rows(lived_in) == before
    assert not list(lived_in.data.glob("before-restore-*"))


def test_without_the_list_of_erasures_somebody_has_to_say_so(
    lived_in: Config, new_place: NewPlace, tmp_path: Path
) -> None:
    file, fresh = tmp_path / "backup.tar", new_place(SQLITE)
    done(lived_in, "backup", file)
    (fresh.data / "erasures.jsonl").unlink()
    assert "--without-erasures" in refused(fresh, "restore", file)
    (fresh.data / "erasures.jsonl").write_text("garbage\n")
    assert "1" in refused(fresh, "restore", file, "--without-erasures")
    (fresh.data / "erasures.jsonl").unlink()
    done(fresh, "restore", file, "--without-erasures")


def test_a_restore_that_was_cut_short_lets_nothing_start_and_is_done_again(
    lived_in: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(Exception):
        pass

    def cut(_self: object) -> None:
        raise PowerCut

    file = tmp_path / "backup.tar"
    done(lived_in, "backup", file)
    before = rows(lived_in)
    with monkeypatch.context() as patched:
        for place in (places.SqlitePlace, places.PostgresqlPlace):
            patched.setattr(place, "swap", cut)
        assert isinstance(gridwalk(lived_in, "restore", file, "--replace").exception, PowerCut)
    assert rows(lived_in) == before
    assert "restore" in refused(lived_in, "run", "--port", lived_in.port, "--data", lived_in.data)
    done(lived_in, "restore", file, "--replace")
    assert (rows(lived_in), len(pictures(lived_in))) == (before, 1)
    assert not (lived_in.data / "restore.unfinished").exists()


# -- files that are none -------------------------------------------------------------------------------------------


def spoil_one_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    # In the middle of the largest table, where only a sum can tell.
    with tarfile.open(file) as tar:
        member = max((each for each in tar.getmembers() if "tables/" in each.name), key=lambda each: each.size)
        data[member.offset_data + member.size // 2] ^= 1
    file.write_bytes(bytes(data))


def cut_short(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])


def cut_at_a_member(file: Path) -> None:
    with tarfile.open(file) as tar:
        last = tar.getmembers()[-1]
    file.write_bytes(file.read_bytes()[: last.offset] + b"\0" * 1024)


def add_something(file: Path) -> None:
    with tarfile.open(file, "a") as tar:
        tar.add(__file__, "bytes/../../evil")


def another_tar(file: Path) -> None:
    with tarfile.open(file, "w") as tar:
        tar.add(__file__, "something.py")


def newer(file: Path) -> None:
    with tarfile.open(file) as tar:
        head = tar.getmembers()[0]
        told = tar.extractfile(head)
        assert told is not None
        said = orjson.loads(told.read())
    other = orjson.dumps({**said, "format": 9}, option=orjson.OPT_INDENT_2)
    data = bytearray(file.read_bytes())
    data[head.offset_data : head.offset_data + head.size] = other
    file.write_bytes(bytes(data))


@pytest.mark.only_on(SQLITE)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_one_bit, "broken"),
        (cut_short, "broken"),
        (cut_at_a_member, "broken"),
        (add_something, "broken"),
        (another_tar, "no Gridwalk backup"),
        (lambda file: file.write_bytes(b""), "no Gridwalk backup"),
        (lambda file: file.write_bytes(b"PK garbage" * 999), "no Gridwalk backup"),
        (newer, "newer Gridwalk"),
        (lambda file: file.unlink(), "cannot be read"),
    ],
    ids=["a bit", "cut", "cut at a member", "added to", "another tar", "empty", "garbage", "newer", "not there"],
)
def test_what_is_no_whole_backup_is_said_in_both_languages_and_nothing_changes(
    lived_in: Config, new_place: NewPlace, tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    file, fresh = tmp_path / "backup.tar", new_place(SQLITE)
    done(lived_in, "backup", file)
    assert str(file) in done(fresh, "restore", file, "--check")
    spoil(file)
    for words in (("restore", file), ("restore", file, "--check")):
        told = refused(fresh, *words)
        assert said in told
        assert any("一" <= letter <= "鿿" for letter in told)
    assert {path.name for path in fresh.data.iterdir()} <= {"erasures.jsonl", "run.lock", "secret"}


@pytest.mark.only_on(SQLITE)
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    lived_in: Config, new_place: NewPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made as that version would have made it: from a database in its form."""
    old, fresh, file = new_place(SQLITE), new_place(SQLITE), tmp_path / "old.tar"
    upgrade.upgrade(old.database_url, "0001")
    engine = connect(old.database_url)
    with Database(engine).write() as conn:
        conn.exec_driver_sql("INSERT INTO book (id, head) VALUES ('b', 0)")
        conn.exec_driver_sql(
            "INSERT INTO account (id, login, name, password_hash, language, demo, created_at)"
            " VALUES ('a', 'zhou', '周', '-', 'zh-CN', 0, 1)"
        )
    write_as_it_was(engine, file)
    engine.dispose()
    done(fresh, "restore", file)
    assert revision.present(fresh.database_url) == revision.newest()
    assert [row.login for row in rows(fresh)["account"]] == ["zhou"]


def write_as_it_was(engine: Engine, file: Path) -> None:
    with Writer(file) as writer, engine.connect() as conn:
        writer.head(Head("0.0.1", "0001", "2026-01-01T00:00:00.000Z", "sqlite", None))
        for name in ("book", "account"):
            found = conn.exec_driver_sql(f"SELECT * FROM {name}")
            writer.table(name, list(found.keys()), found.all())
        writer.finish(rows=2)


# -- who was signed in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "status"), [((), 401), (("--keep-sessions",), 200)], ids=["usual", "kept"])
def test_everybody_signs_in_once_more_unless_somebody_says_otherwise(
    lived_in: Config, tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    app = create_app(lived_in)
    phone = Phone(app).sign_in("worker")
    epoch = phone.sync()["epoch"]
    done(lived_in, "backup", tmp_path / "backup.tar")
    with app.extensions[EXTENSION].database.write() as conn:
        conn.execute(update(accounts.account).values(name="somebody"))
        conn.execute(insert(sessions.attempt).values(key="x", used=1.0, at=1))
    close(app.extensions[EXTENSION])
    done(lived_in, "restore", tmp_path / "backup.tar", "--replace", *words)
    again = create_app(lived_in)
    phone.http.application = again
    assert phone.get("/session").status_code == status
    # The phone is known, and goes on as the same device.
    device = phone.device
    assert phone.sign_in("worker", device=device).device == device
    assert phone.sync(epoch=epoch)["reoffer"] is True
    close(again.extensions[EXTENSION])
