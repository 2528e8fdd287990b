"""A post with a plan, its guards, and short ways to write a shift: for the tests of the roster."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain import accounts, roles, roster
from domain.days import MINUTE
from domain.records.post_plan import plan_id
from domain.records.shift import shift_id, swap_key
from sync.clock import from_text, to_text
from tests.domain.world import World

SATURDAY = date(2026, 6, 13)
SESSIONS = {
    "0710": {"start": "07:10", "end": "08:10", "lead_minutes": 10, "required_n": 1, "days": "1234567"},
    "1350": {"start": "13:50", "end": "14:30", "lead_minutes": 15, "required_n": 2, "days": "1234567"},
}
PLAN = {
    "kind": "school",
    "sessions": SESSIONS,
    "point": {"lat": 30.0, "lon": 125.0},
    "near_metres": 200,
    "host_phone": "000-0000-0110",
}
MORE = {"zhang": roles.SCHOOL_GUARD, "li": roles.SCHOOL_GUARD, "wang": roles.SCHOOL_GUARD}


class Duty:
    """`world` with three guards more and the plan of its post."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.post = world.places["post"]
        with world.database.write() as conn:
            for login, role in MORE.items():
                id = world.account(login)
                accounts.create_account(conn, world.ids, login=login, name=login, password_hash="-", at=0, id=id)
                accounts.add_membership(conn, world.ids, account_id=id, role=role, place_id=self.post, at=0)
        made = self.write("supervisor", PLAN, record=plan_id(self.post), type="post_plan", create=True)
        assert made["outcome"] == "applied", made

    def id(self, session: str = "0710", day: date = SATURDAY) -> str:
        return shift_id(self.post, day.isoformat(), session)

    def planned(self, *crew: str, session: str = "0710", day: date = SATURDAY, **more: Any) -> dict[str, Any]:
        """What a planner writes to make the shift."""
        on = [self.world.account(each) for each in crew]
        return roster.shift_of(self.post, PLAN, day, session, on)[1] | more

    def plan(self, *crew: str, session: str = "0710", by: str = "supervisor", **more: Any) -> str:
        id = self.id(session)
        made = self.write(by, self.planned(*crew, session=session, **more), record=id, create=True, seen=0)
        assert made["outcome"] in {"applied", "merged"}, made
        return id

    def write(self, who: str, written: dict[str, Any], *, record: str | None = None, type: str = "shift", phone: int = 1,
              **more: Any) -> dict[str, Any]:  # fmt: skip
        person = self.world.person(who, phone)
        return self.world.write(person, record or self.id(), written, type=type, book="post", **more)

    def crew(self, *on: str, off: tuple[str, ...] = ()) -> dict[str, Any]:
        """What a planner writes of a crew: everybody who stays or comes, and who goes."""
        there = {self.world.account(each): {"as": "planned"} for each in on}
        return {"assignees": {**there, **{self.world.account(each): None for each in off}}}

    def arrive(self, who: str, after: int = 0, near: str = "unknown", method: str = "button") -> dict[str, Any]:
        """A check-in so many minutes after the start."""
        at = to_text(from_text(str(self.planned()["start"])) + after * MINUTE)
        key = self.world.account(who)
        return {"check_in_at": {key: at}, "check_in_how": {key: {"method": method, "near": near}}}

    def swap(self, giver: str, taker: str) -> tuple[str, dict[str, Any]]:
        who, whom = self.world.account(giver), self.world.account(taker)
        key = swap_key(who, whom)
        return key, {"swaps": {key: {"from": who, "to": whom, "at": self.now()}}}

    def now(self) -> str:
        return to_text(self.world.clock.now())

    def names(self, session: str = "0710") -> set[str]:
        """Who is on, by login."""
        by_id = {self.world.account(each): each for each in (*MORE, "guard")}
        return {by_id[each] for each in roster.crew(self.world.fields(self.id(session)))}
