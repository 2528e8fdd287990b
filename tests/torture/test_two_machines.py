"""Two server machines, one PostgreSQL behind pgbouncer, one Redis, one S3 store: nothing is in the processes, and any of
them may be killed at any moment."""

from __future__ import annotations

import base64
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select, text

from api.services import EXTENSION, Services
from sync.database import Database, connect
from sync.picture_tables import picture
from tests.api import world
from tests.s3 import Store
from tests.torture.audit import Audit
from tests.torture.handset import IDS, TUS, Handset, noise, sha
from tests.torture.machines import Machine, Roaming, configured
from tests.torture.siege import PHONES
from tests.torture.wire import Wire
from web import jobs, serve
from web.app import create_app
from web.config import Config

KILLS = 6
SOME = (PHONES[0], PHONES[2], PHONES[3], PHONES[5])
ENOUGH = 150
"""Changes of one phone: on a slow machine the kills take longer, and what is looked at in the end should not grow with it."""
WITHIN = 60.0


@pytest.fixture
def pair(tmp_path: Path, pooler_url: str, s3: Store, redis_url: str) -> list[Config]:
    return configured(tmp_path, pooler_url, s3.url, redis_url)


@pytest.fixture
def machines(pair: list[Config]) -> Iterator[list[Machine]]:
    made = [Machine(each) for each in pair]
    yield made
    for each in made:
        each.close()


def phone_at(wire: Wire, login: str, books: tuple[str, ...], seed: int) -> Handset:
    phone = Handset(wire.port, login, books, seed)
    phone.wire = wire
    return phone.sign_in()


def test_X1_X2_P2_with_two_machines_of_which_any_is_killed_nothing_is_lost_or_doubled(machines: list[Machine]) -> None:
    chance, met = random.Random(11), Counter[str]()
    for each in machines:
        each.start()
    ports = [each.config.port for each in machines]
    phones = [phone_at(Roaming(ports, seed), login, books, seed) for seed, (login, books) in enumerate(SOME)]
    over, troubles = threading.Event(), list[BaseException]()
    threads = [threading.Thread(target=_live, args=(phone, over, troubles)) for phone in phones]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(chance.random() * 0.6)  # at whatever moment: no condition is waited for
        met[chance.choice(machines).break_somehow(chance)] += 1
    over.set()
    for thread in threads:
        thread.join()
    assert not troubles, troubles
    audit = Audit(machines[0].config)
    for phone in phones:
        phone.drain()
    for phone in phones:
        while phone.pull_more():
            pass
    audit.whole(phones)
    for phone in phones:
        assert phone.keeps.records == phone.pull_all(), "O3: what one machine gave and the other took is one book"
        assert phone.wire.used == set(ports)  # type: ignore[attr-defined]
    _pictures_are_the_same(phones, ports)
    audit.close()
    for phone in phones:
        phone.wire.hang_up()
    story = sum((phone.story for phone in phones), met)
    assert sum(met.values()) == KILLS
    assert all(story[each] for each in ("applied", "held", "refused", "pictures confirmed", "server killed")), story


def _live(phone: Handset, over: threading.Event, troubles: list[BaseException]) -> None:
    try:
        while not over.is_set():
            work = phone._work if len(phone.keeps.written) < ENOUGH else phone.sync
            phone.chance.choice([work] * 12 + [phone.send_picture] * 5 + [phone.visit])()
    except BaseException as trouble:
        troubles.append(trouble)


def _pictures_are_the_same(phones: list[Handset], ports: list[int]) -> None:
    """P2: what was confirmed by one machine is given out by both."""
    for phone in phones:
        for sha256 in phone.keeps.confirmed:
            got = [_ask(Wire(port), phone, f"/api/v1/photos/{sha256}?size=full") for port in ports]
            assert [each.status for each in got] == [200, 200]
            assert got[0].data == got[1].data


