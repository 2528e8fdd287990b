"""The places of the demo worlds: invented, with the sums of the domain notes (608 + 379 = 987 doors)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from sqlalchemy import Connection

from domain.access import ServerActor
from domain.places import Place, create_place
from domain.records.codes import place_code
from sync.clock import to_text
from sync.engine import Engine
from sync.ids import derived
from sync.protocol import MAX_CHANGES

DOORS_PER_FLOOR: Final = 4
FULL_UNIT: Final = 32
_ACTIVE: Final = {"from": None, "to": "active", "cycle": 1}


@dataclass(frozen=True, slots=True)
class Estate:
    """The houses of one grid: `units` gives the number of doors of each, two units a building."""

    name: str
    units: tuple[int, ...]

    @property
    def doors(self) -> int:
        return sum(self.units)


ESTATE_A: Final = Estate("柳湾里", (FULL_UNIT,) * 19)
ESTATE_B: Final = Estate("柳岸新村", (FULL_UNIT,) * 11 + (27,))
NO_DOORS: Final = (0, 0, 0, 0)
"""Grids that are there for the town's console have houses and stairways, but no doors."""

TOWN: Final = ("YX", "云溪镇")
WILLOW: Final = ("LW", "柳湾社区")
OTHERS: Final = (("WQ", "乌桥社区"), ("SF", "石坊社区"), ("HX", "河西社区"))
"""A part of the steward town: three more communities of eight grids."""
GRIDS_EACH: Final = 8
SCHOOLS: Final = (
    ("CSK", "吹哨口小学", "LW"),
    ("LWX", "柳湾小学", "LW"),
    ("SFX", "石坊小学", "SF"),
    ("HXX", "河西实验小学", "HX"),
    ("WQZ", "乌桥中学", "WQ"),
    ("YEY", "云溪镇幼儿园", "LW"),
)
"""(code, name, community) of the schools of world E; two gates each."""
GATES: Final = ("东门", "西门")
NUMERALS: Final = "一二三四五六七八"


@dataclass(slots=True)
class Grid:
    """One grid, with the ids of its units and the doors in each."""

    place: Place
    estate: Estate
    units: list[str] = field(default_factory=list)
    unit_names: list[str] = field(default_factory=list)
    doors: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Community:
    place: Place
    grids: list[Grid]


@dataclass(slots=True)
class Town:
    place: Place
    communities: list[Community]
    posts: list[Place]
    """School gates; in the small world the first only."""

    @property
    def post(self) -> Place:
        return self.posts[0]

    @property
    def grids(self) -> list[Grid]:
        return [grid for community in self.communities for grid in community.grids]


def build(conn: Connection, engine: Engine, *, whole: bool) -> Town:
    """The tree of books; `whole` adds the part of the steward town. Houses come later, by `furnish`."""
    town = _place(conn, engine, "town", *TOWN)
    willow = _community(conn, engine, town, *WILLOW, (ESTATE_A, ESTATE_B))
    others = [
        _community(
            conn, engine, town, code, name, [Estate(f"{name[:2]}{number}号院", NO_DOORS) for number in range(1, 9)]
        )
        for code, name in (OTHERS if whole else ())
    ]
    communities = [willow, *others]
    return Town(town, communities, list(_gates(conn, engine, communities, whole=whole)))


def _gates(conn: Connection, engine: Engine, communities: Sequence[Community], *, whole: bool) -> Iterator[Place]:
    above = {each.place.code: each.place for each in communities}
    for number, gate in enumerate(GATES if whole else GATES[:1], 1):
        for code, name, community in SCHOOLS if whole else SCHOOLS[:1]:
            yield _place(conn, engine, "post", f"{code}{number}", f"{name}{gate}", above[community], 8 + number)


def _place(
    conn: Connection, engine: Engine, kind: str, code: str, name: str, parent: Place | None = None, position: int = 0
) -> Place:
    above = parent.id if parent else None
    made = derived("demo", "place", code)
    return create_place(conn, engine, kind=kind, name=name, parent=above, code=code, position=position, id=made)


def _community(
    conn: Connection, engine: Engine, town: Place, code: str, name: str, estates: Sequence[Estate]
) -> Community:
    place = _place(conn, engine, "community", code, name, town)
    grids = [
        Grid(_place(conn, engine, "grid", f"{code}{n + 1}", f"{name[:2]}{NUMERALS[n]}网格", place, n + 1), estate)
        for n, estate in enumerate(estates)
    ]
    return Community(place, grids)


def furnish(engine: Engine, town: Town, rng: Random, now: int) -> None:
    """Put buildings, units and doors into the grids' books, as an import does."""
    for grid in town.grids:
        made = list(_houses(grid, rng, now))
        for begin in range(0, len(made), MAX_CHANGES):
            changes = [_change(engine, grid.place.id, now, *each) for each in made[begin : begin + MAX_CHANGES]]
            engine.push(ServerActor(derived("demo", "import")), changes)


def _change(engine: Engine, book: str, now: int, type: str, id: str, written: dict[str, Any]) -> dict[str, Any]:
    common = {"book": book, "schema": 1, "epoch": engine.epoch, "seen": 0, "made_at": to_text(now), "create": True}
    # An import knows the code already; set here, the server need not add it in a second change.
    return {"id": engine.ids.new(), "record": id, "type": type, **common, "set": {**written, "code": place_code(id)}}


Made = tuple[str, str, dict[str, Any]]
"""(type, id, fields)"""


def _houses(grid: Grid, rng: Random, now: int) -> Iterator[Made]:
    for index, doors in enumerate(grid.estate.units):
        house, stair = index // 2 + 1, index % 2 + 1
        building = derived("building", grid.place.id, str(house))
        if stair == 1:
            name = f"{grid.estate.name}{house}号楼"
            yield "building", building, _named(name, str(house), grid.place.id, position=house)
        unit = derived("unit", building, f"{house}-{stair}")
        name = f"{grid.estate.name}{house}号楼{stair}单元"
        floors = -(-doors // DOORS_PER_FLOOR) or 6
        yield "unit", unit, _named(name, f"{house}-{stair}", building, position=stair, floors=floors,
                                   doors_per_floor=DOORS_PER_FLOOR, attrs={"extinguishers": "2"})  # fmt: skip
        grid.units.append(unit)
        grid.unit_names.append(name)
        grid.doors[unit] = []
        for made in _doors(unit, name, f"{house}-{stair}", doors, rng, now):
            grid.doors[unit].append(made[1])
            yield made


def _doors(unit: str, name: str, stair: str, doors: int, rng: Random, now: int) -> Iterator[Made]:
    for index in range(doors):
        floor, door = index // DOORS_PER_FLOOR + 1, index % DOORS_PER_FLOOR + 1
        label = f"{stair}-{floor}{door:02d}"
        occupancy = rng.choices(("lived_in", "empty", "unknown"), (88, 7, 5))[0]
        fields = _named(f"{name}{floor}{door:02d}", label, unit, floor=floor, door=door, occupancy=occupancy)
        if occupancy == "lived_in" and rng.random() < 0.15:
            number = rng.randrange(1, 10_000)
            contact = {"contact_name": f"示例住户{number % 100:02d}", "contact_phone": f"000-0000-{number:04d}"}
            fields |= {**contact, "contact_confirmed_at": to_text(now)}
        yield "household", derived("household", unit, label), fields


def _named(name: str, label: str, parent: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "parent_id": parent, "status": _ACTIVE, **more}
