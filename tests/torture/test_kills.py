"""A server that is killed again and again under eight phones: every receipted change is there once, none twice.

A bounded part; `make torture KILLS=1000` goes on for longer.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from sync import tables
from tests.torture.cluster import Cluster
from tests.torture.siege import Siege
from tests.torture.world import on_postgresql, on_sqlite

KILLS = 12


def _siege(data: Path, breakable: Cluster | None) -> Siege:
    if breakable is None:
        return Siege(on_sqlite(data), seed=1)
    return Siege(on_postgresql(data, breakable.new_database()), seed=2, also=breakable.break_somehow)


def test_X1_X2_a_server_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    data: Path, breakable: Cluster | None
) -> None:
    siege = _siege(data, breakable)
    siege.run(KILLS)
    story = siege.story()
    assert story["cuts"] == KILLS
    # Something of everything has happened, or the test proves less than it says.
    assert all(story[each] for each in ("applied", "held", "refused", "pictures confirmed", "looked at everything"))


def test_the_audit_notices_a_lost_change_a_doubled_one_and_another_receipt(data: Path) -> None:
    siege = Siege(on_sqlite(data), seed=3)
    siege.run(1)
    siege.audit.whole(siege.phones)
    its = tables.change.c
    with siege.audit.database.read() as conn:
        sent = its.device.in_([phone.device for phone in siege.phones])  # not what the server itself has added
        row = dict(conn.execute(select(tables.change).where(sent).limit(1)).mappings().one())
    spoil = {
        "lost": (delete(tables.change).where(its.id == row["id"]), insert(tables.change).values(**row)),
        "doubled": (
            insert(tables.change).values(**{**row, "book_id": "elsewhere"}),
            delete(tables.change).where(its.book_id == "elsewhere"),
        ),
        "told otherwise": (
            update(tables.change).where(its.id == row["id"]).values(receipt='{"outcome":"merged","seq":0}'),
            update(tables.change).where(its.id == row["id"]).values(receipt=row["receipt"]),
        ),
    }
    for spoiling, mending in spoil.values():
        with siege.audit.database.write() as conn:
            conn.execute(spoiling)
        with pytest.raises(AssertionError):
            siege.audit.whole(siege.phones)
        with siege.audit.database.write() as conn:
            conn.execute(mending)
    siege.audit.whole(siege.phones)
    for blob in (data / "blobs").rglob("*.full"):
        blob.write_bytes(b"half")
    with pytest.raises(AssertionError):
        siege.audit.whole(siege.phones)
    siege.audit.close()
