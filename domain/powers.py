"""What one membership is in one book, and which records are within it, whoever made them.

A *power* is one membership as it works in one book: the same supervisor has one in the community's book and one in
each grid's below it. To say who has a new record type before them, add it to `COVERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.records.codes import place_code
from domain.roles import COMMAND_ROOM, GRID_HEAD, GRID_WORKER, SCHOOL_GUARD, SUPERVISOR, VOLUNTEER, WHOLE_BOOK
from sync.types import Sight

CASE: Final = "case"
HOUSEHOLD: Final = "household"
CONTACTS: Final = frozenset({GRID_WORKER, GRID_HEAD, SUPERVISOR})
"""Household records carry a contact (P2): nobody else is given one, the command room neither."""
CASES: Final = WHOLE_BOOK | {SCHOOL_GUARD}
RESTRICTED: Final = frozenset({SUPERVISOR, COMMAND_ROOM})
_TREE_NAMES: Final = WHOLE_BOOK | {VOLUNTEER}


@dataclass(frozen=True, slots=True)
class Unit:
    """A captain's stairway: its id, its building's, and every place in it."""

    id: str
    name: str
    building: str | None
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Power:
    """What one membership is in one book; `unit` is set for a building captain."""

    role: str
    unit: Unit | None = None

    def covers(self, type_name: str, sight: Sight) -> bool:
        """Is a record with this sight within the power, whoever made it?"""
        return COVERS.get(type_name, _whole_book)(self, sight)

    def token(self) -> list[Any]:
        return [self.role, self.unit.id, sorted(self.unit.places)] if self.unit else [self.role]


def _whole_book(power: Power, _sight: Sight) -> bool:
    return power.role in WHOLE_BOOK


def _case(power: Power, sight: Sight) -> bool:
    if sight.get("visibility") == "restricted":
        return power.role in RESTRICTED
    if power.unit is not None:
        return sight.get("place") in power.unit.places
    return power.role in CASES


def _house(power: Power, sight: Sight) -> bool:
    """A building or a unit: a captain has the own stairway and the house it is in."""
    if power.unit is not None:
        return sight.get("code") in {place_code(each) for each in (power.unit.id, power.unit.building) if each}
    return power.role in _TREE_NAMES


def _household(power: Power, sight: Sight) -> bool:
    if power.unit is not None:
        return sight.get("parent") == power.unit.id
    return power.role in CONTACTS


COVERS: Final[Mapping[str, Callable[[Power, Sight], bool]]] = {
    CASE: _case,
    "building": _house,
    "unit": _house,
    HOUSEHOLD: _household,
}
"""type -> (power, sight) -> covered. A type that is not named is before everybody who has the whole book."""
