"""Who sits at the desk, and the words of the rail on the left."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from domain.access import Person, can_manage_users, can_open_console
from domain.hearing import can_hear, can_review_visits
from domain.roles import DECIDERS, ROLES
from web.i18n import t


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the rail; `count` None where there is nothing to count."""

    name: str
    href: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Me:
    account: str
    name: str
    role: str
    place: str
    rail: tuple[Word, ...]


def describe(person: Person, undecided: int = 0, parked: int = 0) -> Me:
    """The person as the frame of every page shows them."""
    held = sorted(person.held, key=lambda each: ROLES.index(each.role), reverse=True)
    first = next((each for each in held if each.role in person.all_roles), None)
    place = person.places.get(first.place) if first else None
    return Me(
        account=person.account,
        name=person.name,
        role=t(f"roles.{first.role}") if first else "",
        place=place.name if place else "",
        rail=tuple(_rail(person, undecided, parked)),
    )


def _rail(person: Person, undecided: int, parked: int) -> list[Word]:
    words = []
    if can_open_console(person):
        words.append(Word("cases", url_for("console.cases")))
        words.append(Word("campaigns", url_for("console.campaigns")))
        if person.is_one_of(DECIDERS):
            words.append(Word("decide", url_for("console.decide"), undecided))
            words.append(Word("parked", url_for("console.parked"), parked))
            words.append(Word("missing", url_for("console.missing")))
            words.append(Word("notices", url_for("console.notices")))
            words.append(Word("rounds", url_for("console.rounds")))
            words.append(Word("roster", url_for("console.roster")))
    if can_review_visits(person):
        words.append(Word("visits", url_for("console.visits")))
    if can_hear(person):
        words.append(Word("feedback", url_for("console.feedback")))
    if can_manage_users(person):
        words += [Word("people", url_for("console.people")), Word("places", url_for("console.places"))]
    return words
