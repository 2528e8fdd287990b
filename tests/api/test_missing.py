"""The server asks again for what is named and not here (P2): in the sync reply, if the phone asks to be told."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.api import world
from tests.api.conftest import services
from tests.api.phone import Phone, drawing, report


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def asked(phone: Phone) -> list[str]:
    found: list[str] = phone.sync(limit=0, missing=True)["missing"]
    return found


def test_P2_a_phone_is_told_which_of_its_pictures_are_not_here(app: Flask, worker: Phone) -> None:
    sent, unsent, ahead = drawing(81), drawing(82), drawing(83, (64, 48))
    change = report(sent, unsent)
    change["set"]["photos"][sha(unsent)]["preview"] = sha(ahead)
    worker.push(change)
    assert sorted(asked(worker)) == sorted([sha(sent), sha(unsent), sha(ahead)])
    worker.upload(sent)
    worker.upload(ahead)
    assert asked(worker) == [sha(unsent)]
    assert asked(Phone(app).sign_in("worker2")) == []  # not theirs
    worker.upload(unsent)
    assert asked(worker) == []


def test_a_phone_that_does_not_ask_is_told_nothing_new(worker: Phone) -> None:
    worker.push(report(drawing(84)))
    assert "missing" not in worker.sync()
    assert "missing" not in worker.sync(missing=False)
    answer = worker.post("/sync", worker.call(missing="yes"))
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


def test_P2_also_what_a_held_or_refused_change_names_is_asked_for(worker: Phone) -> None:
    held, refused = drawing(85), drawing(86)
    receipts = worker.sync(report(held, book=world.OTHER_GRID), report(refused, severity="terrible"))["receipts"]
    assert sorted(each["outcome"] for each in receipts) == ["held", "refused"]
    assert sorted(asked(worker)) == sorted([sha(held), sha(refused)])


def test_S4_what_was_erased_is_not_asked_for(app: Flask, worker: Phone) -> None:
    data = drawing(87)
    sent = report(data)
    worker.push(sent)
    services(app).engine.erase(world.GRID, sent["record"])
    assert asked(worker) == []


def test_P2_another_device_of_the_same_person_is_asked_after_the_one_that_made_it(app: Flask, worker: Phone) -> None:
    """After X7 or a new phone the device is another one: whoever has the bytes may send them."""
    mine, older = drawing(88), drawing(89)
    worker.push(report(older))
    second = Phone(app).sign_in("worker")
    assert second.device != worker.device
    second.push(report(mine))
    assert asked(second) == [sha(mine), sha(older)]
    assert asked(worker) == [sha(older), sha(mine)]


def test_O6_asking_costs_one_look_more_and_not_asking_none(app: Flask, worker: Phone) -> None:
    reply = worker.sync()
    cursors = {each["book"]: each["cursor"] for each in reply["books"]}
    said: list[str] = []
    engine = services(app).database.sql_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, words, *_: said.append(words))

    def cost(**more: bool) -> int:
        said.clear()
        worker.sync(cursors=cursors, epoch=reply["epoch"], **more)
        return sum(each.startswith("SELECT") for each in said)

    idle = cost()
    assert cost(missing=True) == idle + 1
    assert cost() == idle


def test_O6_the_look_goes_through_an_index_of_what_is_awaited(app: Flask, worker: Phone) -> None:
    said: list[tuple[str, Any]] = []
    engine = services(app).database.sql_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, words, values, *_: said.append((words, values)))
    asked(worker)
    words, values = next((words, values) for words, values in said if "awaited_since IS NOT NULL" in words)
    with engine.connect() as conn:
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values).all()
    assert any("ix_named_awaited" in str(row) for row in plan), plan
