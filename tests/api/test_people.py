"""The names of those one works with, and nobody else's."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.api import world
from tests.api.phone import Phone

pytestmark = pytest.mark.both_databases


def test_a_worker_is_told_the_names_of_those_at_the_own_places(worker: Phone) -> None:
    found = {each["name"]: each for each in worker.get("/colleagues").json["colleagues"]}
    assert found["worker2(示例)"]["place"] == world.GRID
    assert found["supervisor(示例)"]["role"] == "supervisor"
    assert set(found["worker2(示例)"]) == {"id", "name", "role", "place", "phone"}
    assert all(each["place"] in {book["book"] for book in worker.books} for each in found.values())


def test_nobody_is_told_the_names_of_those_who_work_elsewhere(app: Flask) -> None:
    outsider = Phone(app).sign_in("outsider")
    names = {each["name"] for each in outsider.get("/colleagues").json["colleagues"]}
    assert "outsider(示例)" in names
    assert "worker(示例)" not in names


def test_an_administrator_reads_no_list_of_people_here(app: Flask) -> None:
    assert Phone(app).sign_in("admin").get("/colleagues").status_code == 403
