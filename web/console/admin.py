"""People and places, for administrators: who is what where. No content, and nothing about how much anybody did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import render_template, request, url_for
from sqlalchemy import Connection, select

from api import identity
from api.guard import needs
from api.services import current
from domain import directory, places
from domain.access import can_manage_users
from domain.accounts import account, membership
from domain.days import local
from domain.places import KIND_LABELS, Place
from web.console import me
from web.console.blueprint import blp
from web.i18n import label, t

PEOPLE_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Post:
    role: str
    place: str
    term: str


@dataclass(frozen=True)
class PersonLine:
    name: str
    login: str
    disabled: bool
    memberships: list[Post] = field(default_factory=list)


@blp.get("/people")
@needs(can_manage_users)
def people() -> str:
    """Accounts and memberships, by sign-in name. No times of use, no counts."""
    after = request.args.get("after", "")
    with current().database.read() as conn:
        found, more = _people(conn, after)
    last = found[-1].login if found else ""
    return render_template(
        "console/people.html",
        me=me.describe(identity.person()),
        here="people",
        people=found,
        next_url=url_for("console.people", after=last) if more else None,
    )


def _people(conn: Connection, after: str) -> tuple[list[PersonLine], bool]:
    columns = (account.c.id, account.c.name, account.c.login, account.c.disabled_at)
    query = select(*columns).where(account.c.login > after).order_by(account.c.login).limit(PEOPLE_A_PAGE + 1)
    found = list(conn.execute(query))
    shown = {row.id: PersonLine(row.name, row.login, row.disabled_at is not None) for row in found[:PEOPLE_A_PAGE]}
    held = list(conn.execute(select(membership).where(membership.c.account_id.in_(list(shown)))))
    names = directory.place_names(conn, [each for row in held for each in (row.place_id, row.unit_id)])
    for row in held:
        where = t("console.people.unit", place=names.get(row.place_id, ""), unit=names.get(row.unit_id, "")).strip()
        term = _term(row.from_at, row.to_at)
        shown[row.account_id].memberships.append(Post(t(f"roles.{row.role}"), where, term))
    return list(shown.values()), len(found) > PEOPLE_A_PAGE


def _term(begin: int, end: int | None) -> str:
    since = f"{local(begin):%Y-%m-%d}"
    if end is None:
        return t("console.people.since", **{"from": since})
    return t("console.people.term", **{"from": since, "to": f"{local(end):%Y-%m-%d}"})


@dataclass(frozen=True)
class Node:
    name: str
    kind: str
    code: str
    children: list[Node]


@blp.get("/places", endpoint="places")
@needs(can_manage_users)
def place_tree() -> str:
    """The tree of places that own books."""
    with current().database.read() as conn:
        found = places.every(conn)
    return render_template(
        "console/places.html", me=me.describe(identity.person()), here="places", tree=_branch(found, None)
    )


def _branch(found: Mapping[str, Place], parent: str | None) -> list[Node]:
    return [
        Node(each.name, label(KIND_LABELS[each.kind]), each.code, _branch(found, each.id))
        for each in found.values()
        if each.parent_id == parent
    ]
