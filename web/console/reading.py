"""What a page has to call its ids: the names of people, places and cases that a record speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from api.services import current
from domain import accounts, boards, directory
from domain.access import Person
from web.console.reader import Reader
from web.i18n import current_language, t

Json = Mapping[str, Any]


def reader_of(conn: Connection, person: Person, record: Json, changes: Sequence[Json] = ()) -> Reader:
    """Whoever reads about this record and these changes of it (entries of a history, or the like)."""
    written = [each.get("set") or {} for each in changes]
    accounts_named = {record["by"], *(each["by"] for each in changes), *(each.get("via") or "" for each in changes)}
    values = [record["fields"], record.get("conflicts"), record.get("others"), written, [record["book"]]]
    hidden = record["by"] if record["fields"].get("hide_reporter") and record["by"] != person.account else None
    doubles = _doubles(conn, person, [record["fields"], *written])
    return reader_among(conn, accounts_named, values, hidden, doubles)


def reader_among(
    conn: Connection,
    people: Iterable[str],
    values: Iterable[Any],
    hidden: str | None = None,
    doubles: Mapping[str, str] | None = None,
) -> Reader:
    """Whoever reads of these accounts, and of whatever ids stand in these values; `hidden` is an account whose name is
    not told, `doubles` the numbers of cases."""
    ids = {each for each in _strings(list(values)) if len(each) == 36}
    names = accounts.names(conn, ids | set(people))
    places = directory.place_names(conn, ids - names.keys())
    if hidden is not None:
        names[hidden] = t("console.row.hidden")
    return Reader(current_language(), current().clock.now(), names, places, doubles or {})


def _doubles(conn: Connection, person: Person, written: Iterable[Json]) -> dict[str, str]:
    """The numbers of the cases that this one was, or was to be, merged into."""
    into = {str(each["merged_into"]) for each in written if each.get("merged_into")}
    found = [boards.case(conn, person, each) for each in sorted(into)]
    return {each.id: str(each.fields.get("no") or "") for each in found if each}


def _strings(value: Any) -> Iterable[str]:
    """Every string inside, keys too: among them are the ids that a page wants names for."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
