"""Whatever a phone asks for, by whatever cursors: it is given nothing that its person may not see (S1, S8)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask

from api.services import EXTENSION, Services
from domain.access import Person
from domain.people import load_person
from sync import tables
from sync.pull import wire
from sync.shelf import rows
from tests.api import phone as phones
from tests.api import world
from tests.api.phone import Phone
from tests.torture.hostile import Hostile
from tests.torture.nasty import Ground, Json
from tests.torture.world import on_postgresql, on_sqlite
from web.app import create_app

READERS = ("worker", "outsider", "captain", "captain2", "guard", "head", "supervisor", "handler", "command", "admin")
PULLS = 400


@pytest.fixture
def app(data: Path, database_url: str) -> Iterator[Flask]:
    config = on_sqlite(data) if database_url.startswith("sqlite") else on_postgresql(data, database_url)
    made = create_app(config)
    yield made
    services(made).database.sql_engine.dispose()


def services(app: Flask) -> Services:
    found: Services = app.extensions[EXTENSION]
    return found


def _fill(app: Flask) -> list[str]:
    """Cases of every book and kind of sight; the ids of their changes."""
    made = []
    for login, book in (("worker", world.GRID), ("outsider", world.OTHER_GRID), ("guard", world.POST)):
        phone = Phone(app).sign_in(login)
        for more in ({}, {"place_id": world.UNIT}, {"place_id": world.OTHER_UNIT}, {"visibility": "restricted"}):
            change = phones.report(book=book, **more)
            phone.push(change)
            made.append(change["id"])
    return made


def _may_see(app: Flask, person: Person) -> dict[str, Json]:
    """Every record of this person's sight, asked of the tables and of domain.access alone."""
    with services(app).database.read() as conn:
        found = rows(conn, tables.record.select())
    mine = (row for row in found if row["book_id"] in person.books())
    return {row["id"]: wire(row) for row in mine if person.sees(row["book_id"], row["type"], row["sight"])}


def test_S1_S8_no_cursor_opens_what_a_person_may_not_see(app: Flask, first_seed: int) -> None:
    chance = random.Random(first_seed)
    changes = _fill(app)
    hostile = Hostile(chance, Ground([], changes, [], services(app).engine.epoch, phones.IDS.new), phones.report)
    given: dict[str, int] = {}
    for login in READERS:
        phone = Phone(app).sign_in(login)
        with services(app).database.read() as conn:
            person = load_person(conn, phone.account, phone.device, services(app).clock.now())
        assert person is not None
        sees = _may_see(app, person)
        for _ in range(PULLS // len(READERS)):
            more: Json = {"cursors": hostile.cursors(), "limit": chance.choice((1, 3, 5000))}
            if chance.random() < 0.5:
                more["only"] = chance.sample([world.GRID, world.OTHER_GRID, world.TOWN, world.COMMUNITY, world.POST], 2)
            answer = phone.raw_sync(orjson.dumps(phone.call(**_sayable(more))))
            assert answer.status_code in {200, 400}, answer.text
            for page in (answer.json or {}).get("books", []):
                given[login] = given.get(login, 0) + len(page["records"])
                assert page["book"] in person.books()
                assert all(sees[record["id"]] == record for record in page["records"])
    # There was something to see for those who may, and nothing for those who may not.
    assert {"worker", "supervisor"} <= given.keys()
    assert not given.get("admin")


def _sayable(value: Any) -> Any:
    """orjson writes neither large numbers nor lone surrogates."""
    try:
        orjson.dumps(value)
    except TypeError:
        return {"cursors": {world.GRID: [0, None, "odd"]}}
    return value
