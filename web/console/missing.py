"""Pictures that have not arrived, by the phone that they are on: to help its owner, not to compare anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import render_template, url_for

from api import identity
from api.guard import needs
from api.services import current
from domain import accounts, news
from domain.access import can_decide
from domain.awaiting import Waiting, waiting
from web.console import me
from web.console.blueprint import blp
from web.console.reader import Reader, When
from web.i18n import current_language

MOST_LINKS: Final = 6


@dataclass(frozen=True, slots=True)
class Line:
    who: str
    phone: str
    count: int
    since: When | None
    cases: list[tuple[str, str]]
    more: int


@blp.get("/missing")
@needs(can_decide)
def missing() -> str:
    """Whose phone, how many, since when, of which cases."""
    person, now = identity.person(), current().clock.now()
    with current().database.read() as conn:
        found = waiting(conn, person, now)
        figures = news.headline(conn, person, now)
        names = accounts.names(conn, {each.account for each in found})
    reader = Reader(current_language(), now, names, {})
    lines = sorted((_line(each, reader) for each in found), key=lambda each: (each.who, each.phone))
    return render_template(
        "console/missing.html",
        me=me.describe(person, figures.undecided, figures.held),
        here="missing",
        lines=lines,
    )


def _line(found: Waiting, reader: Reader) -> Line:
    cases = [
        (number or reader.say("missing.no_number"), url_for("console.case", record=record))
        for record, number in found.records.items()
    ]
    since = reader.when(found.since) if found.since else None
    more = max(len(cases) - MOST_LINKS, 0)
    return Line(reader.name(found.account), found.phone, found.count, since, cases[:MOST_LINKS], more)
