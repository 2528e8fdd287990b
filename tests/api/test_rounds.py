"""When places were last looked at, as a phone asks for it."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from sync.clock import SystemClock, to_text
from tests.api import world
from tests.api.phone import IDS, Phone, change

pytestmark = pytest.mark.both_databases


def walk(phone: Phone, place: str) -> None:
    """A round in which one place was looked at."""
    at = to_text(SystemClock().now())
    written = {
        "place_id": world.GRID,
        "kind": "daily",
        "status": {"from": None, "to": "active", "cycle": 1},
        "started_at": at,
        "members": {phone.account: {"at": at}},
        "stops": {IDS.new(): {"place": place, "method": "hand", "at": at}},
    }
    made = {**change(IDS.new(), 0, written), "type": "round", "create": True}
    assert phone.push(made)["outcome"] == "applied"


def test_a_colleague_is_told_when_but_not_by_whom(worker: Phone, app: Flask) -> None:
    walk(worker, world.GRID)
    told = Phone(app).sign_in("worker2").get("/coverage")
    assert set(told.json["books"][world.GRID]) == {world.GRID}
    assert worker.account not in json.dumps(told.json)
    assert world.GRID not in Phone(app).sign_in("outsider").get("/coverage").json["books"]


def test_an_administrator_is_told_of_no_place(app: Flask) -> None:
    assert Phone(app).sign_in("admin").get("/coverage").json == {"books": {}}
