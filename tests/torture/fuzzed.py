"""Sending hostile calls to the real app and looking at what became of them."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import Flask
from sqlalchemy import event, select

from api.catalogue import LANGUAGES
from api.services import EXTENSION, Services
from sync import tables
from sync.changes import canonical, digest_of
from sync.ids import derived, is_id
from tests.api import phone as phones
from tests.api import world
from tests.api.phone import Phone
from tests.packing import unpacked
from tests.torture.hostile import Hostile, Sent
from tests.torture.nasty import Ground, Json

REFUSALS: Final = {
    400: {"malformed"},
    403: {"wrong_device"},
    409: {"device_copied"},
    413: {"too_large"},
    415: {"unsupported_type"},
}
"""What the document says that a sync call of somebody signed in may be answered with."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    data: bytes


def post(app: Flask, path: str, sent: Sent, cookie: str) -> Answer:
    """The bytes through the app's own WSGI door, without a client that would mend them."""
    said: dict[str, Any] = {}
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.input": io.BytesIO(sent.data),
        "CONTENT_LENGTH": str(len(sent.data)), "HTTP_HOST": "localhost", "HTTP_X_GRIDWALK": "1", "HTTP_COOKIE": cookie,
    }  # fmt: skip
    for name, value in sent.headers.items():
        environ["CONTENT_TYPE" if name == "Content-Type" else "HTTP_" + name.upper().replace("-", "_")] = value

    def start(status: str, headers: list[tuple[str, str]], _trouble: Any = None) -> Any:
        said["status"], said["headers"] = int(status.partition(" ")[0]), dict(headers)

    answer = app.wsgi_app(environ, start)
    data = b"".join(answer)
    close = getattr(answer, "close", None)
    if close:
        close()
    return Answer(said["status"], said["headers"], data)


