"""A post's planner at the door: plans the shift that a test wants, relative to now, and takes all others away."""

from __future__ import annotations

from typing import Any

from domain.days import MINUTE, local
from domain.records.shift import shift_id
from sync.clock import SystemClock, to_text
from sync.ids import derived
from tests.phone.colleague import IDS, Colleague, Json

POST = derived("demo", "place", "CSK1")


def account(login: str) -> str:
    return derived("demo", "account", login)


class Planner:
    """The supervisor, without a screen."""

    def __init__(self, url: str) -> None:
        self.door = Colleague(url, "supervisor")
        self._number = 0

    def shifts(self) -> list[Json]:
        found = [each for book in self.door.sync()["books"] for each in book["records"] if each["type"] == "shift"]
        return [each for each in found if each["book"] == POST and not each["void"]]

    def only(self, *crew: str, start: int = 8, length: int = 50, kept: tuple[str, ...] = (), **more: Any) -> str:
        """A shift that begins in so many minutes, with this crew; of all others only those `kept` are left. Gives its id."""
        self._number += 1
        begins = (SystemClock().now() + start * MINUTE) // MINUTE * MINUTE
        session = f"t{self._number}"
        date = f"{local(begins):%Y-%m-%d}"
        written = {
            "post": POST, "date": date, "session": session, "kind": "school", "start": to_text(begins),
            "end": to_text(begins + length * MINUTE), "lead_minutes": 10, "required_n": len(crew) or 1, **more,
        }  # fmt: skip
        if crew:
            written["assignees"] = {account(each): {"as": "planned"} for each in crew}
        id = shift_id(POST, date, session)
        gone = [
            self._change(each["id"], each["seq"], None, void=True)
            for each in self.shifts()
            if not kept or each["id"] not in kept
        ]
        reply = self.door.sync(*gone, self._change(id, 0, written, create=True), limit=0)
        assert all(each["outcome"] in {"applied", "merged"} for each in reply["receipts"]), reply["receipts"]
        return id

    def write(self, id: str, written: Json) -> Json:
        return self.door.write(self.door.record(id), written)

    def fields(self, id: str) -> Json:
        found: Json = self.door.record(id)["fields"]
        return found

    def _change(self, id: str, seen: int, written: Json | None, **more: Any) -> Json:
        base = {"book": POST, "record": id, "type": "shift", "schema": 1, "epoch": self.door.epoch, "seen": seen}
        return {
            "id": IDS.new(),
            **base,
            "made_at": to_text(SystemClock().now()),
            **({"set": written} if written else {}),
            **more,
        }
