"""A server that lost its disk and was made anew from yesterday's backup: phones give back what it has forgotten, once,
and what was erased stays erased (L3, S4, P2). Real server processes, real HTTP, both databases."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.services import EXTENSION, Services
from sync.clock import SystemClock
from sync.database import Database, connect
from tests.api import world
from tests.api.line import Line
from tests.api.phone import Phone, change, drawing, report
from tests.postgres import SQLITE, Cluster
from tests.server import Server
from web.app import create_app, make_services
from web.backup import making
from web.backup.restoring import Wishes, restore
from web.config import ROOT, Config, to_environment

pytestmark = pytest.mark.both_databases
Json = dict[str, Any]


class Handset(Line):
    """A phone that keeps a journal of what has its receipt, and does what a reply says."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.epoch: str | None = None
        self.cursors: dict[str, Any] = {}
        self.records: dict[str, Json] = {}
        self.journal: list[Json] = []
        self.outbox: list[Json] = []
        self.receipts: dict[str, Json] = {}
        self.asked_to_offer = 0

    def sign_in(self, login: str) -> Handset:
        """Signed in, the first time or once more as the same device; the notebook is as it was."""
        body = {"login": login, "password": world.PASSWORD, "device": self.device or None}
        answer = self.request("POST", "/api/v1/session", body)
        assert answer.status == 200, answer.data
        assert answer.json["device"] == (self.device or answer.json["device"])
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        self.device = answer.json["device"]
        return self

    def write(self, written: Json) -> Json:
        """Saved on the phone, not yet sent."""
        self.outbox.append({**written, "epoch": self.epoch})
        return self.outbox[-1]

    def call(self, **more: Any) -> Json:
        ids = [each["id"] for each in (*self.journal, *self.outbox)]
        call = {
            "protocol": 1,
            "device": self.device,
            "epoch": self.epoch,
            "last": self.last,
            "newest": max(ids, default=None),
        }
        answer = self.request("POST", "/api/v1/sync", {**call, "cursors": self.cursors, "changes": self.outbox, **more})
        assert answer.status == 200, answer.data
        reply: Json = answer.json
        return reply

    def round(self) -> Json:
        """One round trip, or two where the server has been set back."""
        reply = self.call()
        if reply["reoffer"]:
            assert (reply["receipts"], reply["books"]) == ([], [])
            self.asked_to_offer += 1
            self.epoch, self.cursors, self.records = reply["epoch"], {}, {}
            self.outbox = [*self.journal, *self.outbox]
            self.journal = []
            reply = self.call()
        self.take(reply)
        return reply

    def take(self, reply: Json) -> None:
        assert not reply["reoffer"]
        self.epoch = reply["epoch"]
        self.receipts |= {each["id"]: each for each in reply["receipts"]}
        self.journal += [each for each in self.outbox if each["id"] in self.receipts]
        self.outbox = [each for each in self.outbox if each["id"] not in self.receipts]
        self.last = max([*self.receipts, self.last or ""]) or None
        for page in reply["books"]:
            for gone in page["erased"] + page["forget"]:
                self.records.pop(gone, None)
                self.journal = [each for each in self.journal if each["record"] != gone]
            self.records |= {each["id"]: each for each in page["records"]}
            self.cursors[page["book"]] = page["cursor"]

    def send_picture(self, data: bytes) -> int:
        """Begin or go on with a picture; gives from which byte."""
        where = self.begin_upload(data)
        at = self.offset(where)
        if at < len(data):
            assert self.patch(where, at, data[at:]).status == 204
        return at

    def sees_picture(self, data: bytes) -> bool:
        return self.get(f"/api/v1/photos/{hashlib.sha256(data).hexdigest()}").status == 200


