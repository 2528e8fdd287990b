"""Who may see and do what. Pure predicates over a person's memberships; what is not allowed here is refused.

A record is in somebody's sight if one of their powers (domain/powers.py) in its book covers it, or if it is their own,
or dispatched to them. The table this follows is roles.md of the domain notes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from domain.places import Place
from domain.powers import CASES, CONTACTS, NAMED, RESTRICTED, Power, Unit
from domain.records import TYPES
from domain.roles import (
    ADMIN,
    ASSIGNEE,
    BUILDING_CAPTAIN,
    CONSOLE,
    DEPT_HANDLER,
    DISPATCHERS,
    GRID_HEAD,
    GRID_WORKER,
    PUBLISHERS,
    REPORTER,
    STAFF,
    SUPERVISOR,
    VOLUNTEER,
    self_role,
)
from sync.actors import Access, BookServer
from sync.ids import derived
from sync.protocol import MAX_BOOKS
from sync.types import Sight


@dataclass(frozen=True, slots=True)
class Held:
    """A membership as it is told to its holder."""

    role: str
    place: str
    unit: str | None = None


@dataclass(frozen=True)
class Person:
    """One person on one device: the actor of the engine. `places` are the books within reach, from the town down;
    `powers` what the person is in each; a place without a power is above and sends its bulletins only."""

    account: str
    device: str
    name: str
    language: str
    places: Mapping[str, Place]
    powers: Mapping[str, tuple[Power, ...]]
    held: tuple[Held, ...] = ()
    device_kind: str = "phone"
    device_revoked: bool = False
    device_seen_at: int = 0
    """When it was last here, as far as it was noted; milliseconds."""
    via: str | None = None
    server: bool = field(default=False, init=False)

    # ------------------------------------------------------------------------------ what the engine asks

    def books(self) -> Mapping[str, Access]:
        """The books that this device follows, at most 40, those that may be written first."""
        return self._followed

    @cached_property
    def _followed(self) -> dict[str, Access]:
        ordered = sorted(self.places, key=lambda book: book not in self.powers)
        return {book: "write" if book in self.powers else "read" for book in ordered[:MAX_BOOKS]}

    def scope(self, book: str) -> str:
        """Changes when what the person may see in the book changes for another reason than a change of a record."""
        powers = sorted((power.token() for power in self.powers.get(book, ())), key=str)
        return hashlib.sha256(orjson.dumps(powers)).hexdigest()[:16]

    def entitled(self, book: str, type_name: str, sight: Sight | None) -> bool:
        if book not in self.powers:
            return False
        return sight is None or self.sees(book, type_name, sight)

    def roles(self, book: str, type_name: str, sight: Sight | None) -> frozenset[str]:
        # Of a record that the writer has not seen, nothing is their own: a `seen` of 0 opens no door.
        own = sight is not None and sight.get("by") == self.account
        powers = self.powers.get(book, ())
        found = {power.role for power in powers if own or power.covers(type_name, sight or {})}
        if own:
            found.add(REPORTER)
        if sight and self._is_named(book, type_name, sight):
            found.add(ASSIGNEE)
        return frozenset(found | {self_role(self.account)})

    def sees(self, book: str, type_name: str, sight: Sight) -> bool:
        powers = self.powers.get(book)
        if powers is None:
            return book in self.places and TYPES[type_name].bulletin and sight.get("open") is not False
        if sight.get("by") == self.account or self._is_named(book, type_name, sight):
            return True
        return any(power.covers(type_name, sight) for power in powers)

    def _is_named(self, book: str, type_name: str, sight: Sight) -> bool:
        """Is the record dispatched or entrusted to this person, and may it be?"""
        if self.account not in sight.get("assignees", ()):
            return False
        return type_name not in NAMED or self.is_one_of(NAMED[type_name], book)

    # ------------------------------------------------------------------------------ what pages ask

    @cached_property
    def all_roles(self) -> frozenset[str]:
        return frozenset(each.role for each in self.held)

    def is_one_of(self, roles: frozenset[str], book: str | None = None) -> bool:
        """Does the person hold one of these roles, in this book or anywhere?"""
        if book is None:
            return bool(self.all_roles & roles)
        return any(power.role in roles for power in self.powers.get(book, ()))

    def whole_books(self) -> list[str]:
        """The books in which every internal case is in sight, from the town down."""
        return [book for book, powers in self.powers.items() if any(power.role in CASES for power in powers)]

    def restricted_books(self) -> list[str]:
        """The books in which restricted cases are in sight too."""
        return [book for book, powers in self.powers.items() if any(power.role in RESTRICTED for power in powers)]

    def units(self) -> list[Unit]:
        found = {power.unit.id: power.unit for powers in self.powers.values() for power in powers if power.unit}
        return list(found.values())

    def book_entries(self) -> list[dict[str, Any]]:
        """The books of a session: `{"book", "name", "kind", "access", "code", "parent", "scope"?}`."""
        return [self._entry(book, access) for book, access in self.books().items()]

    def _entry(self, book: str, access: Access) -> dict[str, Any]:
        place = self.places[book]
        entry = {"book": book, "name": place.name, "kind": place.kind, "access": access, "code": place.code}
        scope = self._narrow(book)
        return {**entry, "parent": place.parent_id, **({"scope": scope} if scope else {})}

    def _narrow(self, book: str) -> dict[str, Any] | None:
        """How little of the book is in sight, None for all of it."""
        powers = self.powers.get(book, ())
        if not powers or any(power.role in CASES for power in powers):
            return None
        unit = next((power.unit for power in powers if power.unit), None)
        if unit:
            return {"unit": unit.id, "name": unit.name}
        return {"assigned": True} if any(power.role == DEPT_HANDLER for power in powers) else {"own": True}


@dataclass(frozen=True, slots=True)
class ServerActor(BookServer):
    """The server itself, on one of its own devices: jobs, imports, demo worlds."""

    device: str = derived("device", "server")


# ---------------------------------------------------------------------------------- the rows of roles.md


def can_see_content(person: Person) -> bool:
    """Administrators set up and do not read; residents have no sign-in."""
    return person.is_one_of(STAFF)


def can_follow_books(person: Person) -> bool:
    """Use the phone's door: everybody with a book."""
    return bool(person.powers)


