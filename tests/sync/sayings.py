"""What the people of the toy worlds say: a change's content, by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.ids import derived
from tests.sync.toys import BOOK, OTHER_BOOK, Json

if TYPE_CHECKING:
    from tests.sync.island import Chance

TOYS = [derived("toy", str(number)) for number in range(3)]
DUTY = derived("duty", "today")
HOME = {TOYS[0]: BOOK, TOYS[1]: BOOK, TOYS[2]: OTHER_BOOK, DUTY: BOOK}
"""The book in which each is created. Nobody makes the same thing in two books: ids are random, or name their place."""
STATUSES = ("open", "working", "paused", "done", "dropped")


def say_something(chance: Chance, record: str, held: Json | None) -> dict[str, Any]:
    """`values`, and `create`, `void`, `type`, `schema` where they are said; `held` is the record as the phone has it."""
    if record == DUTY:
        return {"values": {"who": chance.pick("abc")}, "create": True, "type": "duty", "schema": 1}
    more: dict[str, Any] = {"create": True} if held is None and chance.often(92) else {}
    if held and held["void"] and chance.often(80):
        more["void"] = False
    elif held and chance.often(7):
        more["void"] = chance.often(70)
    only_void = more.get("void") is True or (more.get("void") is False and chance.often(40))
    return {"values": {} if only_void else _values(chance, held), **more}


def _values(chance: Chance, held: Json | None) -> Json:
    values: Json = {}
    for _ in range(1 + chance.below(3)):
        values |= chance.pick(_MAKERS)(chance, held)
    return values


def _note(chance: Chance, held: Json | None) -> Json:
    known = [note["change"] for note in (held or {}).get("fields", {}).get("notes", ())]
    return {"notes": {"text": chance.pick("abc"), "replaces": [each for each in known if chance.often(30)]}}


def _step(chance: Chance, held: Json | None) -> Json:
    """Mostly one that may be taken from where the phone has seen the record, or from one of two ends in conflict."""
    now = (held or {}).get("fields", {}).get("status")
    open_ = (held or {}).get("conflicts", {}).get("status")
    if open_ and chance.often(60):
        now = chance.pick(open_)["value"]
    come_from, cycle = (now["status"], now["cycle"]) if now else (None, 1)
    step = {"from": come_from, "to": "open" if now is None else chance.pick(STATUSES), "cycle": cycle}
    if come_from == "done" and chance.often(50):
        step |= {"to": "working", "cycle": cycle + 1}
    return {"status": step, "reason": "why"} if step["to"] == "dropped" else {"status": step}


def _plain(name: str, *values: Any) -> Any:
    def make(chance: Chance, _held: Json | None) -> Json:
        return {name: chance.pick(values)}

    return make


def _entry(name: str, *values: Any) -> Any:
    def make(chance: Chance, _held: Json | None) -> Json:
        return {name: {chance.pick("xy"): chance.pick(values)}}

    return make


_MAKERS: list[Any] = [
    _plain("title", "a", "b", None),
    _plain("finder", "a", "b", "c"),
    _plain("severity", "low", "mid", "high", None),
    _plain("rank", 0, 1, 2),
    _plain("started", "2026-06-13T08:00:00Z", "2026-06-13T09:00:00Z"),
    _entry("tags", "1", "2", None),
    _entry("ticks", True, False),
    _note,
    _plain("name", "a", "b"),
    _plain("name", "a", "b", None),
    _plain("kind", "a", "b"),
    _plain("price", 1, 2),
    _plain("level", "secret", "free", "locked"),
    _plain("title", 7),
    _plain("wants_number", True),
    _step,
    _step,
    _step,
]
