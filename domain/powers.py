"""What one membership is in one book, and which records are within it, whoever made them.

A *power* is one membership as it works in one book: the same supervisor has one in the community's book and one in
each grid's below it. To say who has a new record type before them, add it to `COVERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.records.care_agreement import CARE_AGREEMENT, CARERS
from domain.records.codes import place_code
from domain.records.feedback import FEEDBACK, READERS
from domain.records.notice import NOTICE, NOTICE_ACK, PUBLISHES
from domain.records.post_plan import PLANNERS
from domain.records.visit import VISIT
from domain.roles import (
    COMMAND_ROOM,
    FIELD,
    GRID_HEAD,
    GRID_WORKER,
    SCHOOL_GUARD,
    SUPERVISOR,
    VOLUNTEER,
    WHOLE_BOOK,
)
from sync.types import Sight

CASE: Final = "case"
HOUSEHOLD: Final = "household"
CONTACTS: Final = frozenset({GRID_WORKER, GRID_HEAD, SUPERVISOR})
"""Household records carry a contact (P2): nobody else is given one, the command room neither."""
CASES: Final = WHOLE_BOOK | {SCHOOL_GUARD}
RESTRICTED: Final = frozenset({SUPERVISOR, COMMAND_ROOM})
_TASKS: Final = frozenset({GRID_HEAD, SUPERVISOR})
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


def _notice(power: Power, sight: Sight) -> bool:
    """What is published is for everybody in the place; what is being written, for those who may publish there."""
    return sight.get("open") is not False or power.role in PUBLISHES


def _nobody_else(_power: Power, _sight: Sight) -> bool:
    """Whose it is, and whom it names, see it; nobody by their post."""
    return False


def _roster(power: Power, _sight: Sight) -> bool:
    """The people of the same post and those who plan; whoever else is on a shift has it as an assignee."""
    return power.role in PLANNERS or power.role == SCHOOL_GUARD


def _campaign(power: Power, sight: Sight) -> bool:
    """What is open, everybody who is sent; what is not admitted yet, who admits and the community's own room."""
    return bool(sight.get("open")) or power.role in RESTRICTED


def _task(power: Power, sight: Sight) -> bool:
    """A captain's own doors, a head's grid, the community; whoever else goes is named in it."""
    if power.unit is not None:
        return sight.get("place") in power.unit.places
    return power.role in _TASKS


def _answers(power: Power, _sight: Sight) -> bool:
    """What was said at a door is before the community only; who entered it sees it as their own."""
    return power.role == SUPERVISOR


def _round(power: Power, sight: Sight) -> bool:
    """The grid head and the supervisor; one that is planned for whoever comes, everybody who could walk it."""
    if sight.get("planned") and not sight.get("assignees") and power.role in FIELD:
        return power.unit is None or sight.get("place") in power.unit.places
    return power.role in {GRID_HEAD, SUPERVISOR}


def _track(power: Power, _sight: Sight) -> bool:
    """Where somebody walked is for them, and the head of their grid."""
    return power.role == GRID_HEAD


def _visit(power: Power, sight: Sight) -> bool:
    """That somebody was there: the grid's own people; a captain for the own doors. Not the command room: it sees places."""
    if power.unit is not None:
        return sight.get("place") in power.unit.places
    return power.role in CONTACTS


def _care(power: Power, _sight: Sight) -> bool:
    """What somebody in need has agreed to, and what was said there: the head of the grid; its carers are named in it."""
    return power.role == GRID_HEAD


def _feedback(power: Power, _sight: Sight) -> bool:
    return power.role in READERS


COVERS: Final[Mapping[str, Callable[[Power, Sight], bool]]] = {
    CASE: _case,
    "building": _house,
    "unit": _house,
    HOUSEHOLD: _household,
    "campaign": _campaign,
    "task": _task,
    "survey_response": _answers,
    "post_plan": _roster,
    "shift": _roster,
    "round": _round,
    "track": _track,
    NOTICE: _notice,
    NOTICE_ACK: _nobody_else,
    VISIT: _visit,
    CARE_AGREEMENT: _care,
    FEEDBACK: _feedback,
}
"""type -> (power, sight) -> covered. A type that is not named is before everybody who has the whole book."""

NAMED: Final[Mapping[str, frozenset[str]]] = {CARE_AGREEMENT: CARERS}
"""type -> the roles that being named in a record of it gives sight to. A type that is not named: whoever is named."""
