"""What a person must see to decide: every open conflict of a record, with what everybody started from (M7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from sync.clock import to_text
from sync.draft import past_of
from sync.merge import is_open, shown_value
from sync.rules import Write, settle
from sync.state import VOID, Slot, State, field_of, replay
from sync.types import RecordType

Row = Mapping[str, Any]
Json = dict[str, Any]


def open_conflicts(record_type: RecordType, history: Sequence[Row]) -> list[Json]:
    """The open conflicts of a record, from its rows of `change`: [{"field", "key", "base", "candidates": […]}].

    `base` is the value that stood when the first of the candidates' writers looked; None where there was none.
    """
    seed, since = past_of(record_type, history)
    state = replay(record_type, since, seed)
    by_change = {row["id"]: row for row in history}
    seen = {accepted.change: accepted.seen for accepted in since}
    told = []
    for slot, entry in state.entries.items():
        if is_open(record_type, state, slot):
            waiting = _candidates(record_type, slot, entry)
            started = min(seen.get(write.change, 0) for write in waiting)
            base = replay(record_type, (each for each in since if each.seq <= started), _at(seed, started))
            told.append(
                {
                    "field": slot[0],
                    "key": slot[1],
                    "base": _value(record_type, base, slot),
                    "candidates": [_candidate(write, by_change.get(write.change)) for write in waiting],
                }
            )
    return told


def _candidates(record_type: RecordType, slot: Slot, entry: Iterable[Write]) -> list[Write]:
    standing = sorted(entry, key=lambda write: (write.at, write.change))
    return standing if slot[0] == VOID else list(settle(field_of(record_type, slot), standing).candidates)


def _at(seed: State | None, seq: int) -> State | None:
    return seed if seed and seed.seq <= seq else None


def _value(record_type: RecordType, state: State, slot: Slot) -> Any:
    entry = state.entries.get(slot)
    return shown_value(field_of(record_type, slot), settle(field_of(record_type, slot), entry)) if entry else None


def _candidate(write: Write, row: Row | None) -> Json:
    """One side. `row` is None where the change stands in the book that the record came from (S7)."""
    body = orjson.loads(row["body"]) if row and row["body"] else {}
    return {
        "value": write.value,
        "by": write.by,
        "via": row["via"] if row else None,
        "device": write.device,
        "at": to_text(write.at),
        "made_at": to_text(row["made_at"] if row else write.at),
        "received_at": to_text(row["received_at"] if row else write.at),
        "change": write.change,
        "seq": write.seq,
        "set": body.get("set") or {},
    }
