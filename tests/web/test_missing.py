"""还没到的照片: whose phone still has pictures that are named, for those who can help; gone as soon as they are here."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask

from domain.awaiting import ON_ITS_WAY
from sync.clock import FixedClock
from tests.api import world
from tests.api.phone import Phone, change, drawing, report
from tests.web.conftest import SEAT

pytestmark = pytest.mark.both_databases


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def pictures(worker: Phone, clock: FixedClock) -> list[bytes]:
    """Two pictures of one case that have been on the worker's phone for more than an hour, with a preview."""
    two, ahead = [drawing(91), drawing(92)], drawing(93, (64, 48))
    sent = report(*two)
    sent["set"]["photos"][sha(two[0])]["preview"] = sha(ahead)
    worker.push(sent)
    clock.move(ON_ITS_WAY + 1000)
    return two


def test_whoever_decides_sees_whose_phone_has_how_many(seat: SEAT, pictures: list[bytes]) -> None:
    words = seat("supervisor").get("/console/missing").words
    assert "worker(示例)" in words
    assert " 2 " in words
    assert "LW1-" in words  # the number of the case, to say which on the telephone


def test_a_line_is_gone_when_the_pictures_are_here(seat: SEAT, worker: Phone, pictures: list[bytes]) -> None:
    for each in pictures:
        assert worker.upload(each).status_code == 204
    assert "worker(示例)" not in seat("supervisor").get("/console/missing").words


def test_what_was_sent_this_hour_is_simply_on_its_way(seat: SEAT, worker: Phone) -> None:
    worker.push(report(drawing(94)))
    assert "worker(示例)" not in seat("supervisor").get("/console/missing").words


def test_pictures_of_another_grid_are_nobody_s_concern(app: Flask, seat: SEAT, clock: FixedClock) -> None:
    Phone(app).sign_in("outsider").push(report(drawing(95), book=world.OTHER_GRID))
    clock.move(ON_ITS_WAY + 1000)
    assert "outsider(示例)" not in seat("head").get("/console/missing").words
    assert "outsider(示例)" in seat("supervisor").get("/console/missing").words


def test_a_picture_that_was_taken_out_is_not_missed(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    data = drawing(96)
    sent = report(data)
    worker.push(sent)
    seq = worker.get(f"/records/{sent['record']}").json["seq"]
    worker.push(change(sent["record"], seq, {"photos": {sha(data): None}}))
    clock.move(ON_ITS_WAY + 1000)
    assert "worker(示例)" not in seat("supervisor").get("/console/missing").words


@pytest.mark.parametrize("login", ["worker", "captain", "handler", "admin"])
def test_whoever_does_not_decide_does_not_see_the_list(app: Flask, login: str) -> None:
    assert Phone(app).sign_in(login).http.get("/console/missing").status_code in {302, 303, 403}
