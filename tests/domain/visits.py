"""Short ways to write visits and care agreements in the town of the tests."""

from __future__ import annotations

from typing import Any

from sync.actors import Actor
from sync.clock import to_text
from tests.domain.world import World, Written

DAY = 86_400_000


def step(came_from: str | None, to: str, cycle: int = 1) -> dict[str, Any]:
    return {"from": came_from, "to": to, "cycle": cycle}


def went(world: World, who: str, what: str) -> Written:
    """One going of somebody's, as a phone writes it."""
    return {"outcome": {world.ids.new(): {"what": what, "by": world.account(who), "at": to_text(world.clock.now())}}}


def visit(world: World, who: str, what: str, to: str, **more: Any) -> Written:
    """A visit as it is written at the door."""
    door = world.doors["1-1"][0]
    return {"place_id": door, "purpose": "safety_check", "status": step(None, to), **went(world, who, what), **more}


def planned(world: World, **more: Any) -> Written:
    return {"place_id": world.doors["1-1"][0], "purpose": "care", "status": step(None, "planned"), **more}


def agreed(world: World, *carers: str, **more: Any) -> Written:
    now = to_text(world.clock.now())
    return {
        "place_id": world.doors["1-1"][0],
        "alias": "1-1-101 奶奶",
        "help": {"meals": True},
        "frequency": "weekly",
        "carers": {world.account(each): {"since": now} for each in carers},
        "consent": {"kind": "spoken", "text_version": "2026-06", "at": now},
        "ends_on": "2027-06-01",
        **more,
    }


def make(world: World, who: str, type: str, fields: Written, *, id: str | None = None, **more: Any) -> dict[str, Any]:
    """Create a record; gives its receipt with its id under `record`."""
    made = id or world.ids.new()
    actor: Actor = world.person(who)
    return {**world.write(actor, made, fields, type=type, create=True, **more), "record": made}


def made(world: World, who: str, type: str, fields: Written) -> str:
    receipt = make(world, who, type, fields)
    assert receipt["outcome"] == "applied", receipt
    return str(receipt["record"])


def edit(world: World, who: str, type: str, id: str, fields: Written, **more: Any) -> dict[str, Any]:
    return world.write(world.person(who), id, fields, type=type, **more)
