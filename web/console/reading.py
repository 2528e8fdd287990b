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
    strings = set(_strings([record["fields"], record.get("conflicts"), record.get("others")]))
    accounts_named = {record["by"], *(each["by"] for each in changes)}
    written = [each.get("set") or {} for each in changes]
    strings |= set(_strings(written))
    ids = {each for each in strings if len(each) == 36}
    names = accounts.names(conn, ids | accounts_named)
    places = directory.place_names(conn, ids - names.keys() | {record["book"]})
    if record["fields"].get("hide_reporter") and record["by"] != person.account:
        names[record["by"]] = t("console.row.hidden")
    return Reader(
        current_language(), current().clock.now(), names, places, _doubles(conn, person, [record["fields"], *written])
    )


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
