"""When a phone was last here: noted with its sync, seldom, so that an idle call costs no write."""

from __future__ import annotations

from flask import Flask

from domain import accounts
from domain.days import MINUTE
from sync.clock import FixedClock
from tests.api.conftest import services
from tests.api.phone import Phone


def seen(app: Flask, phone: Phone) -> int:
    with services(app).database.read() as conn:
        return accounts.phones_seen(conn, [phone.account])[phone.account]


def test_a_sync_notes_that_the_phone_was_here_and_not_more_often_than_every_ten_minutes(
    app: Flask, worker: Phone, clock: FixedClock
) -> None:
    signed_in = seen(app, worker)
    clock.move(9 * MINUTE)
    worker.sync()
    assert seen(app, worker) == signed_in
    clock.move(MINUTE)
    worker.sync()
    assert seen(app, worker) == clock.now()


def test_whoever_has_no_phone_was_not_here(app: Flask, worker: Phone) -> None:
    with services(app).database.read() as conn:
        assert accounts.phones_seen(conn, ["nobody"]) == {}
