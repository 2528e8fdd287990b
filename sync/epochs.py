"""The lives of this database: a restore begins a new one, and what was seen in an older one counts for less (L3)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from sync.tables import book, epoch, epoch_head


@dataclass(frozen=True)
class Epochs:
    """`current` is the id of the present epoch; `heads` gives, per epoch number, how far each book had come when
    it began; a book that is not named there was not yet made, or empty."""

    current: str
    numbers: dict[str, int]
    heads: dict[int, dict[str, int]]

    def is_older(self, of: str | None) -> bool:
        """Does a `seen` of this epoch come from before the last restore?"""
        return of is not None and of != self.current

    def seen(self, of: str | None, book_id: str, seen: int) -> int:
        """What a `seen` of an older epoch is worth today: no more than what every restore since has kept."""
        if of not in self.numbers:
            return 0
        since = range(self.numbers[of] + 1, self.numbers[self.current] + 1)
        return min([seen, *(self.heads[number].get(book_id, 0) for number in since)])


def load_epochs(conn: Connection) -> Epochs | None:
    """The epochs so far, or None of a database that has not begun its first."""
    rows = conn.execute(select(epoch).order_by(epoch.c.number)).all()
    if not rows:
        return None
    heads: dict[int, dict[str, int]] = {row.number: {} for row in rows}
    for number, book_id, head in conn.execute(select(epoch_head)):
        heads[number][book_id] = head
    return Epochs(rows[-1].id, {row.id: row.number for row in rows}, heads)


def begin_epoch(conn: Connection, epoch_id: str, now: int) -> None:
    """Begin the next epoch; to be called once on a new database, and once after every restore."""
    last = conn.execute(select(func.max(epoch.c.number))).scalar() or 0
    conn.execute(insert(epoch).values(number=last + 1, id=epoch_id, started_at=now))
    heads = [
        {"number": last + 1, "book_id": book_id, "head": head}
        for book_id, head in conn.execute(select(book.c.id, book.c.head).where(book.c.head > 0))
    ]
    if heads:
        conn.execute(insert(epoch_head), heads)
