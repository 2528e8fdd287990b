"""The stream of cases: the headline, the filters, a page at a time, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from api import identity
from api.guard import needs, signed_in
from api.services import current
from domain import accounts, boards, directory, news
from domain.access import Person, can_decide, can_manage_users, can_open_console
from domain.case_rows import CaseRow, Filters, matches
from domain.days import local
from domain.records.case import CATEGORIES, SEVERITIES
from web.console import me, rows
from web.console.arrived import arrived
from web.console.blueprint import blp
from web.console.reader import Reader
from web.i18n import current_language, label

STATE_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "": (),
    "new": ("reported",),
    "needs_info": ("needs_info",),
    "moving": ("accepted", "assigned", "working"),
    "on_hold": ("on_hold",),
    "resolved": ("resolved",),
    "closed": ("closed",),
    "ended": ("rejected", "merged"),
}
MOST_WAITING: Final = 10
_FLAGS: Final = ("overdue", "undecided", "mine")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters as the page shows them: empty for what is not narrowed."""

    state: str
    category: str
    severity: str
    grid: str
    overdue: bool
    undecided: bool
    mine: bool

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    @property
    def filters(self) -> Filters:
        return Filters(
            statuses=STATE_GROUPS[self.state],
            category=self.category or None,
            severity=self.severity or None,
            book=self.grid or None,
            overdue=self.overdue,
            undecided=self.undecided,
            mine=self.mine,
        )

    def query(self, **more: str) -> str:
        """These filters as the query of an address."""
        values = {name: getattr(self, name) for name in ("state", "category", "severity", "grid")}
        flags = {name: "1" for name in _FLAGS if getattr(self, name)}
        kept = {name: value for name, value in {**values, **flags, **more}.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


def chosen() -> Chosen:
    """The filters of the present request; what makes no sense is left out."""
    asked = request.args
    state = asked.get("state", "")
    flags = {name: asked.get(name) == "1" for name in _FLAGS}
    return Chosen(
        state=state if state in STATE_GROUPS else "",
        category=_one_of(asked.get("category", ""), {each.value for each in CATEGORIES}),
        severity=_one_of(asked.get("severity", ""), {each.value for each in SEVERITIES}),
        grid=_one_of(asked.get("grid", ""), set(identity.person().powers)),
        **flags,
    )


def _one_of(value: str, known: set[str]) -> str:
    return value if value in known else ""


@blp.get("/")
@signed_in
def home() -> AnyResponse:
    """To the cases; administrators to the people; whoever works by phone is told so kindly."""
    person = identity.person()
    if can_open_console(person):
        return redirect(url_for("console.cases"))
    if can_manage_users(person):
        return redirect(url_for("console.people"))
    return make_response(render_template("console/to_phone.html", name=person.name, phone_url="/app/"))


@blp.get("/cases")
@needs(can_open_console)
def cases() -> str:
    """A page of the list, newest first."""
    person, asked, now = identity.person(), chosen(), current().clock.now()
    after = request.args.get("after")
    with current().database.read() as conn:
        page = boards.cases(conn, person, asked.filters, now=now, after=after)
        found = _shown(conn, person, page.rows, now)
        figures = news.headline(conn, person, now)
        token = news.whats_new(conn, person, None).token
    return render_template(
        "console/list.html",
        me=me.describe(person, figures.undecided, figures.held),
        here="cases",
        headline=_headline(person, figures, now),
        chosen=asked,
        filtered=bool(asked.query()),
        state_groups=list(STATE_GROUPS),
        categories=[(each.value, label(each.labels)) for each in CATEGORIES],
        severities=[(each.value, label(each.labels)) for each in SEVERITIES],
        grids=_grids(person),
        rows=found,
        next_url=f"{url_for('console.cases')}{asked.query(after=page.next)}" if page.next else None,
        fresh_url=f"{url_for('console.fresh')}{asked.query()}",
        token=f'"{token}"',
        first_page=after is None,
    )


@blp.get("/cases/fresh")
@needs(can_open_console)
def fresh() -> Response:
    """What changed since the token in If-None-Match; an empty 304 while the heads of the books stand still."""
    person, asked, now = identity.person(), chosen(), current().clock.now()
    token = request.headers.get("If-None-Match", "").strip('"')
    with current().database.read() as conn:
        found = news.whats_new(conn, person, token)
        came = _pictures_came(conn, person)
        if found.token == token and not came:
            return Response(status=304, headers={"ETag": f'"{token}"'})
        changed = boards.cases(conn, person, asked.filters, now=now).rows if found.whole else [*found.rows, *came]
        fits = [each for each in changed if matches(each, asked.filters, person, now)]
        left = [each for each in changed if each not in fits]
        figures = news.headline(conn, person, now)
        shown = _shown(conn, person, [*fits, *left], now)
    page = render_template(
        "console/_fresh.html",
        me=me.describe(person, figures.undecided, figures.held),
        headline=_headline(person, figures, now),
        rows=shown[: len(fits)],
        left=shown[len(fits) :],
        gone=found.gone,
    )
    return Response(page, headers={"ETag": f'"{found.token}"'})


def _pictures_came(conn: Connection, person: Person) -> list[CaseRow]:
    """Of the cases that the page shows without their picture (`waiting`), those whose picture is here now."""
    asked = request.args.get("waiting", "").split(",")[:MOST_WAITING]
    waiting = [boards.case(conn, person, id) for id in asked if id]
    found = [each for each in waiting if each is not None]
    here = arrived(conn, (each.fields.get("photos") or {} for each in found))
    return [each for each in found if any(sha in here for sha in each.fields.get("photos") or {})]


def _shown(conn: Connection, person: Person, found: list[CaseRow], now: int) -> list[rows.Row]:
    names = accounts.names(conn, {each.by for each in found})
    places = directory.place_names(conn, (each.place for each in found))
    reader = Reader(current_language(), now, names, places)
    grids = {id: place.name for id, place in person.places.items()}
    type = current().engine.types["case"]
    here = arrived(conn, (each.fields.get("photos") or {} for each in found))
    return [rows.row_of(each, type, reader, grids.get(each.book, ""), person.account, here) for each in found]


def _grids(person: Person) -> list[tuple[str, str]]:
    """The books in reach, as a filter: grids and posts by their names, what is above them too."""
    return [(id, place.name) for id, place in person.places.items() if id in person.powers]


def _headline(person: Person, figures: news.Headline, now: int) -> dict[str, Any]:
    """The sentence: figures that lead to the cases they speak of."""

    def part(name: str, count: int, tone: str = "", **query: Any) -> tuple[str, int, str, str]:
        return name, count, url_for("console.cases", **query), tone

    parts = [
        part("closed", figures.closed, state="closed"),
        part("moving", figures.working, state="moving"),
        part("overdue", figures.overdue, "urgent", overdue=1),
    ]
    if can_decide(person):
        parts.append(("undecided", figures.undecided, url_for("console.decide"), "undecided"))
        if figures.reminded:
            parts.append(("reminded", figures.reminded, url_for("console.decide"), "urgent"))
    return {"time": f"{local(now):%H:%M}", "valid": figures.valid, "parts": parts}