class Fuzz:
    """Hostile calls by a seed, one after the other, each looked at."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app, self.seed = app, seed
        self.services: Services = app.extensions[EXTENSION]
        self.met: Counter[str] = Counter()
        self.number = 0
        self.last: str | None = None
        self.commits = 0
        sql_engine = self.services.database.sql_engine
        event.listen(sql_engine, "commit", self._committed)
        if self.services.database.is_sqlite:  # what a power cut would leave is not asked here
            event.listen(sql_engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous = OFF"))
            sql_engine.dispose()
        self._sign_in()
        self.hostile = Hostile(random.Random(seed), self._ground(), phones.report)

    def _committed(self, _conn: object) -> None:
        self.commits += 1

    def _sign_in(self) -> None:
        """A new device: the last one was called a copy, as its calls deserved."""
        self.phone = Phone(self.app).sign_in("worker")
        cookie = self.phone.http.get_cookie("gridwalk")
        self.cookie = f"gridwalk={cookie.value}" if cookie else ""
        self.last = None

    def _ground(self) -> Ground:
        """Records of the own grid and of others, one of them hidden, one erased, one restricted."""
        head = Phone(self.app).sign_in("head")
        outsider = Phone(self.app).sign_in("outsider")
        own = [phones.report() for _ in range(4)]
        other = phones.report(book=world.OTHER_GRID)
        changes = [*own, other, phones.change(own[1]["record"], 1, {}, void=True)]
        for each in (*own, phones.change(own[1]["record"], 0, {}, void=True)):
            head.sync(each)
        outsider.sync(other)
        self.erased = own[2]["record"]
        self.services.engine.erase(world.GRID, self.erased)
        self.epoch = self.services.engine.epoch
        return Ground(
            [each["record"] for each in (*own, other)],
            [each["id"] for each in changes],
            [self.phone.account, head.account, self.phone.device, outsider.device],
            self.epoch,
            phones.IDS.new,
        )

    # -- one call -------------------------------------------------------------------------------------------------

    def one(self) -> None:
        """Send the next call. AssertionError with its seed and number where something does not hold."""
        self.number += 1
        sent = self.hostile.sent(self.phone.device, self.last)
        self.commits = 0
        answer = post(self.app, "/api/v1/sync", sent, self.cookie)
        self.met[f"{answer.status}"] += 1
        try:
            if answer.status == 200:
                self._answered(sent, orjson.loads(unpacked(answer.headers, answer.data)))
            else:
                self._refused(sent, answer)
        except AssertionError as error:
            told = f"seed {self.seed}, call {self.number}, {sent.kind}: {sent.headers} {sent.data[:3000]!r}"
            raise AssertionError(f"{error}\n{answer.status} {answer.data[:3000]!r}\n{told}") from error

    def _refused(self, sent: Sent, answer: Answer) -> None:
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = orjson.loads(answer.data)
        code = problem["code"]
        self.met[code] += 1
        assert code in REFUSALS.get(answer.status, ()), "not a documented answer"
        assert problem["status"] == answer.status
        assert problem["title"]
        assert problem["detail"]
        assert {self.services.catalogue.say(each, f"errors.{code}.title") for each in LANGUAGES} >= {problem["title"]}
        # What ends a copy's session is one transaction of its own.
        assert self.commits == (1 if code == "device_copied" else 0), "a refused call has changed something"
        assert sent.kind != "change", "a bad change has blocked a good one"
        if code == "device_copied":
            self._sign_in()

    def _answered(self, sent: Sent, reply: Json) -> None:
        if reply["reoffer"]:
            assert reply["receipts"] == reply["books"] == []
            assert self.commits == 0, "taken, but to be offered again"
            assert sent.kind != "change"
            return
        changes = _as_read(sent)
        receipts = reply["receipts"]
        assert [each["index"] for each in receipts] == list(range(len(changes))), "not one receipt for each change"
        for index, good in sent.good.items():
            if index < len(changes) and canonical(changes[index]) == canonical(good):
                assert receipts[index]["id"] == good["id"]
                assert receipts[index]["outcome"] == "applied", "a good change was not taken"
        self.last = max([each["id"] for each in receipts if each["id"]] + [self.last or ""]) or None
        for receipt in receipts:
            self.met[receipt["outcome"]] += 1
            if receipt["reason"]:
                self.met[receipt["reason"]] += 1
        self._stored_whole(changes, receipts)

    def _stored_whole(self, changes: list[Any], receipts: list[Json]) -> None:
        """X6: what was refused or held is kept as it came; of what is about an erased record, only its hash (S4)."""
        due, ids = set(), []
        books = {raw["book"] for raw in changes if isinstance(raw, dict) and is_id(raw.get("book"))}
        for raw, receipt in zip(changes, receipts, strict=True):
            gone = receipt["reason"] == "gone" or (isinstance(raw, dict) and raw.get("record") == self.erased)
            if receipt["outcome"] in {"held", "refused"} and not gone:
                body = canonical(raw)
                due.add(body.decode())
                ids.append(receipt["id"] or derived("unnamed", self.phone.device, digest_of(body)))
        kept = tables.parked.c
        with self.services.database.read() as conn:
            query = select(kept.body).where(kept.book_id.in_([*sorted(books), ""]), kept.id.in_(ids))
            found = set(conn.execute(query).scalars()) if due else set()
        assert found >= due, "X6: not kept whole"


def books_are_whole(services: Services) -> None:
    """O1: the books have no gap."""
    its = tables.change.c
    with services.database.read() as conn:
        rows = conn.execute(select(its.book_id, its.seq)).all()
        heads = {row.id: row.head for row in conn.execute(select(tables.book))}
    for book, head in heads.items():
        assert sorted(row.seq for row in rows if row.book_id == book) == list(range(1, head + 1))
    assert {row.book_id for row in rows} <= heads.keys()


def _as_read(sent: Sent) -> list[Any]:
    """The changes of a call as the server reads them."""
    encoding = sent.headers.get("Content-Encoding", "").strip().lower().removeprefix("x-")
    data = unpacked({**sent.headers, "Content-Encoding": encoding}, sent.data)
    try:
        call = orjson.loads(data)
    except orjson.JSONDecodeError:
        call = json.loads(data)
    return list(call.get("changes") or [])