def can_report(person: Person, book: str) -> bool:
    return person.is_one_of(STAFF, book)


def can_open_console(person: Person) -> bool:
    return person.is_one_of(CONSOLE)


def can_dispatch(person: Person, book: str | None = None) -> bool:
    """Accept, return, merge, dispatch."""
    return person.is_one_of(DISPATCHERS, book)


def can_decide(person: Person, book: str | None = None) -> bool:
    """Decide conflicts: the head in the grid, the supervisor in the community, the command room across departments."""
    return person.is_one_of(DISPATCHERS, book)


def can_move(person: Person, book: str, to: str | None = None) -> bool:
    """Move a record out of this book, and into that one: whoever is over both places."""
    return book != to and all(person.is_one_of(PUBLISHERS, each) for each in (book, to or book))


def can_publish(person: Person, book: str | None = None) -> bool:
    return person.is_one_of(PUBLISHERS, book)


def can_see_contacts(person: Person, book: str) -> bool:
    """See the contact of a household: the grid's own people; a captain does in the own unit, see Power.covers."""
    return person.is_one_of(CONTACTS, book)


def can_suggest_places(person: Person, book: str) -> bool:
    return person.is_one_of(frozenset({GRID_WORKER, VOLUNTEER, BUILDING_CAPTAIN, GRID_HEAD}), book)


def can_edit_places(person: Person, book: str) -> bool:
    return person.is_one_of(frozenset({SUPERVISOR}), book)


def can_manage_users(person: Person) -> bool:
    """Accounts, roles, places, jobs; never content."""
    return person.is_one_of(frozenset({ADMIN}))


def can_see_tree(person: Person, book: str) -> bool:
    """The names of the places that own books."""
    return book in person.places or can_manage_users(person)
