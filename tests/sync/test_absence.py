"""L: phones that were away, and a server that was set back to a backup."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sync import tables
from sync.engine import Engine
from sync.epochs import begin_epoch
from sync.ids import derived
from tests.sync.toys import TYPES, Person, Phone, World

ANN, BOB = Person("ann"), Person("bob")


def toy(number: int) -> str:
    return derived("toy", str(number))


class Backup:
    """A copy of the whole database, and a restore from it: the next epoch begins."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.kept = world, folder / "backup.db"
        source, target = sqlite3.connect(folder / "book.db"), sqlite3.connect(self.kept)
        source.backup(target)
        source.close()
        target.close()

    def restore(self) -> None:
        world = self.world
        now = str(world.database.sql_engine.url.database)
        world.database.sql_engine.dispose()
        source, target = sqlite3.connect(self.kept), sqlite3.connect(now)
        source.backup(target)
        source.close()
        target.close()
        with world.database.write() as conn:
            begin_epoch(conn, world.engine.ids.new(), world.clock.now())
        world.engine = Engine(world.database, TYPES, world.clock)


def offer_again(phone: Phone, journal: list[dict[str, object]]) -> None:
    """What a phone does on `reoffer`: the new epoch, no cursors, its journal, then its outbox."""
    reply = phone.world.engine.sync(phone.person, phone.request())
    assert reply["reoffer"] is True
    phone.epoch, phone.cursors, phone.records = reply["epoch"], {}, {}
    phone.outbox = [*journal, *phone.outbox]
    phone.sync()


def test_L3_what_a_restored_server_had_forgotten_comes_back_once(world: World, tmp_path: Path) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    journal = [ann.create(toy(1), {"title": "before the backup"})]
    ann.sync()
    bob.sync()
    backup = Backup(world, tmp_path)
    journal += [ann.write(toy(1), {"title": "after it"}), ann.create(toy(2), {"title": "also after it"})]
    ann.sync()
    unsent = ann.write(toy(2), {"severity": "high"})
    backup.restore()
    offer_again(ann, journal)
    assert ann.outbox == []
    assert ann.records[toy(1)]["fields"] == {"title": "after it"}
    assert ann.records[toy(2)]["fields"] == {"title": "also after it", "severity": "high"}
    assert ann.said(unsent)["outcome"] == "applied"
    ids = [row["id"] for row in world.rows(tables.change)]
    assert len(ids) == len(set(ids)) == 4


def test_L3_a_seen_of_an_older_epoch_counts_no_more_than_what_the_restore_kept(world: World, tmp_path: Path) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(toy(1), {"title": "kept"})
    ann.sync()
    backup = Backup(world, tmp_path)
    forgotten = ann.write(toy(1), {"title": "forgotten by the restore"})
    ann.sync()
    bob.sync()
    late = bob.write(toy(1), {"title": "bob saw what was forgotten"})
    backup.restore()
    cy = world.phone(Person("cy"))
    cy.sync()
    cy.edit(toy(1), {"title": "new life"})
    offer_again(bob, [])
    assert bob.said(late)["outcome"] == "merged"
    offer_again(ann, [forgotten])
    texts = {each["value"] for each in world.record(ANN, toy(1))["others"]["title"]}
    assert texts == {"forgotten by the restore", "bob saw what was forgotten"}


def test_L3_a_change_of_an_older_epoch_that_needs_what_was_forgotten_is_held(world: World, tmp_path: Path) -> None:
    backup = Backup(world, tmp_path)
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(toy(1), {"title": "forgotten"})
    ann.sync()
    bob.sync()
    edit = bob.write(toy(1), {"title": "bob's"})
    backup.restore()
    offer_again(bob, [])
    assert (bob.said(edit)["outcome"], bob.said(edit)["reason"]) == ("held", "older_epoch")
