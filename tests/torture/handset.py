"""A phone as an honest one is: it forgets a change only on its own receipt, a picture only when its hash is confirmed."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from sync.clock import SystemClock, to_text
from sync.ids import Ids, derived
from tests.api import world
from tests.torture.wire import Answer, LineCut, Wire

Json = dict[str, Any]
PATIENCE = 30.0
BATCH = 60
TUS = {"Tus-Resumable": "1.0.0"}
IDS = Ids(SystemClock())


class Broken(Exception):
    """The server broke a promise to this phone."""


@dataclass
class Memory:
    """What a phone keeps on its own disk."""

    outbox: dict[str, Json] = field(default_factory=dict)
    written: dict[str, Json] = field(default_factory=dict)
    receipts: dict[str, Json] = field(default_factory=dict)
    records: dict[str, Json] = field(default_factory=dict)
    cursors: dict[str, list[Any]] = field(default_factory=dict)
    epoch: str | None = None
    last: str | None = None
    newest: str | None = None
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Bytes still to be sent, by hash, with the change that names them."""
    confirmed: dict[str, bytes] = field(default_factory=dict)
    """What the server says it has."""


class Handset:
    """One account on one device. `story` counts what its calls met."""

    def __init__(self, port: int, login: str, books: tuple[str, ...], seed: int) -> None:
        self.login, self.books, self.chance = login, books, random.Random(seed)
        self.wire = Wire(port)
        self.device = ""
        self.keeps = Memory()
        self.story: Counter[str] = Counter()
        self.is_up = threading.Event()
        self.is_up.set()

    def sign_in(self) -> Handset:
        answer = self.wire.post("/api/v1/session", {"login": self.login, "password": world.PASSWORD})
        if answer.status != 200:
            raise Broken(f"{self.login} cannot sign in: {answer.data!r}")
        self.wire.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        self.device = answer.json["device"]
        return self

    # -- writing --------------------------------------------------------------------------------------------------

    def write(self, count: int) -> None:
        for _ in range(count):
            change = self._new_case() if self.chance.random() < 0.3 or not self.keeps.records else self._edit()
            self.keeps.written[change["id"]] = self.keeps.outbox[change["id"]] = change
            self.keeps.newest = change["id"]

    def _change(self, record: str, book: str, values: Json, **more: Any) -> Json:
        held = self.keeps.records.get(record)
        return {
            "id": IDS.new(),
            "book": book,
            "record": record,
            "type": "case",
            "schema": 1,
            "epoch": self.keeps.epoch,
            "seen": held["seq"] if held else 0,
            "made_at": to_text(SystemClock().now()),
            "set": values,
            **more,
        }

    def _new_case(self) -> Json:
        written: Json = {
            "category": "garbage",
            "captured_at": to_text(SystemClock().now()),
            "source": "grid_worker",
            "status": {"from": None, "to": "reported", "cycle": 1},
            "description": {"text": "楼道里堆着旧沙发" * self.chance.randint(1, 30)},
        }
        picture = noise(self.chance) if self.chance.random() < 0.3 else None
        if picture:
            written["photos"] = {sha(picture): {"stage": "before", "type": "image/jpeg", "bytes": len(picture)}}
        change = self._change(IDS.new(), self.chance.choice(self.books), written, create=True)
        if picture:
            self.keeps.pictures[sha(picture)] = (change["id"], picture)
        return change

    def _edit(self) -> Json:
        """Mostly of a case that was pulled; now and then of one just made, or something that cannot be taken."""
        say, odd = self.chance.choice, self.chance.random()
        if odd < 0.04:
            return self._change(IDS.new(), say(self.books), {"place_note": "to a case that is not there"})
        if odd < 0.08:
            return self._change(IDS.new(), derived("test", say(("town", "g1", "g2"))), {"captured_at": 7}, create=True)
        record = say(sorted(self.keeps.records)[-60:])
        values = say(
            (
                {"place_note": f"{say('甲乙丙丁')}{self.chance.randint(1, 30)}"},
                {"severity": say(("normal", "serious", "urgent"))},
                {"additions": {say("abcdefgh"): {"text": "今天又多了一个柜子"}}},
                {"pin": {"lat": round(30 + self.chance.random(), 4), "lon": 120.0}},
                {"public_summary": "三单元楼道杂物已清理"},
                {"place_id": say((world.UNIT, world.OTHER_UNIT))},
            )
        )
        return self._change(record, self.keeps.records[record]["book"], values)

    # -- the one call ---------------------------------------------------------------------------------------------

    def _envelope(self, **more: Any) -> Json:
        keeps = self.keeps
        call = {"protocol": 1, "device": self.device, "epoch": keeps.epoch, "last": keeps.last, "newest": keeps.newest}
        return {**call, "cursors": keeps.cursors, "changes": [], **more}

    def sync(self, **more: Any) -> None:
        """One round trip with the oldest of what waits, or as much of it as the line allows."""
        halves, limit = self.chance.random() < 0.15, self.chance.choice((0, 40, 5000, 5000))
        batch = list(self.keeps.outbox.values())[: self.chance.choice((1, 8, BATCH))]
        call = self._envelope(changes=batch, **{"limit": limit, **more})
        answer = self._call(lambda: self.wire.post("/api/v1/sync", call, halves=halves))
        if answer is not None:
            self.take(answer.json, batch)

    def _call(self, call: Any) -> Answer | None:
        """The answer, or None where the phone has to come again."""
        if not self.is_up.wait(PATIENCE):
            raise Broken("the server does not come back")
        try:
            answer: Answer = call()
        except LineCut as cut:
            self.story[f"cut while {cut.stage}"] += 1
            return None
        self.story[f"answer {answer.status}"] += 1
        if answer.status == 503 and answer.headers.get("Retry-After"):
            time.sleep(0.05)  # a phone waits longer
            return None
        if answer.status not in {200, 201, 204, 409, 410, 423}:
            raise Broken(f"{self.login} is answered {answer.status}: {answer.data[:400]!r}")
        return answer

    def take(self, reply: Json, batch: list[Json]) -> None:
        """Do what the reply to a call with `batch` says. Broken where it is no honest reply."""
        keeps = self.keeps
        if reply.get("code") or reply["reoffer"]:
            raise Broken(f"an honest phone is told: {reply}")
        if keeps.epoch not in {None, reply["epoch"]}:
            raise Broken("a new epoch without a restore")
        keeps.epoch = reply["epoch"]
        busy = set(reply["busy"])
        due = [change["id"] for change in batch if change["book"] not in busy]
        if [receipt["id"] for receipt in reply["receipts"]] != due:
            raise Broken(f"receipts {reply['receipts']} do not answer {due}")
        for receipt in reply["receipts"]:
            self._receipted(receipt)
        for page in reply["books"]:
            self._store(page)

    def _receipted(self, receipt: Json) -> None:
        keeps, plain = self.keeps, {name: each for name, each in receipt.items() if name != "index"}
        before = keeps.receipts.get(receipt["id"])
        if before is not None and before != plain:
            raise Broken(f"X2: {before} became {plain}")
        if before is None:
            self.story[receipt["outcome"]] += 1
        keeps.receipts[receipt["id"]] = plain
        keeps.outbox.pop(receipt["id"], None)
        keeps.last = max(keeps.last or "", receipt["id"])

    def _store(self, page: Json) -> None:
        keeps, book = self.keeps, page["book"]
        before = keeps.cursors.get(book, [0, None, ""])
        if page["cursor"][0] < before[0] or page["restart"] or page["erased"]:
            raise Broken(f"O2: {before} became {page['cursor']}, restart {page['restart']}")
        seqs = [record["seq"] for record in page["records"]]
        if seqs != sorted(set(seqs)) or (seqs and not before[0] < seqs[0] <= seqs[-1] <= page["cursor"][0]):
            raise Broken(f"O2: {seqs} from {before} to {page['cursor']}")
        for gone in page["forget"]:
            keeps.records.pop(gone, None)
        for record in page["records"]:
            keeps.records[record["id"]] = record
        keeps.cursors[book] = page["cursor"]

    def pull_all(self) -> dict[str, Json]:
        """Everything that this person may see, from the beginning, as a phone that lost its records would ask."""
        fresh = Handset(self.wire.port, self.login, self.books, 0)
        fresh.keeps.last, fresh.keeps.newest = self.keeps.last, self.keeps.newest
        while True:
            reply = self.answer_of(cursors=fresh.keeps.cursors)
            fresh.take(reply, [])
            if not reply["more"]:
                return fresh.keeps.records

    def answer_of(self, **more: Any) -> Json:
        """The reply to a call that must get through."""
        for _ in range(20):
            answer = self._call(lambda: self.wire.post("/api/v1/sync", self._envelope(**more)))
            if answer is not None:
                reply: Json = answer.json
                return reply
        raise Broken("twenty calls in vain")

    def visit(self) -> None:
        """Pull the whole book again, in sips, for nothing: a reply that takes its time."""
        call = self._envelope(cursors={})
        answer = self._call(lambda: self.wire.post("/api/v1/sync", call, slowly=True))
        if answer is not None and answer.json["reoffer"]:
            raise Broken("an honest phone is told to offer everything again")

    # -- pictures -------------------------------------------------------------------------------------------------

    def send_picture(self) -> None:
        """Go on with one picture whose text has arrived; it is kept until the server has confirmed it (P2)."""
        due = [sha256 for sha256, (change, _) in self.keeps.pictures.items() if change in self.keeps.receipts]
        if not due:
            return
        data = self.keeps.pictures[due[0]][1]
        facts = {
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"sha256 {base64.b64encode(due[0].encode()).decode()}",
        }
        begun = self._call(lambda: self.wire.request("POST", "/api/v1/uploads", b"", {**TUS, **facts}))
        if begun is None or begun.status == 423:
            return
        if begun.status != 201:
            raise Broken(f"P3: {begun.status} {begun.data!r}")
        offset: int | None = int(begun.headers["Upload-Offset"])
        while offset is not None and offset < len(data):
            offset = self._send_piece(begun.headers["Location"], data, offset)
        if offset == len(data):
            self.keeps.confirmed[due[0]] = data
            del self.keeps.pictures[due[0]]
            self.story["pictures confirmed"] += 1

    def _send_piece(self, where: str, data: bytes, offset: int) -> int | None:
        piece = data[offset : offset + self.chance.choice((4_000, 20_000, len(data)))]
        facts = {**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        halves = self.chance.random() < 0.5
        answer = self._call(lambda: self.wire.request("PATCH", where, piece, facts, halves=halves))
        if answer is None or answer.status in {409, 410, 423}:
            return None  # asks anew next time
        return int(answer.headers["Upload-Offset"])

    # -- its day --------------------------------------------------------------------------------------------------

    def live(self, over: threading.Event) -> None:
        """Write and sync until it is over."""
        acts = [self._work] * 12 + [self.send_picture] * 5 + [self.visit]
        while not over.is_set():
            self.chance.choice(acts)()

    def _work(self) -> None:
        if len(self.keeps.outbox) < 3 * BATCH:
            self.write(self.chance.choice((1, 1, 2, 3, 12)))
        self.sync()

    def drain(self) -> None:
        """Sync until nothing waits."""
        while self.keeps.outbox or self.keeps.pictures:
            self.sync(limit=0)
            self.send_picture()

    def pull_more(self) -> bool:
        """One page of what is new; is there more?"""
        reply = self.answer_of()
        self.take(reply, [])
        return bool(reply["more"])


def noise(chance: random.Random) -> bytes:
    """A small JPEG of noise, some 10 to 40 kB."""
    size = chance.choice((64, 96, 128))
    image = Image.frombytes("RGB", (size, size), os.urandom(3 * size * size))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
