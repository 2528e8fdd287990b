"""Loading a person from the database: a few small queries, once a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Select, and_, bindparam, select

from domain import places
from domain.access import Held, Person
from domain.accounts import account, device, membership, valid_at
from domain.indexes import Keys
from domain.places import Place
from domain.powers import HOUSEHOLD, Power, Unit
from domain.roles import ADMIN, BUILDING_CAPTAIN, RESIDENT
from sync.tables import record

_POWERLESS: Final = frozenset({ADMIN, RESIDENT})
"""They have memberships, but no book: administrators see no content, residents have no sign-in."""


def _who() -> Select[Any]:
    """Account, device, and a row for each membership that holds at `now`. Built once: every request asks it."""
    columns = (account.c.name, account.c.language, device.c.kind, device.c.revoked_at, device.c.last_seen_at)
    memberships = (membership.c.role, membership.c.place_id, membership.c.unit_id)
    mine = and_(device.c.account_id == account.c.id, device.c.id == bindparam("device"))
    held = and_(membership.c.account_id == account.c.id, valid_at(bindparam("now", type_=BigInteger)))
    query = select(*columns, *memberships).join(device, mine).outerjoin(membership, held)
    here = and_(account.c.id == bindparam("account"), account.c.disabled_at.is_(None))
    return query.where(here).order_by(membership.c.id)


_WHO: Final = _who()


def load_person(conn: Connection, account_id: str, device_id: str, now: int) -> Person | None:
    """The person behind an account on one of its devices, as of `now` (milliseconds); None if there is none."""
    rows = conn.execute(_WHO, {"account": account_id, "device": device_id, "now": now}).all()
    if not rows:
        return None
    who = rows[0]
    held = [Held(row.role, row.place_id, row.unit_id) for row in rows if row.role is not None]
    working = [each for each in held if each.role not in _POWERLESS]
    down = places.below(conn, {each.place for each in working}) if working else {}
    up = places.above(conn, {each.place for each in working}) if working else {}
    units = _units(conn, working)
    reach = {each.id: each for each in sorted({**up, **down}.values(), key=lambda each: each.rank)}
    return Person(
        account=account_id,
        device=device_id,
        name=who.name,
        language=who.language,
        places=reach,
        powers=_powers(working, down, units),
        held=tuple(held),
        device_kind=who.kind,
        device_revoked=who.revoked_at is not None,
        device_seen_at=who.last_seen_at,
    )


def _powers(
    working: Iterable[Held], down: Mapping[str, Place], units: Mapping[str, Unit]
) -> dict[str, tuple[Power, ...]]:
    """Book -> powers, books from the town down. A captain's reaches no further than the own grid's book."""
    found: dict[str, set[Power]] = defaultdict(set)
    for each in working:
        if each.role == BUILDING_CAPTAIN:
            if each.unit:
                found[each.place].add(Power(each.role, units[each.unit]))
            continue
        for book in _under(each.place, down):
            found[book].add(Power(each.role))
    ordered = [book for book in down if book in found]
    return {book: tuple(sorted(found[book], key=lambda power: str(power.token()))) for book in ordered}


def _under(root: str, down: Mapping[str, Place]) -> set[str]:
    """`down` is sorted from the town down, so that a parent always comes before its children."""
    found = {root}
    for each in down.values():
        if each.parent_id in found:
            found.add(each.id)
    return found


def _units(conn: Connection, working: Iterable[Held]) -> dict[str, Unit]:
    wanted = [(each.place, each.unit) for each in working if each.role == BUILDING_CAPTAIN and each.unit]
    return {unit: _unit(conn, book, unit) for book, unit in wanted}


def _unit(conn: Connection, book: str, unit: str) -> Unit:
    """A unit that has not come in yet (a phone made it offline) is only its id."""
    here = record.c.book_id == book
    row = conn.execute(select(record.c.fields).where(here, record.c.id == unit)).first()
    fields = row.fields if row else {}
    inside = and_(here, record.c.type == HOUSEHOLD, Keys.parent == unit)
    doors = conn.execute(select(record.c.id).where(inside)).scalars()
    name = fields.get("name") or fields.get("label") or ""
    return Unit(unit, name, fields.get("parent_id"), frozenset([unit, *doors]))
