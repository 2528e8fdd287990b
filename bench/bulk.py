"""A long history in a minute: rows as the engine itself has stored them, copied under new ids and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, text, update

from bench.http1 import Line
from bench.measures import Diary
from bench.targets import Gridwalk
from bench.workload import Entry, Json, change, made_id
from bench.world import WATCHED, Client
from sync.clock import to_text
from sync.database import Database, connect
from sync.tables import book, record
from sync.tables import change as change_table

AT_ONCE: Final = 5000
PATTERNS: Final = 20
Row = dict[str, Any]
Kind = Callable[[Entry, Client], Json]


def records_of(target: Gridwalk, book_id: str) -> int:
    with _database(target).read() as conn:
        query = select(func.count()).select_from(record).where(record.c.book_id == book_id)
        return int(conn.execute(query).scalar_one())


def grow(target: Gridwalk, diary: Diary, count: int, books: Sequence[str] = ()) -> int:
    """Put that many more visits into the books (all grids, by default). Returns how many."""
    return _grow(target, diary, _visit, count, list(books) or target.world.grids)


def grow_cases(target: Gridwalk, diary: Diary, count: int) -> int:
    """The same with cases, in the grids of the first community."""
    return _grow(target, diary, _case, count, target.world.grids[:WATCHED])


def _visit(entry: Entry, client: Client) -> Json:
    return change(entry, client.book, client.account)


def _case(entry: Entry, client: Client) -> Json:
    written = {
        "class": "thing",
        "category": "blocked_way",
        "description": {"text": entry.note},
        "severity": "serious",
        "source": "grid_worker",
        "captured_at": to_text(entry.at),
        "status": {"from": None, "to": "reported", "cycle": 1},
    }
    return {**_visit(entry, client), "type": "case", "set": written}


def _database(target: Gridwalk) -> Database:
    return Database(connect(target.config.database_url))


def _grow(target: Gridwalk, diary: Diary, kind: Kind, count: int, books: Sequence[str]) -> int:
    """Let the engine store a few of them in each book, then copy its rows."""
    if count <= 0:
        return 0
    database, rng, each = _database(target), Random("bulk"), -(-count // len(books))
    line = Line(target.port)
    for book_id in books:
        client = next(one for one in target.world.phones if one.book == book_id)
        made = [kind(entry, client) for entry in diary.batch("bulk", PATTERNS)]
        target.check(line.ask(target.call(client, made)))
        with database.write() as conn:
            _copy(conn, book_id, [str(one["record"]) for one in made], each, rng)
    line.close()
    _settle(database)
    return each * len(books)


def _copy(conn: Connection, book_id: str, ids: Sequence[str], count: int, rng: Random) -> None:
    its = (record.c.book_id == book_id, record.c.id.in_(ids))
    pairs = [
        {"record": dict(row), "changes": [dict(each) for each in conn.execute(_changes(book_id, row["id"])).mappings()]}
        for row in conn.execute(select(record).where(*its)).mappings()
    ]
    head = int(conn.execute(select(book.c.head).where(book.c.id == book_id)).scalar_one())
    newest = ""
    for begin in range(0, count, AT_ONCE):
        records: list[Row] = []
        history: list[Row] = []
        for number in range(begin, min(begin + AT_ONCE, count)):
            for name, row in _again(pairs[number % len(pairs)], head, rng):
                (records if name == "record" else history).append(row)
                if name == "change":
                    head, newest = row["seq"], row["id"]
        conn.execute(insert(record), records)
        conn.execute(insert(change_table), history)
    conn.execute(update(book).where(book.c.id == book_id).values(head=head, head_change=newest))


def _changes(book_id: str, record_id: str) -> Any:
    mine = (change_table.c.book_id == book_id, change_table.c.record_id == record_id)
    return select(change_table).where(*mine).order_by(change_table.c.seq)


def _again(pair: Mapping[str, Any], head: int, rng: Random) -> Iterator[tuple[str, Row]]:
    """The rows of one record and its changes, under new ids and the next numbers. They are there to be walked past and
    to be pulled; nobody edits them."""
    base = pair["record"]
    at = int(base["made_at"]) - rng.randrange(200 * 86_400_000)
    fresh, seq = made_id(rng, at), head
    for each in pair["changes"]:
        seq += 1
        new, device = made_id(rng, at), made_id(rng, at)
        body = (each["body"] or "").replace(base["id"], fresh).replace(each["id"], new)
        yield "change", {**each, "id": new, "seq": seq, "record_id": fresh, "body": body, "at": at, "device": device}
    yield "record", {**base, "id": fresh, "seq": seq, "made_at": at, "changed_at": at}


def _settle(database: Database) -> None:
    """What a database does by itself in the night after such an import: count its rows anew."""
    with database.sql_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
        if database.is_sqlite:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
