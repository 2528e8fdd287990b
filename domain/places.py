"""The tree of places that own books: town > community > grid, with posts and stations beside them.

What lies inside a grid (building, unit, household) is a record in the grid's book, see domain/records/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    insert,
    select,
)

from domain.records.codes import place_code, short_code
from domain.words import say
from sync.database import Database, metadata
from sync.engine import Engine
from sync.types import Labels

PARENTS: Final[Mapping[str, frozenset[str | None]]] = {
    "town": frozenset({None}),
    "community": frozenset({"town"}),
    "grid": frozenset({"community"}),
    "industry_grid": frozenset({"town", "community"}),
    "post": frozenset({"town", "community", "grid"}),
    "station": frozenset({"town", "community", "grid"}),
}
"""kind -> the kinds of place under which it may stand."""

KIND_LABELS: Final[Mapping[str, Labels]] = {
    "town": say("镇", "Town"),
    "community": say("社区", "Community"),
    "grid": say("网格", "Grid"),
    "industry_grid": say("行业网格", "Industry grid"),
    "post": say("护学岗", "School post"),
    "station": say("工作站", "Station"),
}
_ORDER: Final = {kind: rank for rank, kind in enumerate(PARENTS)}

place: Final = Table(
    "place",
    metadata,
    Column("id", String(36), primary_key=True, comment="also the id of its book"),
    Column("parent_id", String(36), ForeignKey("place.id")),
    Column("kind", String(20), nullable=False),
    Column("name", String(100), nullable=False),
    Column("short_label", String(40), nullable=False),
    Column("code", String(12), nullable=False, unique=True, comment="said aloud in case numbers: LW1-0613-036"),
    Column("position", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_place_parent", "parent_id"),
    comment="The tree of places that own books.",
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place; its id is that of its book."""

    id: str
    parent_id: str | None
    kind: str
    name: str
    short_label: str
    code: str
    position: int

    @property
    def rank(self) -> tuple[int, int, str]:
        """Sorts places from the town down, then as they are numbered."""
        return _ORDER[self.kind], self.position, self.id


class PlaceError(ValueError):
    """A place that cannot be made. `code` says why: `bad_kind`, `bad_parent`, `code_taken`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_COLUMNS: Final = (
    place.c.id,
    place.c.parent_id,
    place.c.kind,
    place.c.name,
    place.c.short_label,
    place.c.code,
    place.c.position,
)


def _walk(name: str, *, down: bool) -> Select[Any]:
    """The places `ids` and what hangs below them or stands above. Built once: every request walks the tree."""
    start = select(place.c.id, place.c.parent_id).where(place.c.id.in_(bindparam("ids", expanding=True)))
    here = start.cte(name, recursive=True)
    next_one = place.c.parent_id == here.c.id if down else place.c.id == here.c.parent_id
    tree = here.union(select(place.c.id, place.c.parent_id).where(next_one))
    return select(*_COLUMNS).join(tree, tree.c.id == place.c.id)


_BELOW: Final = _walk("below", down=True)
_ABOVE: Final = _walk("above", down=False)


def create_place(
    conn: Connection,
    engine: Engine,
    *,
    kind: str,
    name: str,
    parent: str | None = None,
    short_label: str | None = None,
    code: str | None = None,
    position: int = 0,
    id: str | None = None,
) -> Place:
    """A new place with an empty book, inside the caller's write transaction. Raises PlaceError."""
    made = id or engine.ids.new()
    above = get(conn, parent) if parent else None
    if kind not in PARENTS:
        raise PlaceError("bad_kind")
    if (above.kind if above else None) not in PARENTS[kind] or (parent and above is None):
        raise PlaceError("bad_parent")
    spoken = code or place_code(made)
    if conn.execute(select(place.c.id).where(place.c.code == spoken)).first():
        raise PlaceError("code_taken")
    new = Place(made, parent, kind, name, short_label or name, spoken, position)
    row = {column.name: getattr(new, column.name) for column in _COLUMNS}
    conn.execute(insert(place).values(**row, created_at=engine.clock.now()))
    engine.open_book(conn, made)
    return new


def get(conn: Connection, id: str) -> Place | None:
    row = conn.execute(select(*_COLUMNS).where(place.c.id == id)).first()
    return Place(*row) if row else None


def named(conn: Connection, ids: Iterable[str]) -> dict[str, Place]:
    """id -> place, of those that are there."""
    return _places(conn, select(*_COLUMNS).where(place.c.id.in_(sorted(set(ids)))))


def below(conn: Connection, roots: Iterable[str]) -> dict[str, Place]:
    """The places `roots` and everything under them."""
    return _places(conn, _BELOW, roots)


def above(conn: Connection, leaves: Iterable[str]) -> dict[str, Place]:
    """The places `leaves` and everything over them."""
    return _places(conn, _ABOVE, leaves)


def every(conn: Connection) -> dict[str, Place]:
    """All places: for the command line and small set-ups."""
    return _places(conn, select(*_COLUMNS))


def _places(conn: Connection, query: Select[Any], ids: Iterable[str] | None = None) -> dict[str, Place]:
    found = [Place(*row) for row in conn.execute(query, None if ids is None else {"ids": sorted(set(ids))})]
    return {each.id: each for each in sorted(found, key=lambda each: each.rank)}


class PlaceCodes:
    """book id -> the spoken code of its place. A place keeps its code, so that each is read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, str] = {}

    def __call__(self, book: str) -> str:
        if book not in self._known:
            with self._database.read() as conn:
                found = get(conn, book)
            if found is None:  # a book without a place: only tests of the engine have such
                return short_code(book)
            self._known[book] = found.code
        return self._known[book]
