"""What a moved record brings into its new book (S7): the standing writes, and what is known of those that stood. Pure.

In the new book all of them have the seq of the arrival; each keeps its id, device, author, `at` and claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync.merge import slots
from sync.rules import Write
from sync.state import VOID, Slot, State, pack, unpack
from sync.types import RecordType

Entries = dict[Slot, list[Write]]


def planted(state: State, seq: int, device: str) -> State:
    """A whole state, as it arrives under `seq`, by the server's `device`."""
    entries = {slot: [each._replace(seq=seq, reach=0) for each in entry] for slot, entry in state.entries.items()}
    plain = [(seq, by, change) for _, by, change in state.plain]
    return replace(state.copy(), entries=entries, plain=plain, seq=seq, tail=device, floor=seq)


def pack_seed(record_type: RecordType, state: State, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A planted state as JSON."""
    return {
        "schema": record_type.schema,
        "fields": fields,
        "state": pack(state, fields),
        "newest": [[*slot, device, change] for (slot, device), change in state.newest.items()],
        "claims": [[*slot, device, claim] for (slot, device), claim in state.claims.items()],
        "plain": [[device, change] for _, device, change in state.plain],
    }


def unpack_seed(record_type: RecordType, packed: Mapping[str, Any]) -> State:
    """The planted state that `pack_seed` made, in today's schema; it is whole."""
    state = unpack(packed["state"], packed["fields"])
    if packed["schema"] < record_type.schema:
        state.entries = _lifted(record_type, state.entries, packed["schema"])
    state.newest = {((name, key), device): change for name, key, device, change in packed["newest"]}
    state.claims = {((name, key), device): claim for name, key, device, claim in packed["claims"]}
    state.plain = [(state.seq, device, change) for device, change in packed["plain"]]
    state.whole = True
    return state


def _lifted(record_type: RecordType, entries: Entries, schema: int) -> Entries:
    """The writes of an older schema in today's: each change's are lifted together, as the change itself would be."""
    changes: dict[str, dict[Slot, Write]] = {}
    for slot, entry in entries.items():
        for write in entry:
            changes.setdefault(write.change, {})[slot] = write
    lifted: Entries = {}
    for writes in changes.values():
        model = next(iter(writes.values()))
        for slot, value in slots(record_type, record_type.lift(_values(writes), schema)):
            lifted.setdefault(slot, []).append(writes.get(slot, model)._replace(value=value))
        if (VOID, None) in writes:
            lifted.setdefault((VOID, None), []).append(writes[VOID, None])
    return lifted


def _values(writes: Mapping[Slot, Write]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for (name, key), write in writes.items():
        if key is not None:
            values.setdefault(name, {})[key] = write.value
        elif name != VOID:
            values[name] = write.value
    return values


def own_part(state: State, device: str, before: str) -> State:
    """Of a planted state, what a device knew that had seen nothing of it: its own changes earlier than `before`."""

    def own(by: str, change: str) -> bool:
        return by == device and change < before

    entries = {slot: [each for each in entry if own(each.device, each.change)] for slot, entry in state.entries.items()}
    entries = {slot: entry for slot, entry in entries.items() if entry}
    plain = [each for each in state.plain if own(each[1], each[2])]
    if not entries and not plain:
        return State()
    return State(
        entries=entries,
        seq=state.seq,
        top_at=max((each.at for entry in entries.values() for each in entry), default=0),
        tail=device,
        floor=0,
        uncovered={each.change for entry in entries.values() for each in entry} & state.uncovered,
        newest={key: change for key, change in state.newest.items() if own(key[1], change)},
        claims={key: claim for key, claim in state.claims.items() if key[1] == device},
        plain=plain,
    )
