"""The door: phones, pages, jobs, imports and the command line all change and read records through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from sync import desk, lifting, moves, old_parked, reading, tables
from sync.actors import Actor, Author
from sync.awaited import missing
from sync.calls import Call, read_call
from sync.changes import read_change
from sync.clock import Clock, to_text
from sync.database import Database
from sync.epochs import Epochs, load_epochs
from sync.erasures import Erased, ErasureList
from sync.ids import Ids, is_change_id
from sync.proof import Span, prove
from sync.protocol import PROTOCOL, CallError
from sync.pull import Pulled, heads_of, is_foreign, pull, wire
from sync.push import UNCLAIMED, BookPush, Claimed, Item, Shop, by_book, refuse_copy
from sync.reading import NamedBy
from sync.shelf import insert_once
from sync.troubles import trouble_of
from sync.types import Registry
from sync.values import TypeCheck

Json = dict[str, Any]


class Engine:
    """The books of one database. Safe to share between threads; holds no state but what the database holds."""

    def __init__(
        self,
        database: Database,
        types: Registry,
        clock: Clock,
        ids: Ids | None = None,
        erasures: ErasureList | None = None,
    ) -> None:
        """`erasures`: the list that is kept apart from the backups."""
        self.database = database
        self._erasures = erasures
        self.types = types
        self.clock = clock
        self.ids = ids or Ids(clock)
        self._checks = {name: TypeCheck(each) for name, each in types.items()}
        self._server_device = self.ids.new()
        self._epochs: Epochs | None = None

    @property
    def epoch(self) -> str:
        """The id of the present life of the database (L3)."""
        return self._shop().epochs.current

    def open_book(self, conn: Connection, book: str) -> None:
        """Make an empty book; `conn` is the caller's `database.write()`."""
        conn.execute(insert(tables.book).values(id=book, head=0))

    # -- the one call ---------------------------------------------------------------------------------------------

    def sync(self, actor: Actor, raw: Mapping[str, Any]) -> Json:
        """Push and pull in one round trip: a request of SYNC.md's form in, a reply out. CallError where the whole
        call fails; nothing of it was taken then, or what was taken answers again when it is sent again (X2)."""
        call = read_call(raw)
        items = [(index, read_change(each)) for index, each in enumerate(call.changes)]
        if call.device != actor.device:
            raise CallError("wrong_device", device=call.device)
        shop = self._shop()
        if call.epoch is not None and call.epoch != shop.epochs.current:
            return self._reply(shop, reoffer=True)
        if call.changes and call.cursors and self._is_foreign(call):
            return self._reply(shop, reoffer=True)
        receipts, busy = self._push(actor, items, self._claimed(call))
        if call.protocol < PROTOCOL:
            return {**self._reply(shop, receipts, busy), "upgrade": True}
        pulled, dropped = self._pull(actor, call)
        if pulled.reoffer and not call.changes:
            return self._reply(shop, reoffer=True)
        return {**self._reply(shop, receipts, busy, pulled, dropped), **self._missing(actor, call)}

    def _missing(self, actor: Actor, call: Call) -> Json:
        """Which bytes this account still owes, if the phone asks to be told."""
        if not call.missing:
            return {}
        with self.database.read() as conn:
            return {"missing": missing(conn, actor.account, actor.device)}

    def _is_foreign(self, call: Call) -> bool:
        """Were the cursors made by another life of this database? Asked before anything is taken (L3)."""
        with self.database.read() as conn:
            return is_foreign(conn, call.cursors, heads_of(conn, list(call.cursors)))

    def _reply(
        self,
        shop: Shop,
        receipts: Sequence[Json] = (),
        busy: Sequence[str] = (),
        pulled: Pulled | None = None,
        dropped: Sequence[str] = (),
        *,
        reoffer: bool = False,
    ) -> Json:
        pulled = pulled or Pulled()
        return {
            "protocol": PROTOCOL,
            "epoch": shop.epochs.current,
            "server_time": to_text(shop.clock.now()),
            "receipts": list(receipts),
            "books": pulled.books,
            "dropped": list(dropped),
            "busy": list(busy),
            "reoffer": reoffer,
            "more": pulled.more,
        }

    def _pull(self, actor: Actor, call: Call) -> tuple[Pulled, list[str]]:
        followed = actor.books()
        dropped = [book for book in call.cursors if book not in followed]
        if call.limit == 0:
            return Pulled(), dropped
        with self.database.read() as conn:
            return pull(conn, actor, call, self.types), dropped

    @staticmethod
    def _claimed(call: Call) -> Claimed:
        ids = [raw.get("id") for raw in call.changes if isinstance(raw, dict)]
        sent = frozenset(each for each in ids if isinstance(each, str) and is_change_id(each))
        return Claimed(call.last, call.newest or max(sent, default=None), sent)

    def _push(self, actor: Actor, items: Sequence[Item], claimed: Claimed) -> tuple[list[Json], list[str]]:
        receipts: list[Json] = []
        busy: list[str] = []
        shop, books = self._shop(), by_book(items)
        self._refuse_copies(actor, books, claimed)
        for book, mine in books.items():
            try:
                with self.database.write() as conn:
                    push = BookPush(shop, conn, actor, book, claimed)
                    receipts += push.run(mine)
                    self._let_go(shop, conn, book, push.spent())
            except Exception as error:
                if trouble_of(error) != "busy":
                    raise
                busy.append(book)
        return sorted(receipts, key=lambda receipt: receipt["index"]), busy

    def _refuse_copies(self, actor: Actor, books: Mapping[str, Sequence[Item]], claimed: Claimed) -> None:
        """X7 ends the whole call: where several books are touched, ask all of them before the first takes anything."""
        if len(books) < 2 or not claimed.newest:
            return
        with self.database.read() as conn:
            for book, mine in books.items():
                refuse_copy(conn, book, actor.device, claimed, mine)

    def _shop(self) -> Shop:
        if self._epochs is None:
            self._epochs = self._load_epochs()
        return Shop(self.types, self._checks, self.clock, self.ids, self._epochs, self._server_device)

    def _load_epochs(self) -> Epochs:
        with self.database.read() as conn:
            found = load_epochs(conn)
        if found:
            return found
        with self.database.write() as conn:
            # Another process may be as quick: whoever is first begins the first epoch.
            first = {"number": 1, "id": self.ids.new(), "started_at": self.clock.now()}
            insert_once(conn, tables.epoch, [first])
        with self.database.read() as conn:
            fresh = load_epochs(conn)
        if fresh is None:
            raise RuntimeError("the first epoch was not stored")
        return fresh

    # -- for those who are on the server already ------------------------------------------------------------------

    def push(self, actor: Actor, changes: Sequence[Json]) -> list[Json]:
        """Many changes at once, as imports bring them; gives their receipts, in order. CallError `busy` if a book
        could not be had; what was taken before answers again when it is sent again."""
        items = [(index, read_change(raw)) for index, raw in enumerate(changes)]
        receipts, busy = self._push(actor, items, UNCLAIMED)
        if busy:
            raise CallError("busy", books=busy)
        return receipts

    def edit(
        self,
        actor: Actor,
        *,
        book: str,
        record: str,
        type: str,
        seen: int,
        set: Mapping[str, Any] | None = None,
        create: bool = False,
        void: bool | None = None,
        made_at: int | None = None,
    ) -> Json:
        """One change by a page, a job or the command line: the same door. `seen` is the record's seq as it was
        shown when the form was rendered (M10). Gives the receipt."""
        change: Json = {
            "id": self.ids.new(),
            "book": book,
            "record": record,
            "type": type,
            "schema": self.types[type].schema,
            "epoch": self.epoch,
            "seen": seen,
            "made_at": to_text(self.clock.now() if made_at is None else made_at),
            "create": create,
            "set": dict(set or {}),
        }
        if void is not None:
            change["void"] = void
        return self.push(actor, [change])[0]

    # -- what is held, and what is erased -------------------------------------------------------------------------

    def let_in(self, decider: Actor, book: str, held: str) -> list[Json]:
        """Let a waiting change, and what it stands on, into the book (S6): what each has become. Whether the decider
        may is the caller's to ask. CallError `not_yet` where it cannot enter even so; [] where nothing waits."""
        shop = self._shop()
        with self.database.write() as conn:
            about = desk.about(conn, book, held)
            became = desk.let_in(shop, conn, decider, book, held)
            self._let_go(shop, conn, book, desk.spent(shop, conn, book, about))
            return became

    def decline(self, decider: Actor, book: str, held: str, note: str = "") -> bool:
        """Leave a held change out for good, with a word to its author. False where nothing waits under this id."""
        with self.database.write() as conn:
            return desk.decline(conn, decider, book, held, note, self.clock.now())

    def adopt(self, owner: Actor, book: str, held: str) -> bool:
        """A waiting suggestion has been taken up by an edit of the owner's that names it (S6). False where none waits."""
        with self.database.write() as conn:
            return desk.adopt(conn, owner, book, held, self.clock.now())

    def hand_on(self, decider: Actor, book: str, held: str, to: str) -> bool:
        """Lay a waiting change on the desk of the account `to` first. False where nothing waits under this id."""
        with self.database.write() as conn:
            return desk.hand_on(conn, decider, book, held, to)

    def ask(self, author: Actor, book: str, refused: str) -> bool:
        """Give one's own refused change to the people of the book to decide about; False where there is none."""
        with self.database.write() as conn:
            return desk.ask(conn, author.account, book, refused)

    def hand_in(self, supervisor: Actor, author: str, device: str, changes: Sequence[Any]) -> list[Json]:
        """Take the changes of a rescue file, as those of `device` of the account `author` (L5): receipts, in order."""
        items: list[Item] = [(index, read_change(raw)) for index, raw in enumerate(changes)]
        writer = Author(device, author, via=supervisor.account)
        receipts: list[Json] = []
        shop = self._shop()
        for book, mine in by_book(items).items():
            with self.database.write() as conn:
                receipts += desk.hand_in(shop, conn, writer, book, mine)
        return sorted(receipts, key=lambda receipt: receipt["index"])

    def erase(self, book: str, record: str) -> int | None:
        """Empty a record for ever (S4), also in the books where it lived before: the seq of its erasure in this one;
        None where there is no such record."""
        shop = self._shop()
        with self.database.write() as conn:
            return self._erase(shop, conn, book, record)

    def _erase(self, shop: Shop, conn: Connection, book: str, record: str) -> int | None:
        stands = desk.standing(conn, record)
        lives = {each: desk.erase(shop, conn, each, record) for each in sorted({book, *stands})}
        if self._erasures and stands:
            # On the disk before the commit: who sets the database back must know of it, whatever dies here.
            self._erasures.note(Erased.now(record, stands, self.clock))
        return lives[book]

    def _let_go(self, shop: Shop, conn: Connection, book: str, spent: Sequence[str]) -> None:
        """Erase what its type may not keep any longer, together with what made it so (S4)."""
        for each in spent:
            self._erase(shop, conn, book, each)

    def empty_old_parked(self) -> int:
        """Empty what was held or refused for longer than its type keeps anything (S4): how many changes."""
        with self.database.write() as conn:
            return old_parked.empty_old(conn, self.types, self.clock.now())

    def agree_on_erasures(self) -> None:
        """Bring the list of erasures and this database into agreement; for the start of a server."""
        if self._erasures:
            self._erasures.agree_with(self.database, self.clock.now())

    def move(self, record: str, source: str, target: str, move_id: str) -> int | None:
        """Move a record into another book (S7): the seq that it has there. `move_id` names the move, so that it can be
        repeated. Whether the mover may is the caller's to ask. None where there is no such record or book."""
        shop = self._shop()
        with self.database.write() as conn:
            return moves.move(shop, conn, record, source, target, move_id)

    def lift_records(self) -> int:
        """Bring what is stored in an older schema into today's (L1): how many records. For the start after an upgrade;
        until then each is lifted as it is written to."""
        return lifting.lift_all(self._shop(), self.database)

    # -- reading --------------------------------------------------------------------------------------------------

    def record(self, actor: Actor, record_id: str) -> Json | None:
        """The RECORD, or None where there is none or it is not this person's to see."""
        with self.database.read() as conn:
            row = reading.visible(conn, actor, record_id)
        return wire(row) if row else None

    def history(self, actor: Actor, record_id: str, after: int = 0, limit: int = 200) -> Json | None:
        """Every accepted change of a record in order: {"changes": […], "next": seq to go on after, or None}."""
        with self.database.read() as conn:
            return reading.history(conn, actor, record_id, after, limit)

    def conflicts(self, actor: Actor, record_id: str) -> list[Json] | None:
        """The open conflicts of a record, as `sync.conflicts` tells them; None where it is not this person's to see."""
        with self.database.read() as conn:
            return reading.conflicts(conn, actor, record_id, self.types)

    def prove(self, actor: Actor, books: Mapping[str, Span]) -> dict[str, Json]:
        """Of each book, has what this device says it wrote arrived? Answers as `sync.proof.prove`."""
        with self.database.read() as conn:
            return {book: prove(conn, actor.device, book, span) for book, span in books.items()}

    def parked(self, actor: Actor) -> list[Json]:
        """What of this person's did not enter a book, whole; oldest first."""
        with self.database.read() as conn:
            return reading.own_parked(conn, actor)

    # -- pictures -------------------------------------------------------------------------------------------------

    def may_upload(self, account: str, sha256: str) -> bool:
        """Does a change of this person name these bytes (P3)?"""
        its = tables.named.c
        query = select(its.sha256).where(its.sha256 == sha256, its.account == account).limit(1)
        with self.database.read() as conn:
            return conn.execute(query).first() is not None

    def naming(self, sha256: str) -> list[NamedBy]:
        """Every record that names these bytes."""
        with self.database.read() as conn:
            return reading.naming(conn, sha256)
