"""L: phones that were away, and a server that was set back to a backup."""

from __future__ import annotations

from sqlalchemy import delete, insert

from sync import tables
from sync.database import metadata
from sync.engine import Engine
from sync.epochs import begin_epoch
from sync.ids import derived
from tests.sync.toys import TYPES, Person, Phone, World

ANN, BOB = Person("ann"), Person("bob")


def toy(number: int) -> str:
    return derived("toy", str(number))


class Backup:
    """Every row as it is now, and a restore to that: the next epoch begins."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept = {table: world.rows(table) for table in metadata.sorted_tables}

    def restore(self) -> None:
        world = self.world
        with world.database.write() as conn:
            for table, rows in self.kept.items():
                conn.execute(delete(table))
                if rows:
                    conn.execute(insert(table), rows)
            begin_epoch(conn, world.engine.ids.new(), world.clock.now())
        world.engine = Engine(world.database, TYPES, world.clock)


def offer_again(phone: Phone, journal: list[dict[str, object]]) -> None:
    """What a phone does on `reoffer`: the new epoch, no cursors, its journal, then its outbox."""
    reply = phone.world.engine.sync(phone.person, phone.request())
    assert reply["reoffer"] is True
    phone.epoch, phone.cursors, phone.records = reply["epoch"], {}, {}
    phone.outbox = [*journal, *phone.outbox]
    phone.sync()


def test_L3_what_a_restored_server_had_forgotten_comes_back_once(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    journal = [ann.create(toy(1), {"title": "before the backup"})]
    ann.sync()
    bob.sync()
    backup = Backup(world)
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


def test_L3_a_seen_of_an_older_epoch_counts_no_more_than_what_the_restore_kept(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(toy(1), {"title": "kept"})
    ann.sync()
    backup = Backup(world)
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


def test_L3_a_change_of_an_older_epoch_that_needs_what_was_forgotten_is_held(world: World) -> None:
    backup = Backup(world)
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(toy(1), {"title": "forgotten"})
    ann.sync()
    bob.sync()
    edit = bob.write(toy(1), {"title": "bob's"})
    backup.restore()
    offer_again(bob, [])
    assert (bob.said(edit)["outcome"], bob.said(edit)["reason"]) == ("held", "older_epoch")