def gridwalk(config: Config, *words: object) -> str:
    """The command line as a process of its own, as an operator calls it."""
    command = [sys.executable, "-m", "web.cli", *map(str, words)]
    ran = subprocess.run(command, cwd=ROOT, env=to_environment(config), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def after(config: Config, tmp_path: Path, database_kind: str, request: pytest.FixtureRequest) -> Iterator[Config]:
    """An empty machine that takes the place of the old one, under the same address."""
    fresh = replace(config, data=tmp_path / "after", database_url=f"sqlite:///{tmp_path / 'after' / 'gridwalk.db'}")
    if database_kind == SQLITE:
        yield fresh
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.create()
    yield replace(fresh, database_url=url)
    cluster.drop(url)


def destroy(server: Server, request: pytest.FixtureRequest) -> bytes:
    """The machine burns down. What was kept elsewhere is the backup, and the list of erasures."""
    server.kill()
    saved = (server.config.data / "erasures.jsonl").read_bytes()
    shutil.rmtree(server.config.data)
    if not server.config.database_url.startswith("sqlite"):
        cluster: Cluster = request.getfixturevalue("postgres")
        cluster.drop(server.config.database_url)
    return saved


def erase(config: Config, record: str) -> None:
    """As the retention job does it, beside the server."""
    services = make_services(config, Database(connect(config.database_url)), SystemClock())
    assert services.engine.erase(world.GRID, record) is not None
    services.database.sql_engine.dispose()


def all_that_is_kept(config: Config) -> str:
    """Every text in the database, and the names of the files."""
    engine = connect(config.database_url)
    with Database(engine).read() as conn:
        names = ("record", "change", "parked", "named")
        told = [str(conn.exec_driver_sql(f"SELECT * FROM {name}").all()) for name in names]
    engine.dispose()
    return "\n".join(told)


def fields(handset: Handset, record: str) -> Json:
    return dict(handset.records[record]["fields"])


def said(text: str) -> Json:
    return {"description": {"text": text}}


def test_L3_what_a_restored_server_has_forgotten_comes_back_exactly_once(
    config: Config, after: Config, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept, late, gone = drawing(1), drawing(2), drawing(3)
    file = tmp_path / "backup.tar"
    with Server(config) as server:
        ann, bob = (Handset(server).sign_in(login) for login in ("worker", "worker2"))
        first = ann.write(report(kept, **said("写在备份之前")))
        secret = ann.write(report(gone, **said("要抹去的话一")))
        ann.round()
        assert [ann.send_picture(each) for each in (kept, gone)] == [0, 0]
        bob.round()
        gridwalk(config, "backup", file)
        # After the backup: an edit, a new case with a picture, a case that is erased, an older one that is erased.
        bob.write(change(first["record"], fields_seq(bob, first), {"severity": "urgent"}))
        second = ann.write(report(late, **said("写在备份之后")))
        fleeting = ann.write(report(**said("要抹去的话二")))
        bob.round()
        ann.round()
        ann.send_picture(late)
        for each in (secret, fleeting):
            erase(config, each["record"])
        unsent = ann.write(change(second["record"], ann.receipts[second["id"]]["seq"], {"severity": "urgent"}))
        saved = destroy(server, request)
    after.data.mkdir()
    (after.data / "erasures.jsonl").write_bytes(saved)
    told = gridwalk(after, "restore", file)
    assert "2" in told.splitlines()[0], "two records were erased again"
    with Server(after) as server:
        for handset, login in ((ann, "worker"), (bob, "worker2")):
            assert handset.request("POST", "/api/v1/sync", {}).status == 401
            handset.sign_in(login)
            handset.round()
        assert (ann.asked_to_offer, bob.asked_to_offer) == (1, 1)
        ann.round()
        ann.round()
        assert ann.outbox == bob.outbox == []
        # What it had forgotten is there again, once, with what had never been sent.
        assert fields(ann, first["record"])["severity"] == "urgent"
        assert fields(ann, second["record"])["severity"] == "urgent"
        assert ann.receipts[unsent["id"]]["outcome"] in {"applied", "merged"}
        history = ann.get(f"/api/v1/records/{second['record']}/history").json["changes"]
        ids = [each["id"] for each in history]
        assert len(ids) == len(set(ids))
        assert {second["id"], unsent["id"]} <= set(ids)
        # The pictures: the old one from the backup, the later one from the phone, from its first byte.
        assert ann.sees_picture(kept)
        assert not ann.sees_picture(late)
        assert ann.send_picture(late) == 0
        assert ann.sees_picture(late)
        # What was erased is gone, wherever one looks; its author's phone is told, and lets go of it.
        assert not {secret["record"], fleeting["record"]} & ann.records.keys()
        assert not {secret["record"], fleeting["record"]} & {each["record"] for each in ann.journal}
        assert not ann.sees_picture(gone)
        assert "要抹去的话" not in all_that_is_kept(after)
        everything = Handset(server).sign_in("supervisor")
        everything.round()
        assert {first["record"], second["record"]} <= everything.records.keys()
        assert not {secret["record"], fleeting["record"]} & everything.records.keys()


def fields_seq(handset: Handset, made: Json) -> int:
    return int(handset.records[made["record"]]["seq"])


@pytest.mark.only_on(SQLITE)  # what the engine does about it is proved on both
def test_S4_an_erasure_whose_process_is_killed_at_once_is_on_the_list(
    config: Config, after: Config, tmp_path: Path
) -> None:
    app = create_app(config)
    secret = report(**said("要抹去的话"))
    Phone(app).sign_in("worker").push(secret)
    services: Services = app.extensions[EXTENSION]
    making.make(services, tmp_path / "backup.tar")
    # The process dies between the note on the list and the commit.
    words = (
        "import os, sys\nfrom sync import erasures\nfrom web.commands import base\nat = base.services()\n"
        "note = erasures.ErasureList.note\n"
        "erasures.ErasureList.note = lambda self, each: (note(self, each), os.kill(os.getpid(), 9))\n"
        "at.engine.erase(*sys.argv[1:])"
    )
    command = [sys.executable, "-c", words, world.GRID, secret["record"]]
    assert subprocess.run(command, cwd=ROOT, env=to_environment(config), check=False).returncode == -9
    services.database.sql_engine.dispose()
    assert "要抹去的话" in all_that_is_kept(config), "it was not committed"
    told = restore(replace(after, erasures_file=config.erasures), tmp_path / "backup.tar", Wishes(), SystemClock())
    assert told.erased == 1
    assert "要抹去的话" not in all_that_is_kept(after)
