"""The people of the demo worlds: surname, role and number, every one marked as an example; none is real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from domain import roles
from domain.accounts import add_membership, create_account, hash_password, take_device
from domain.demo.town import Community, Grid, Town
from sync.engine import Engine
from sync.ids import derived

PASSWORD: Final = "gridwalk"  # noqa: S105 - shown to everybody, on purpose
YEAR: Final = 365 * 24 * 3600 * 1000
SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"


@dataclass(frozen=True, slots=True)
class Login:
    """A demo account: what it is, where, and for a captain of which unit."""

    login: str
    name: str
    role: str
    place: str
    unit: str | None = None

    @property
    def id(self) -> str:
        return derived("demo", "account", self.login)

    @property
    def device(self) -> str:
        """The phone on which its part of the stories was written."""
        return derived("demo", "device", self.login)


def logins(town: Town) -> list[Login]:
    """Everybody. The eleven that the sign-in page shows come first."""
    willow = town.communities[0]
    one, two = willow.grids
    shown = [
        Login("worker", "李网格员01(示例)", roles.GRID_WORKER, one.place.id),
        Login("worker2", "王网格员02(示例)", roles.GRID_WORKER, one.place.id),
        Login("outsider", "钱网格员03(示例)", roles.GRID_WORKER, two.place.id),
        Login("captain", "周楼长01(示例)", roles.BUILDING_CAPTAIN, one.place.id, one.units[0]),
        Login("captain2", "吴楼长02(示例)", roles.BUILDING_CAPTAIN, one.place.id, one.units[1]),
        Login("guard", "陈护学01(示例)", roles.SCHOOL_GUARD, town.post.id),
        Login("head", "沈网格长01(示例)", roles.GRID_HEAD, one.place.id),
        Login("supervisor", "何主任01(示例)", roles.SUPERVISOR, willow.place.id),
        Login("handler", "秦处置01(示例)", roles.DEPT_HANDLER, willow.place.id),
        Login("command", "孔值班01(示例)", roles.COMMAND_ROOM, town.place.id),
        Login("admin", "管理员(示例)", roles.ADMIN, town.place.id),
    ]
    staff = (each for one in town.communities for each in _staff(one, town))
    return [*shown, *_captains(one, two), *staff, *_guards(town)]


def _guards(town: Town) -> Iterator[Login]:
    """18 officers and 12 parents at twelve gates: the first six gates have two officers. The first of all is shown."""
    officer = 1
    for number, post in enumerate(town.posts):
        names = ["护学"] * (2 if number < len(town.posts) / 2 else 1) + ["家长"]
        for nth, kind in enumerate(names, 1):
            officer += kind == "护学"
            if (number, nth) == (0, 1):
                continue  # among the shown accounts
            count = number + 1 if kind == "家长" else officer - 1
            who = f"{_surname(number * 3 + nth + 4)}{kind}{count:02d}(示例)"
            login = f"guard{nth}" if number == 0 else f"{post.code.lower()}-guard{nth}"
            yield Login(login, who, roles.SCHOOL_GUARD, post.id)


def _captains(one: Grid, two: Grid) -> list[Login]:
    """31 captains for 31 stairways; the first two are among the shown accounts."""
    stairs = [(one.place.id, unit) for unit in one.units] + [(two.place.id, unit) for unit in two.units]
    return [
        Login(f"captain{number}", f"{_surname(number)}楼长{number:02d}(示例)", roles.BUILDING_CAPTAIN, book, unit)
        for number, (book, unit) in enumerate(stairs, 1)
        if number > 2
    ]


def _surname(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)]


def _staff(community: Community, town: Town) -> list[Login]:
    """A second department for the first community; the whole staff for the others."""
    code, place = community.place.code.lower(), community.place.id
    if community is town.communities[0]:
        head = Login("head2", "韩网格长02(示例)", roles.GRID_HEAD, community.grids[1].place.id)
        helper = Login("volunteer", "褚志愿01(示例)", roles.VOLUNTEER, community.grids[0].place.id)
        return [head, helper, Login("handler2", "许处置02(示例)", roles.DEPT_HANDLER, place)]
    found = [
        Login(f"{code}-supervisor", f"{_surname(ord(code[0]))}主任(示例)", roles.SUPERVISOR, place),
        Login(f"{code}-handler", f"{_surname(ord(code[1]))}处置(示例)", roles.DEPT_HANDLER, place),
    ]
    for number, grid in enumerate(community.grids, 1):
        who = f"{_surname(ord(code[0]) + number)}网格员{number:02d}(示例)"
        found.append(Login(f"{code}-worker{number}", who, roles.GRID_WORKER, grid.place.id))
    return found


def enrol(conn: Connection, engine: Engine, everybody: list[Login], now: int) -> None:
    """Make the accounts with their memberships and one phone each. One hash serves all: the password is public."""
    hashed = hash_password(PASSWORD)
    since = now - YEAR
    for number, each in enumerate(everybody, 1):
        create_account(
            conn,
            engine.ids,
            login=each.login,
            name=each.name,
            password_hash=hashed,
            at=since,
            demo=True,
            work_phone=f"000-0000-{number:04d}",  # nobody's
            id=each.id,
        )
        add_membership(
            conn, engine.ids, account_id=each.id, role=each.role, place_id=each.place, at=since, unit_id=each.unit
        )
        take_device(conn, engine.ids, account_id=each.id, name="示例手机", kind="phone", at=since, made=each.device)
