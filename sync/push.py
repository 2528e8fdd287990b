"""The half of a sync call that takes changes in: one transaction for each touched book.

Read `BookPush.run` first: it is the algorithm. Lock the book, recall what is known, take each change in turn
(known? readable? to be held or refused? else number it and let it stand), store everything, commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from sync import shelf
from sync.actors import Actor, BookServer
from sync.changes import Change, Malformed, read_change
from sync.clock import Clock, to_text
from sync.draft import Draft
from sync.epochs import Epochs
from sync.ids import Ids
from sync.judge import Case, Status, Verdict, judge, may_decide, roles_of, sight_of
from sync.known import Known, is_copied
from sync.ledger import Ledger
from sync.merge import UNBOUND, Incoming, accept, bounds, outcome, view
from sync.protocol import REASONS, CallError
from sync.receipts import Receipt
from sync.state import State
from sync.types import Field, Moment, RecordType, Registry, no_reaction
from sync.values import TypeCheck

Item = tuple[int, Change | Malformed]
"""A change and its index in the call."""


@dataclass(frozen=True)
class Shop:
    """What every push works with."""

    types: Registry
    checks: Mapping[str, TypeCheck]
    clock: Clock
    ids: Ids
    epochs: Epochs
    server_device: str
    """The device as which this process itself writes."""


@dataclass(frozen=True)
class Claimed:
    """What the device says of its own ids (X7); None in `newest` where nobody asks (server devices)."""

    last: str | None
    newest: str | None
    sent: frozenset[str]


UNCLAIMED: Final = Claimed(None, None, frozenset())


def by_book(items: Iterable[Item]) -> dict[str, list[Item]]:
    """The items of each book, in their order; "" for those that name none."""
    books: dict[str, list[Item]] = {}
    for index, item in items:
        books.setdefault(item.book or "", []).append((index, item))
    return dict(sorted(books.items()))


def refuse_copy(conn: Connection, book: str, device: str, claimed: Claimed, items: Sequence[Item]) -> list[str]:
    """The device's ids above its last receipt; CallError `device_copied` where they give a copy away (X7).

    Where everything has its receipt already it is a repeat: a call perhaps that its phone gave up, come late (X2).
    """
    own = shelf.own_ids(conn, book, device, claimed.last)
    if claimed.newest and is_copied(own, max(claimed.sent, default=""), claimed.newest, claimed.sent):
        known = Known()
        known.recall(conn, book, [item for _, item in items])
        if any(known.answer(item) is None for _, item in items):
            raise CallError("device_copied")
    return own


class BookPush:
    """The changes of one call for one book, in one transaction that holds the book's row."""

    def __init__(
        self,
        shop: Shop,
        conn: Connection,
        actor: Actor,
        book: str,
        claimed: Claimed = UNCLAIMED,
        hold: str | None = None,
    ) -> None:
        """`hold`: a reason for which everything that comes is held, whatever it says."""
        self.shop, self.conn, self.actor, self.book = shop, conn, actor, book
        self.claimed, self.hold = claimed, hold
        self.now = shop.clock.now()
        self.known = Known()
        self.drafts: dict[str, Draft] = {}
        self._pasts: dict[str, list[shelf.Row]] = {}
        self.newest = ""

    def run(self, items: Sequence[Item]) -> list[Any]:
        """Take every item; gives their receipts in wire form."""
        self.ledger = Ledger(self.book, *shelf.lock_book(self.conn, self.book), self.now)
        self._recall(items)
        receipts = [self._take(item).wire(index, item.id) for index, item in items]
        self.ledger.store(self.conn, self.drafts.values())
        return receipts

    def spent(self) -> list[str]:
        """Which of the records that this batch has changed have come to where nothing of them may be kept (S4)."""
        changed = (draft for draft in self.drafts.values() if draft.is_dirty)
        return sorted(each.id for each in changed if each.record_type.spent(each.shown.fields, each.shown.others))

    def _recall(self, numbered: Sequence[Item]) -> None:
        own = refuse_copy(self.conn, self.book, self.actor.device, self.claimed, numbered)
        self.newest = max(own, default=self.claimed.last or "")
        items = [item for _, item in numbered]
        self.known.recall(self.conn, self.book, items)
        for row in shelf.records(self.conn, self.book, {item.record for item in items if item.record}):
            self._open(row["id"], self.shop.types[row["type"]], row)
        self._pasts = shelf.histories(self.conn, self.book, {each.id for each in self._met(items)})

    def _met(self, items: Iterable[Change | Malformed]) -> Iterator[Draft]:
        """The records that have gone on since their writers saw them: their history will be asked for, of all at once."""
        for item in items:
            if isinstance(item, Malformed):
                continue
            draft = self.drafts.get(item.record)
            if draft and draft.exists and not draft.stands_as_seen(item.seen, self.actor.device):
                yield draft

    def _open(self, record: str, record_type: RecordType, row: Mapping[str, Any] | None = None) -> Draft:
        draft = Draft(record_type, record, row, self._past_of)
        self.drafts[record] = draft
        return draft

    def _past_of(self, record: str) -> Sequence[shelf.Row]:
        """The stored changes of a record: those of this batch are not stored before its end."""
        known = self._pasts.get(record)
        return shelf.history(self.conn, self.book, record) if known is None else known

    # -- one change -----------------------------------------------------------------------------------------------

    def _take(self, item: Change | Malformed) -> Receipt:
        known = self.known.answer(item)
        if known:
            return known
        if isinstance(item, Malformed):
            return self._park(item, self.actor, Verdict(item.reason, item.errors))
        if self.known.has(item.id):
            return self._park(item, self.actor, Verdict("id_reused", {"id": [_REUSED]}))
        if self.ledger.head is None:
            return self._park(item, self.actor, Verdict("unknown_book", {"book": ["没有这个册子 · no such book"]}))
        return self._take_sound(item, self.actor, react=True)

    def _take_sound(self, change: Change, actor: Actor, *, react: bool) -> Receipt:
        verdict = self._against_form(change) or self._against_presence(change)
        if verdict:
            return self._park(change, actor, verdict, at=self._at(change, 0, actor.device))
        return self._weigh(change, self.drafts[change.record], actor, react=react)

    def _against_form(self, change: Change) -> Verdict | None:
        record_type = self.shop.types.get(change.type)
        if record_type is None:
            return Verdict("unknown_type", {"type": ["没有这种记录 · no such record type"]})
        newest = record_type.schema
        if change.schema > newest:
            return Verdict("newer_schema", {"schema": [f"最新是 {newest} · newest is {newest}"]})
        if not change.values and change.void is None:
            return Verdict("invalid", {"set": ["什么也没写 · nothing is written"]})
        try:
            values = record_type.lift(dict(change.values), change.schema)
        except (TypeError, ValueError, LookupError, AttributeError):
            return Verdict("invalid", {"schema": [f"不合第 {change.schema} 版 · does not fit schema {change.schema}"]})
        errors = self.shop.checks[change.type](values, create=change.create)
        return Verdict("invalid", errors) if errors else None

    def _against_presence(self, change: Change) -> Verdict | None:
        """Is the record there, and of this type? If not yet: it shares the fate of its creation (X5)."""
        draft = self.drafts.get(change.record)
        if draft is None or (draft.row is None and not draft.exists):
            draft = self._open(change.record, self.shop.types[change.type])
        if draft.record_type.name != change.type:
            return Verdict("wrong_type", {"type": [f"这是 · it is a {draft.record_type.name}"]})
        if draft.erased and not self._begins_again(change, draft):
            return Verdict("gone")
        if draft.exists or change.create:
            return None
        return self._softened(change, self.known.fate_of_creation(change.record))

    def _begins_again(self, change: Change, draft: Draft) -> bool:
        """What was erased under a derived id may be made anew, by who has seen that it was erased (S4)."""
        seen = self._seen_here(change, change.seen)
        return draft.record_type.derived_id and change.create and seen >= draft.seq > 0

    def _weigh(self, change: Change, draft: Draft, actor: Actor, *, react: bool) -> Receipt:
        seen = self._seen(change, draft)
        basis = draft.basis(seen, actor.device, change.id, late=self._is_late(change, actor) and draft.exists)
        at = self._at(change, basis.top_at, actor.device)
        case = self._case(change, draft, actor, basis)
        verdict = Verdict(self.hold) if self.hold and actor is self.actor else judge(case)
        if verdict:
            verdict = self._softened(change, verdict)
        if draft.moved_to and (verdict is None or REASONS[verdict.reason] == "held"):
            return self._pass_on(change, actor, at)
        if verdict:
            return self._park(change, actor, verdict, at=at, seen=seen)
        incoming = Incoming(change.id, actor.device, actor.account, seen, at, case.values, change.void)
        return self._let_stand(change, draft, case, incoming, react=react)

    def _pass_on(self, change: Change, actor: Actor, at: int) -> Receipt:
        """What is sound, but too late for a record that has moved on, waits for the people of its new book (S7)."""
        home = shelf.home_of(self.conn, change.record) or self.book
        return self._park(change, actor, Verdict("moved", {"moved_to": [home]}), at=at, desk=home)

    def _case(self, change: Change, draft: Draft, actor: Actor, basis: State) -> Case:
        # Nearly always the writer saw the record as it stands, and that has been read already.
        as_it_stands = draft.exists and basis is draft.state and not basis.is_empty
        return Case(
            draft.record_type,
            self.book,
            actor,
            basis,
            draft.shown if as_it_stands else view(draft.record_type, basis),
            draft.by,
            change.create,
            draft.record_type.lift(dict(change.values), change.schema),
            change.void,
            own_steps=lambda: self._own_steps(draft, change, actor.device),
        )

    def _let_stand(self, change: Change, draft: Draft, case: Case, incoming: Incoming, *, react: bool) -> Receipt:
        record_type, actor = case.record_type, case.actor
        before = dict(draft.shown.fields) if draft.exists else None

        def decides(each: Field) -> bool:
            return may_decide(each, roles_of(case, sight_of(case)), record_type, actor.server)

        def at_seen() -> State:
            return draft.basis(incoming.seen, "", "", late=False)

        seq = self.ledger.next_seq()
        if draft.begins_with(incoming):
            # The first word on a record, as nearly always: nothing stands beside it, and nothing bounds it.
            draft.begin(incoming, seq)
            limits, receipt = UNBOUND, Receipt("applied", seq)
        else:
            limits = bounds(record_type, case.basis, incoming, decides, at_seen)
            accepted = accept(record_type, incoming, seq, limits)
            draft.take(accepted)
            became, marks = outcome(record_type, draft.state, accepted)
            receipt = Receipt(became, seq, marks)
        self.ledger.enter(change, actor, incoming, limits, receipt)
        self.ledger.name_pictures(record_type, change.record, incoming.values, actor)
        self.known.answered(change.id, change.hash, receipt)
        if actor.device == self.actor.device:
            self.newest = max(self.newest, change.id)
        if react and record_type.react is not no_reaction:
            self._react(draft, Moment(self.book, draft.id, seq, incoming.at), before)
        return receipt

    def let_in(self, change: Change, at: int) -> Receipt:
        """Take a change that was held, as a late arrival with the `at` that it was given then (S6).

        CallError `not_yet` where it cannot enter even so: its creation is not in, or the record is gone or moved on.
        """
        self.ledger = Ledger(self.book, *shelf.lock_book(self.conn, self.book), self.now)
        self._recall([(0, change)])
        against = self._against_form(change) or self._against_presence(change)
        if against:
            raise CallError("not_yet", reason=against.reason)
        draft = self.drafts[change.record]
        if draft.moved_to:
            raise CallError("not_yet", reason="moved")
        seen = self._seen(change, draft)
        basis = draft.basis(seen, self.actor.device, change.id, late=draft.exists)
        case = self._case(change, draft, self.actor, basis)
        incoming = Incoming(change.id, self.actor.device, self.actor.account, seen, at, case.values, change.void)
        receipt = self._let_stand(change, draft, case, incoming, react=True)
        self.ledger.store(self.conn, self.drafts.values())
        return receipt

    def _park(
        self,
        item: Change | Malformed,
        actor: Actor,
        verdict: Verdict,
        *,
        at: int = 0,
        seen: int = 0,
        desk: str | None = None,
    ) -> Receipt:
        draft = self.drafts.get(item.record or "")
        gone = draft is not None and draft.erased and not draft.exists
        receipt, row = self.ledger.park(item, actor, verdict, at=at, seen=seen, desk=desk, keep=not gone)
        if item.id:
            self.known.answered(item.id, item.hash, receipt)
        self.known.parked(row)
        if isinstance(item, Change) and item.type in self.shop.types and row["body"]:
            self.ledger.name_pictures(self.shop.types[item.type], item.record, item.values, actor)
        return receipt

    # -- how the writer saw it ------------------------------------------------------------------------------------

    def _is_late(self, change: Change, actor: Actor) -> bool:
        """May the book hold a newer change of the same device already? (The server's own ids grow under the lock.)"""
        return actor.device == self.actor.device and change.id <= self.newest

    def _softened(self, change: Change, verdict: Verdict) -> Verdict:
        """What only a restore made wrong is held for a person, not refused (L3)."""
        older = self.shop.epochs.is_older(change.epoch)
        if older and verdict.reason in ("needs", "not_from_here", "void"):
            return Verdict("older_epoch", verdict.errors)
        return verdict

    def _seen(self, change: Change, draft: Draft) -> int:
        """What the change's `seen` counts for: a seq of this record in this book (S7), or nothing (L3)."""
        if change.seen == 0 or not draft.exists or change.book != self.book:
            return 0
        present = change.epoch == self.shop.epochs.current
        return 0 if present and not draft.knows(change.seen) else self._seen_here(change, change.seen)

    def _seen_here(self, change: Change, seen: int) -> int:
        return (
            seen if change.epoch == self.shop.epochs.current else self.shop.epochs.seen(change.epoch, self.book, seen)
        )

    def _at(self, change: Change, top_at: int, device: str) -> int:
        """When it was: never later than now, and always after what the writer saw (M5)."""
        seen_at = [top_at] if top_at else []
        seen_at += [row["at"] for row, _ in self.known.own_held(change, device)]
        return max([min(change.made_at, self.now), *(each + 1 for each in seen_at)])

    def _own_steps(self, draft: Draft, change: Change, device: str) -> Iterator[Status]:
        """The device's newest earlier step of this record, accepted or held."""
        each = draft.record_type.step_field
        if each is None:
            return
        steps: dict[str, Status] = {}
        for accepted in draft.history() if draft.exists else ():
            write = accepted.writes.get((each.name, None))
            if write and accepted.device == device and accepted.change < change.id:
                steps[accepted.change] = (write.value["status"], write.value["cycle"])
        for row, body in self.known.own_held(change, device):
            step = (body.get("set") or {}).get(each.name)
            if step:
                steps[row["id"]] = (step["to"], step["cycle"])
        if steps:
            yield steps[max(steps)]

    # -- what follows ---------------------------------------------------------------------------------------------

    def _react(self, draft: Draft, moment: Moment, before: Mapping[str, Any] | None) -> None:
        """Let the server add what is its own to say, as one more change in the same transaction."""
        said = draft.record_type.react(moment, before, draft.shown.fields)
        if not said:
            return
        raw = {
            "id": self.shop.ids.new(),
            "book": self.book,
            "record": draft.id,
            "type": draft.record_type.name,
            "schema": draft.record_type.schema,
            "epoch": self.shop.epochs.current,
            "seen": moment.seq,
            # Right after what it answers: a late arrival's number must not look newer than what came of it since.
            "made_at": to_text(moment.at),
            "set": dict(said),
        }
        change = read_change(raw)
        if isinstance(change, Malformed):
            raise TypeError(f"the reaction of {draft.record_type.name} is no change: {change.errors}")
        self._take_sound(change, BookServer(self.shop.server_device), react=False)


_REUSED: Final = "这个编号已用于别的内容 · this id was used for other content"
