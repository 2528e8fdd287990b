"""One record while its book is open for writing: what it was, what the batch makes of it, and the rows to store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from sync.actors import SERVER
from sync.beginning import begins, packed_first, shown_first
from sync.merge import UNBOUND, Bounds, Incoming, View, accept, refresh, view
from sync.seed import own_part, unpack_seed
from sync.state import Accepted, State, pack, replay, unpack
from sync.types import RecordType, Sight

Row = Mapping[str, Any]


def recall(record_type: RecordType, row: Row) -> Accepted:
    """An accepted change read back from its row, as the writes it became."""
    body = orjson.loads(row["body"]) if row["body"] else {}
    values = record_type.lift(dict(body.get("set") or {}), body.get("schema", record_type.schema))
    incoming = Incoming(row["id"], row["device"], row["account"], row["seen"], row["at"], values, body.get("void"))
    limits = Bounds.unpack(orjson.loads(row["writes"])) if row["writes"] else Bounds()
    return accept(record_type, incoming, row["seq"], limits)


def past_of(record_type: RecordType, rows: Iterable[Row]) -> tuple[State | None, list[Accepted]]:
    """What a record's rows of `change` say, in order of seq: with what it moved in last, if it did (S7), and its own
    changes since."""
    seed: State | None = None
    since: list[Accepted] = []
    for row in rows:
        moved = orjson.loads(row["body"]) if row["body"] and row["account"] == SERVER else {}
        if "seed" in moved:
            seed, since = unpack_seed(record_type, moved["seed"]), []
        elif "moved_to" not in moved and "lifted" not in moved:
            since.append(recall(record_type, row))
    return seed, since


class Draft:
    """A record of the book being written. `load_history` gives the rows of its stored changes, in order of seq."""

    def __init__(
        self, record_type: RecordType, record: str, row: Row | None, load_history: Callable[[str], Sequence[Row]]
    ) -> None:
        self.record_type = record_type
        self.id = record
        self.row = row
        self._load_history = load_history
        self._past: tuple[State | None, list[Accepted]] | None = None
        self._pending: list[Accepted] = []
        self.by: str = row["by"] if row else ""
        self.made_at: int = row["made_at"] if row else 0
        self.changed_at: int = row["changed_at"] if row else 0
        self.erased: bool = bool(row and row["erased"])
        self.moved_to: str | None = row["moved_to"] if row else None
        self.seq: int = row["seq"] if row else 0
        self.sight: Sight = row["sight"] if row else {}
        self.sights: list[Any] = list(row["sights"] or ()) if row else []
        fields = row["fields"] if row else {}
        extra = (row["extra"] if row else None) or {}
        self._begun: tuple[Incoming, int] | None = None
        self._state = unpack(orjson.loads(row["state"]), fields) if row and not self.erased else None
        self.shown = View(
            dict(fields), extra.get("conflicts", {}), extra.get("others", {}), bool(row and row["hidden"])
        )
        if self.exists and row and row["schema"] < record_type.schema:
            self.state.whole = False
            self.whole()
        if self.moved_to or self._past:  # a stub shows nothing, but it is still what late changes are judged by
            self.shown = view(record_type, self.state)

    @property
    def state(self) -> State:
        """The standing writes; those of a record that has just begun are built when somebody asks for them."""
        if self._state is None:
            self._state = State()
            for accepted in self._first():
                self._state.add(self.record_type, accepted)
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        self._state = state

    @property
    def exists(self) -> bool:
        return self._begun is not None or (self._state is not None and not self._state.is_empty)

    @property
    def is_dirty(self) -> bool:
        return self._begun is not None or bool(self._pending)

    def history(self) -> list[Accepted]:
        """Every accepted change of the record so far, this batch's among them, in order of seq."""
        return [*self._before()[1], *self._first(), *self._pending]

    def _first(self) -> list[Accepted]:
        """The change with which the record began in this batch, as the writes that it is."""
        return [accept(self.record_type, self._begun[0], self._begun[1], UNBOUND)] if self._begun else []

    def _before(self) -> tuple[State | None, list[Accepted]]:
        if self._past is None:
            self._past = past_of(self.record_type, self._load_history(self.id) if self.row else ())
        return self._past

    def whole(self) -> State:
        """The record as it stands, built from everything that is known of it."""
        if not self.state.whole:
            seed, _ = self._before()
            self.state = replace(
                replay(self.record_type, self.history(), seed),
                seq=self.state.seq,
                tail=self.state.tail,
                floor=self.state.floor,
            )
        return self.state

    def knows(self, seq: int) -> bool:
        """Is `seq` that of a change of this record?"""
        if seq in (self.state.seq, self.state.floor):
            return True
        seed, _ = self._before()
        return any(each.seq == seq for each in self.history()) or (seed is not None and seed.seq == seq)

    def stands_as_seen(self, seen: int, device: str) -> bool:
        """Is what stands just what somebody saw who saw this seq, or who has been the only one to write since?"""
        return self.state.seq == seen or (self.state.tail == device and self.state.floor == seen)

    def basis(self, seen: int, device: str, change: str, *, late: bool) -> State:
        """The record as the writer of `change` saw it: all up to `seen`, and the device's own earlier ones.

        Nearly always that is simply the record as it stands; only when it is not, the history is read (M1).
        """
        if not self.exists:
            return NOTHING
        state = self.state
        if not late and (state.seq <= seen or (state.tail == device and state.floor <= seen)):
            return state
        self.whole()
        seed, _ = self._before()
        if seed and seed.seq > seen:
            seed = own_part(seed, device, change)
        own_or_seen = (each for each in self.history() if each.seq <= seen or _is_own(each, device, change))
        return replay(self.record_type, own_or_seen, seed)

    def stand_still(self, seq: int, device: str) -> None:
        """Take a seq of the server's without touching what stands: a void that covers all still does (M11)."""
        self.state = replace(self.whole(), seq=seq, tail=device, floor=seq)

    def begins_with(self, incoming: Incoming) -> bool:
        """Would this be the first word on the record, and nothing but that?"""
        return not self.exists and begins(self.record_type, incoming)

    def begin(self, incoming: Incoming, seq: int) -> None:
        """Let the first change of a record stand, the short way: the same as `take`."""
        self._begun = (incoming, seq)
        self.by, self.made_at, self.changed_at = incoming.by, incoming.at, incoming.at
        self.shown = View(shown_first(self.record_type, incoming))
        self._note_sight(seq, is_new=True)

    def take(self, accepted: Accepted) -> None:
        """Let an accepted change stand, and read the record anew."""
        is_new = not self.exists
        self.state.add(self.record_type, accepted)
        self._pending.append(accepted)
        if is_new:
            self.by, self.made_at = accepted.by, accepted.at
        self.changed_at = accepted.at
        refresh(self.record_type, self.shown, self.state, accepted.writes)
        self._note_sight(accepted.seq, is_new=is_new)

    def _note_sight(self, seq: int, *, is_new: bool) -> None:
        sight = dict(self.record_type.sight(self.shown.fields, self.by))
        if not is_new and sight != self.sight:
            self.sights.append([seq, self.sight])
        self.sight = sight

    def store(self, book: str) -> dict[str, Any]:
        """The row of `record`."""
        extra = {
            name: part for name, part in (("conflicts", self.shown.conflicts), ("others", self.shown.others)) if part
        }
        return {
            "book_id": book,
            "id": self.id,
            "type": self.record_type.name,
            "schema": self.record_type.schema,
            "seq": self._begun[1] if self._state is None and self._begun else self.state.seq,
            "fields": self.shown.fields,
            "state": orjson.dumps(self._packed()).decode(),
            "extra": extra or None,
            "by": self.by,
            "made_at": self.made_at,
            "changed_at": self.changed_at,
            "hidden": self.shown.hidden,
            "erased": False,
            "sight": self.sight,
            "sights": self.sights or None,
        }

    def _packed(self) -> dict[str, Any]:
        if self._state is None and self._begun:
            return packed_first(self.record_type, *self._begun)
        # A stub's fields are not kept with it, so its values stand in the state.
        return pack(self.state, {} if self.moved_to else self.shown.fields)


NOTHING: Final = State()
"""What somebody saw who saw nothing. To be read only."""


def _is_own(each: Accepted, device: str, change: str) -> bool:
    return each.device == device and each.change < change
