"""The half of a sync call that takes changes in: one transaction for each touched book.

Read `BookPush.run` first: it is the algorithm. Lock the book, recall what is known, take each change in turn
(known? readable? to be held or refused? else number it and let it stand), store everything, commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from sync import shelf
from sync.actors import Actor, BookServer
from sync.changes import Change, Malformed, read_change
from sync.clock import Clock, to_text
from sync.draft import Draft
from sync.epochs import Epochs
from sync.ids import Ids, derived
from sync.judge import Case, Status, Verdict, judge, may_decide, roles_of, sight_of
from sync.merge import Bounds, Incoming, accept, bounds, outcome, view
from sync.protocol import REASONS, CallError, Mark, Outcome
from sync.receipts import Receipt
from sync.rules import Write
from sync.state import Accepted
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


def by_book(items: Iterable[Item]) -> dict[str, list[Item]]:
    """The items of each book, in their order; "" for those that name none."""
    books: dict[str, list[Item]] = {}
    for index, item in items:
        books.setdefault(item.book or "", []).append((index, item))
    return dict(sorted(books.items()))


class BookPush:
    """The changes of one call for one book, in one transaction that holds the book's row."""

    def __init__(self, shop: Shop, conn: Connection, actor: Actor, book: str, claimed: Claimed) -> None:
        self.shop, self.conn, self.actor, self.book, self.claimed = shop, conn, actor, book, claimed
        self.now = shop.clock.now()
        self.head: int | None = None
        self.head_change: str | None = None
        self.drafts: dict[str, Draft] = {}
        self.foreign: dict[str, str] = {}
        self.known: dict[str, list[tuple[str, Receipt]]] = {}
        self.held: list[Mapping[str, Any]] = []
        self.newest = ""
        self.changes: list[dict[str, Any]] = []
        self.parked: list[dict[str, Any]] = []
        self.named: set[tuple[str, str, str]] = set()

    def run(self, items: Sequence[Item]) -> list[Any]:
        """Take every item; gives their receipts in wire form."""
        self.head, self.head_change = shelf.lock_book(self.conn, self.book)
        self._recall([item for _, item in items])
        receipts = [self._take(item).wire(index, item.id) for index, item in items]
        self._store()
        return receipts

    # -- what is known already ------------------------------------------------------------------------------------

    def _recall(self, items: Sequence[Change | Malformed]) -> None:
        own = shelf.own_ids(self.conn, self.book, self.actor.device, self.claimed.last)
        self._refuse_a_copy(own)
        self.newest = max(own, default=self.claimed.last or "")
        ids = {item.id for item in items if item.id}
        records = {item.record for item in items if item.record}
        self._recall_receipts(ids, records)
        for row in shelf.records(self.conn, self.book, records):
            self._open(row["id"], row)

    def _refuse_a_copy(self, own: Sequence[str]) -> None:
        claimed = self.claimed
        if claimed.newest is None:
            return
        latest = max(claimed.sent, default="")
        for each in own:
            if each > claimed.newest or (each <= latest and each not in claimed.sent):
                raise CallError("device_copied")

    def _recall_receipts(self, ids: set[str], records: set[str]) -> None:
        for row in shelf.parked_about(self.conn, self.book, ids, records):
            if row["id"] in ids:
                self._remember(row["id"], row["hash"], Receipt.unpack(orjson.loads(row["receipt"])))
            if row["body"] and row["reason"] not in _NOT_ABOUT_A_RECORD:
                self.held.append(row)
        for row in shelf.receipts(self.conn, self.book, ids):
            self._remember(row["id"], row["hash"], Receipt.unpack(orjson.loads(row["receipt"])))

    def _remember(self, change: str, digest: str, receipt: Receipt) -> None:
        self.known.setdefault(change, []).append((digest, receipt))

    def _open(self, record: str, row: Mapping[str, Any] | None, record_type: RecordType | None = None) -> None:
        record_type = record_type or self.shop.types[row["type"] if row else ""]
        self.drafts[record] = Draft(record_type, record, row, lambda each: shelf.history(self.conn, self.book, each))

    # -- one change -----------------------------------------------------------------------------------------------

    def _take(self, item: Change | Malformed) -> Receipt:
        known = self.known.get(item.id or "", [])
        for digest, receipt in known:
            if digest == item.hash:
                return receipt
        if isinstance(item, Malformed):
            return self._park(item, Verdict(item.reason, item.errors))
        if known:
            return self._park(item, Verdict("id_reused", {"id": [_REUSED]}))
        if self.head is None:
            return self._park(item, Verdict("unknown_book", {"book": ["没有这个册子 · no such book"]}))
        return self._take_sound(item, self.actor, react=True)

    def _take_sound(self, change: Change, actor: Actor, *, react: bool) -> Receipt:
        verdict = self._against_form(change)
        if verdict:
            return self._park(change, verdict)
        record_type = self.shop.types[change.type]
        if change.record not in self.drafts:
            self._open(change.record, None, record_type)
        draft = self.drafts[change.record]
        missing = self._against_presence(change, draft)
        if missing:
            return self._park(change, missing)
        return self._weigh(change, record_type, draft, actor, react=react)

    def _weigh(self, change: Change, record_type: RecordType, draft: Draft, actor: Actor, *, react: bool) -> Receipt:
        seen = self._seen(change, draft)
        basis = draft.basis(seen, actor.device, change.id, late=self._is_late(change, actor) and draft.exists)
        values = record_type.lift(dict(change.values), change.schema)
        case = Case(
            record_type, self.book, actor, basis, draft.by, change.create, values, change.void,
            own_steps=lambda: self._own_steps(draft, change, actor.device),
        )  # fmt: skip
        at = self._at(change, basis.top_at, actor.device)
        verdict = judge(case)
        if verdict:
            return self._park(change, self._softened(change, verdict), actor, at=at, seen=seen)
        roles = roles_of(case, sight_of(case, view(record_type, basis)))

        def decides(each: Field) -> bool:
            return may_decide(each, roles, record_type, actor.server)

        incoming = Incoming(change.id, actor.device, actor.account, seen, at, values, change.void)
        limits = bounds(record_type, basis, incoming, decides)
        before = dict(draft.shown.fields) if draft.exists else None
        self.head = (self.head or 0) + 1
        accepted = accept(record_type, incoming, self.head, limits)
        draft.take(accepted)
        receipt = Receipt(*_outcome(record_type, draft, accepted))
        self._number(change, actor, accepted, limits, receipt)
        self._name_pictures(record_type, change, values, actor)
        if react and record_type.react is not no_reaction:
            self._react(record_type, draft, Moment(self.book, draft.id, accepted.seq, at), before)
        return receipt

    def _is_late(self, change: Change, actor: Actor) -> bool:
        """May the book hold a newer change of the same device already? (The server's own ids grow under the lock.)"""
        return actor.device == self.actor.device and change.id <= self.newest

    def _against_form(self, change: Change) -> Verdict | None:
        record_type = self.shop.types.get(change.type)
        if record_type is None:
            return Verdict("unknown_type", {"type": ["没有这种记录 · no such record type"]})
        if change.schema > record_type.schema:
            return Verdict(
                "newer_schema", {"schema": [f"最新是 {record_type.schema} · newest is {record_type.schema}"]}
            )
        if not change.values and change.void is None:
            return Verdict("invalid", {"set": ["什么也没写 · nothing is written"]})
        values = record_type.lift(dict(change.values), change.schema)
        errors = self.shop.checks[change.type](values, create=change.create)
        return Verdict("invalid", errors) if errors else None

    def _against_presence(self, change: Change, draft: Draft) -> Verdict | None:
        """Is the record there, and of this type? If not yet: it shares the fate of its creation (X5)."""
        if draft.erased:
            return Verdict("gone")
        if draft.record_type.name != change.type:
            return Verdict("wrong_type", {"type": [f"这是 · it is a {draft.record_type.name}"]})
        if draft.exists or change.create:
            return None
        creations = [row for row in self.held if row["record_id"] == change.record and _creates(row)]
        held = next((row for row in creations if row["state"] == "held"), None)
        if held:
            return Verdict(held["reason"])
        named = creations[-1]["id"] if creations else change.record
        return self._softened(change, Verdict("needs", {"needs": [named]}))

    def _softened(self, change: Change, verdict: Verdict) -> Verdict:
        """What only a restore made wrong is held for a person, not refused (L3)."""
        older = self.shop.epochs.is_older(change.epoch)
        if older and verdict.reason in ("needs", "not_from_here", "void"):
            return Verdict("older_epoch", verdict.errors)
        return verdict

    def _seen(self, change: Change, draft: Draft) -> int:
        """What the change's `seen` counts for: a seq of this record, or nothing (L3)."""
        if change.seen == 0 or not draft.exists:
            return 0
        if change.epoch != self.shop.epochs.current:
            return self.shop.epochs.seen(change.epoch, self.book, change.seen)
        return change.seen if draft.knows(change.seen) else 0

    def _at(self, change: Change, top_at: int, device: str) -> int:
        """When it was: never later than now, and always after what the writer saw (M5)."""
        seen_at = [top_at] if top_at else []
        seen_at += [row["at"] for row in self._own_held(change, device)]
        return max([min(change.made_at, self.now), *(each + 1 for each in seen_at)])

    def _own_held(self, change: Change, device: str) -> Iterator[Mapping[str, Any]]:
        for row in self.held:
            own = row["record_id"] == change.record and row["device"] == device and row["id"] < change.id
            if own and row["state"] in ("held", "let_in"):
                yield row

    def _own_steps(self, draft: Draft, change: Change, device: str) -> Iterator[Status]:
        """The device's newest earlier step of this record, accepted or held."""
        each = draft.record_type.step_field
        if each is None:
            return
        steps: dict[str, Status] = {}
        for accepted in draft.history() if draft.exists else ():
            write: Write | None = accepted.writes.get((each.name, None))
            if write and accepted.device == device and accepted.change < change.id:
                steps[accepted.change] = (write.value["status"], write.value["cycle"])
        for row in self._own_held(change, device):
            step = (orjson.loads(row["body"]).get("set") or {}).get(each.name)
            if step:
                steps[row["id"]] = (step["to"], step["cycle"])
        if steps:
            yield steps[max(steps)]

    # -- what follows ---------------------------------------------------------------------------------------------

    def _react(self, record_type: RecordType, draft: Draft, moment: Moment, before: Mapping[str, Any] | None) -> None:
        """Let the server add what is its own to say, as one more change in the same transaction."""
        said = record_type.react(moment, before, draft.shown.fields)
        if not said:
            return
        raw = {
            "id": self.shop.ids.new(),
            "book": self.book,
            "record": draft.id,
            "type": record_type.name,
            "schema": record_type.schema,
            "epoch": self.shop.epochs.current,
            "seen": draft.state.seq,
            # Right after what it answers: a late arrival's number must not look newer than what came of it since.
            "made_at": to_text(moment.at),
            "set": dict(said),
        }
        change = read_change(raw)
        if isinstance(change, Malformed):
            raise TypeError(f"the reaction of {record_type.name} is no change: {change.errors}")
        self._take_sound(change, BookServer(self.shop.server_device), react=False)

    def _number(self, change: Change, actor: Actor, accepted: Accepted, limits: Bounds, receipt: Receipt) -> None:
        writes = limits.pack()
        self.head_change = change.id
        self._remember(change.id, change.hash, receipt)
        if actor.device == self.actor.device:
            self.newest = max(self.newest, change.id)
        self.changes.append(
            {
                "book_id": self.book,
                "seq": accepted.seq,
                "id": change.id,
                "record_id": change.record,
                "device": actor.device,
                "account": actor.account,
                "via": actor.via,
                "hash": change.hash,
                "body": change.body,
                "writes": orjson.dumps(writes).decode() if writes else None,
                "receipt": orjson.dumps(receipt.pack()).decode(),
                "seen": accepted.seen,
                "at": accepted.at,
                "made_at": change.made_at,
                "received_at": self.now,
            }
        )

    def _park(
        self, item: Change | Malformed, verdict: Verdict, actor: Actor | None = None, *, at: int = 0, seen: int = 0
    ) -> Receipt:
        """Keep whole what does not enter the book: who, when and why (X6)."""
        fate = REASONS[verdict.reason]
        actor = actor or self.actor
        receipt = Receipt(fate, reason=verdict.reason, errors=verdict.errors or None)
        row = {
            "book_id": self.book,
            "id": item.id or derived("unnamed", actor.device, item.hash),
            "hash": item.hash,
            "record_id": item.record,
            "device": actor.device,
            "account": actor.account,
            "via": actor.via,
            "state": fate,
            "reason": verdict.reason,
            "body": item.body,
            "receipt": orjson.dumps(receipt.pack()).decode(),
            "seen": seen,
            "at": at or min(getattr(item, "made_at", self.now), self.now),
            "received_at": self.now,
        }
        self.parked.append(row)
        if item.id:
            self._remember(item.id, item.hash, receipt)
        if isinstance(item, Change):
            if verdict.reason not in _NOT_ABOUT_A_RECORD:
                self.held.append(row)
            if item.type in self.shop.types:
                self._name_pictures(self.shop.types[item.type], item, item.values, actor)
        return receipt

    def _name_pictures(self, record_type: RecordType, change: Change, values: Mapping[str, Any], actor: Actor) -> None:
        for each in record_type.picture_fields:
            entries = values.get(each.name)
            for key, entry in entries.items() if isinstance(entries, dict) else ():
                preview = entry.get("preview") if isinstance(entry, dict) else None
                for sha256 in (key, preview) if entry is not None else ():
                    if isinstance(sha256, str) and len(sha256) == 64:
                        self.named.add((sha256, change.record, actor.account))

    def _store(self) -> None:
        drafts = [draft for draft in self.drafts.values() if draft.is_dirty]
        fresh = [draft.store(self.book) for draft in drafts if draft.row is None]
        known = [draft.store(self.book) for draft in drafts if draft.row is not None]
        shelf.store_records(self.conn, fresh, known)
        shelf.store_changes(self.conn, self.changes)
        shelf.store_parked(self.conn, self.parked)
        shelf.store_named(self.conn, self.book, self.named)
        if self.changes and self.head is not None:
            shelf.move_head(self.conn, self.book, self.head, self.head_change)


_NOT_ABOUT_A_RECORD = frozenset({"malformed", "too_large", "id_reused"})
_REUSED = "这个编号已用于别的内容 · this id was used for other content"


def _creates(row: Mapping[str, Any]) -> bool:
    return orjson.loads(row["body"]).get("create") is True


def _outcome(record_type: RecordType, draft: Draft, accepted: Accepted) -> tuple[Outcome, int, dict[str, Mark]]:
    became, marks = outcome(record_type, draft.state, accepted)
    return became, accepted.seq, marks