def _ask(
    door: Wire,
    phone: Handset,
    path: str,
    method: str = "GET",
    data: bytes = b"",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    door.cookie = phone.wire.cookie
    answer = door.request(method, path, data, headers)
    door.hang_up()
    return answer


def test_an_upload_cut_on_one_machine_goes_on_on_the_other_and_the_others_jobs_make_its_sizes(
    machines: list[Machine],
) -> None:
    east, west = machines
    east.start(jobs=False)
    west.start(jobs=True)
    phone = phone_at(Wire(east.config.port), "worker", (world.GRID,), 5)
    data = noise(random.Random(3))
    _report(phone, data)
    del phone.keeps.pictures[sha(data)]  # sent by hand, below
    facts = {
        "Upload-Length": str(len(data)),
        "Upload-Metadata": f"sha256 {base64.b64encode(sha(data).encode()).decode()}",
    }
    begun = phone.wire.request("POST", "/api/v1/uploads", b"", {**TUS, **facts})
    where, half = begun.headers["Location"], len(data) // 2
    here, there = Wire(east.config.port), Wire(west.config.port)
    bytes_ = {**TUS, "Content-Type": "application/offset+octet-stream"}
    assert _ask(here, phone, where, "PATCH", data[:half], {**bytes_, "Upload-Offset": "0"}).status == 204
    east.server.kill()
    # The session that the first gave is the second's, and so is what the first was sent.
    assert int(_ask(there, phone, where, "HEAD", headers=TUS).headers["Upload-Offset"]) == half
    done = _ask(there, phone, where, "PATCH", data[half:], {**bytes_, "Upload-Offset": str(half)})
    assert (done.status, int(done.headers["Upload-Offset"])) == (204, len(data))
    east.server.start()
    assert int(_ask(here, phone, where, "HEAD", headers=TUS).headers["Upload-Offset"]) == len(data)
    assert _ask(here, phone, f"/api/v1/photos/{sha(data)}?size=full").status == 200
    # One more, whole, on the machine that has no jobs at all: the other's make its sizes.
    other = noise(random.Random(4))
    _report(phone, other)
    phone.drain()
    assert sha(other) in phone.keeps.confirmed
    database = Database(connect(east.config.database_url))
    _until(lambda: _is_sized(database, sha(other)))
    database.sql_engine.dispose()
    phone.wire.hang_up()


_CASE = {
    "category": "garbage",
    "captured_at": "2026-05-12T08:30:00.000Z",
    "source": "grid_worker",
    "status": {"from": None, "to": "reported", "cycle": 1},
    "description": {"text": "楼道里堆着旧沙发"},
}


def _report(phone: Handset, data: bytes) -> None:
    """A case with this picture; its text has arrived."""
    change = phone._change(IDS.new(), world.GRID, {**_CASE, "photos": {sha(data): {"stage": "before"}}}, create=True)
    keeps = phone.keeps
    keeps.written[change["id"]] = keeps.outbox[change["id"]] = change
    keeps.newest, keeps.pictures[sha(data)] = change["id"], (change["id"], data)
    while keeps.outbox:
        phone.sync(limit=0)
    assert keeps.receipts[change["id"]]["outcome"] == "applied"


def _is_sized(database: Database, sha256: str) -> bool:
    with database.read() as conn:
        return conn.execute(select(picture.c.sized_at).where(picture.c.sha256 == sha256)).scalar() is not None


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_of_two_machines_with_one_queue_one_goes_each_round_and_either_does_what_was_put_there(
    pair: list[Config], s3: Store
) -> None:
    east, west = (_services(each) for each in pair)
    here, there = jobs.make(east), jobs.make(west)
    minute = datetime(2026, 5, 12, 10, 41, tzinfo=UTC)
    due, nobodys = here.read_periodic(minute), there.read_periodic(minute)
    assert {each.name for each in due} == {"cases", "pictures", "kept_word", "hang_notices", "campaigns"}
    assert nobodys == []
    data = noise(random.Random(9))
    here.sizes(sha(data))
    waiting = there.dequeue()
    assert waiting is not None
    assert waiting.args == (sha(data),)
    assert here.dequeue() is None
    with jobs.alone(here, "cases") as mine, jobs.alone(there, "cases") as theirs:
        assert (mine, theirs) == (True, False)
    with jobs.alone(there, "cases") as theirs:
        assert theirs
    for each in (east, west):
        each.database.sql_engine.dispose()


def test_while_the_queue_is_away_nothing_is_due_and_nothing_breaks(pair: list[Config]) -> None:
    services = _services(replace(pair[0], redis_url="redis://127.0.0.1:1/0"))
    queue = jobs.make(services)
    assert queue.read_periodic(datetime(2026, 5, 12, 10, 41, tzinfo=UTC)) == []
    with jobs.alone(queue, "cases") as mine:
        assert not mine
    services.database.sql_engine.dispose()


def test_a_shared_queue_alone_makes_no_shared_instance(pair: list[Config], tmp_path: Path) -> None:
    serve.check_shared(pair[0])
    serve.check_shared(replace(pair[0], redis_url="", blobs_url=None))
    for wrong in (replace(pair[0], blobs_url=None), replace(pair[0], database_url=f"sqlite:///{tmp_path / 'book.db'}")):
        with pytest.raises(serve.CannotStart, match="apart"):
            serve.check_shared(wrong)


def test_X1_through_a_pooler_every_commit_still_waits_for_the_disk(pooler_url: str, postgres_url: str) -> None:
    asked = text("SELECT current_setting('synchronous_commit'), current_setting('lock_timeout')")
    for url, given in ((pooler_url, ("on", "20s")), (postgres_url, ("on", "20s"))):
        database = Database(connect(url))
        for _ in range(8):  # often enough for a driver that prepares statements to have done so
            with database.write() as conn:
                assert tuple(conn.execute(asked).one()) == given
        database.sql_engine.dispose()


def _services(config: Config) -> Services:
    found: Services = create_app(config).extensions[EXTENSION]
    return found
