"""Standing writes and one change -> standing writes, value, outcome. Pure; the server is the only one who calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sync.clock import to_text
from sync.protocol import Mark, Outcome
from sync.rules import Settled, Write, settle
from sync.state import VOID, Accepted, Slot, State, field_of
from sync.types import RULES_THAT_ASK, Field, RecordType

_NONE: Final[frozenset[str]] = frozenset()
WEIGHT: Final[dict[str, int]] = {"applied": 0, "merged": 1, "kept_other": 2, "conflict": 3}


class Incoming(NamedTuple):
    """What of one change the merge needs. `values` are a `set` in today's schema; times in milliseconds."""

    change: str
    device: str
    by: str
    seen: int
    at: int
    values: Mapping[str, Any]
    void: bool | None = None


def slots(record_type: RecordType, values: Mapping[str, Any]) -> Iterator[tuple[Slot, Any]]:
    """Each slot that a `set` writes, with what it says there."""
    for name, value in values.items():
        if record_type.by_name[name].is_keyed:
            for key, entry in value.items():
                yield (name, key), entry
        else:
            yield (name, None), value


def is_open(record_type: RecordType, state: State, slot: Slot) -> bool:
    """Is there an open conflict in this slot?"""
    entry = state.entries.get(slot)
    if not entry:
        return False
    if slot[0] == VOID:
        return any(write.value for write in entry) and not state.hidden
    return len(entry) > 1 and settle(field_of(record_type, slot), entry).open


@dataclass(frozen=True, slots=True)
class Bounds:
    """What of a change's writes does not follow from the change alone, and is kept with it for ever.

    `closed`: slots with a conflict that the writer could not close: there it supersedes only its own device's.
    `claims`: for `first`, claim times that differ from the change's `at`.
    """

    closed: frozenset[Slot] = frozenset()
    claims: Mapping[Slot, int] = field(default_factory=dict)

    def pack(self) -> dict[str, Any] | None:
        if not self.closed and not self.claims:
            return None
        closed = sorted(self.closed, key=lambda slot: (slot[0], slot[1] or ""))
        return {"closed": closed, "claims": [[*slot, claim] for slot, claim in self.claims.items()]}

    @staticmethod
    def unpack(packed: Mapping[str, Any] | None) -> Bounds:
        if not packed:
            return Bounds()
        claims = {(name, key): claim for name, key, claim in packed["claims"]}
        return Bounds(frozenset((name, key) for name, key in packed["closed"]), claims)


UNBOUND: Final = Bounds()


def bounds(
    record_type: RecordType,
    basis: State,
    incoming: Incoming,
    may_decide: Callable[[Field], bool],
    at_seen: Callable[[], State],
) -> Bounds:
    """How far the change's writes reach. `basis` is the record as the writer saw it: at `seen`, plus own earlier edits.

    Where a conflict was open at `seen`, only a writer who may decide closes it (M7). Own edits made since do not count
    for that: they may be held and let in later, and nothing may depend on when (M3).
    """
    if basis.is_empty:
        return UNBOUND
    closed: set[Slot] = set()
    claims: dict[Slot, int] = {}
    for slot, _ in _said(record_type, incoming):
        each = field_of(record_type, slot)
        asks = each.entry_rule in RULES_THAT_ASK and not may_decide(each)
        if asks and is_open(record_type, at_seen(), slot):
            closed.add(slot)
        if each.entry_rule == "first":
            claim = _claim(each, slot, basis, incoming)
            if claim != incoming.at:
                claims[slot] = claim
    return Bounds(frozenset(closed), claims)


def _said(record_type: RecordType, incoming: Incoming) -> Iterator[tuple[Slot, Any]]:
    yield from slots(record_type, incoming.values)
    if incoming.void is not None:
        yield (VOID, None), incoming.void


def accept(record_type: RecordType, incoming: Incoming, seq: int, limits: Bounds) -> Accepted:
    """The change as writes, numbered `seq`. Its `at` must already be fixed (M5)."""
    writes: dict[Slot, Write] = {}
    for slot, value in _said(record_type, incoming):
        reach = 0 if slot in limits.closed else incoming.seen
        claim = limits.claims.get(slot, incoming.at)
        said, names = told(field_of(record_type, slot), value)
        writes[slot] = Write(incoming.change, incoming.device, incoming.by, seq, incoming.at, said, reach, claim, names)
    return Accepted(incoming.change, incoming.device, incoming.by, seq, incoming.at, incoming.seen, writes)


def told(each: Field, value: Any) -> tuple[Any, frozenset[str]]:
    """What a `set` says, in the form that it has in a record, and the texts that it replaces."""
    if each.rule == "keep_all":
        return value["text"], frozenset(value.get("replaces") or ())
    if each.kind == "step" and value is not None:
        return {"status": value["to"], "cycle": value["cycle"]}, _NONE
    return value, _NONE


def _claim(each: Field, slot: Slot, basis: State, incoming: Incoming) -> int:
    """The time of the claim: that of the winner the writer saw, or of an own earlier one, else the write's own."""
    claims = [incoming.at]
    entry = basis.entries.get(slot, [])
    if entry:
        winner = settle(each, entry).winner
        claims += [winner.claim] if winner else []
        claims += [write.claim for write in entry if write.device == incoming.device]
    earlier = basis.claims.get((slot, incoming.device))
    return min([*claims, earlier] if earlier is not None else claims)


@dataclass(slots=True)
class View:
    """A record as it is read: `fields` in wire form; `conflicts` and `others` as in RECORD, empty where none."""

    fields: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    hidden: bool = False


def view(record_type: RecordType, state: State) -> View:
    """Everything that is read off the standing writes."""
    seen = View(hidden=state.hidden)
    for slot, entry in state.entries.items():
        _show(record_type, seen, state, slot, entry)
    return seen


def refresh(record_type: RecordType, shown: View, state: State, touched: Iterable[Slot]) -> None:
    """Bring `shown` up to date after a change that touched only these slots."""
    shown.hidden = state.hidden
    for slot in {*touched, (VOID, None)}:
        entry = state.entries.get(slot)
        if entry:
            _show(record_type, shown, state, slot, entry)


def _show(record_type: RecordType, shown: View, state: State, slot: Slot, entry: list[Write]) -> None:
    name = slot[0]
    each = field_of(record_type, slot)
    if len(entry) == 1 and name != VOID and each.rule != "keep_all":
        # One standing write is simply the value, whatever the rule (M1).
        _put(shown.fields, slot, entry[0].value)
        _put(shown.conflicts, slot, None)
        _put(shown.others, slot, None)
        return
    settled = settle(each, entry)
    if name == VOID:
        waiting = entry if is_open(record_type, state, slot) else []
        _put(shown.conflicts, slot, _listed(sorted(waiting, key=lambda write: (write.at, write.change))))
        return
    _put(shown.fields, slot, shown_value(each, settled))
    _put(shown.conflicts, slot, _listed(settled.candidates))
    _put(shown.others, slot, _listed(settled.others))


def shown_value(each: Field, settled: Settled) -> Any:
    """A settled field's value in the form that it has in RECORD."""
    if each.rule != "keep_all":
        return settled.value
    texts = [
        {"text": write.value, "by": write.by, "at": to_text(write.at), "change": write.change}
        for write in settled.value
    ]
    return texts or None


def _listed(writes: Iterable[Write]) -> list[dict[str, Any]] | None:
    rows = [{"value": write.value, "by": write.by, "at": to_text(write.at), "change": write.change} for write in writes]
    return rows or None


def _put(target: dict[str, Any], slot: Slot, value: Any) -> None:
    """Set what stands in a slot; None takes it away."""
    name, key = slot
    if value is None and name not in target:
        return
    if key is None:
        if value is None:
            target.pop(name, None)
        else:
            target[name] = value
        return
    entries = {**target.get(name, {}), key: value}
    if value is None:
        del entries[key]
    if entries:
        target[name] = entries
    else:
        target.pop(name, None)


def mark(record_type: RecordType, state: State, slot: Slot, write: Write) -> Mark | None:
    """What became of one write; None where nothing else stands beside it."""
    entry = state.entries[slot]
    if len(entry) == 1 and slot[0] != VOID and entry[0].change == write.change:
        return None
    if is_open(record_type, state, slot):
        return "conflict"
    if not any(each.change == write.change for each in entry):
        return "kept_other"
    if len(entry) == 1 or slot[0] == VOID:
        return None
    each = field_of(record_type, slot)
    if each.rule == "keep_all":
        return "merged"
    winner = settle(each, entry).winner
    return "merged" if winner is None or winner.value == write.value else "kept_other"


def outcome(record_type: RecordType, state: State, accepted: Accepted) -> tuple[Outcome, dict[str, Mark]]:
    """A change's own outcome, and what became of each field that did not simply apply (M14)."""
    marks: dict[str, Mark] = {}
    for slot, write in accepted.writes.items():
        one = mark(record_type, state, slot, write)
        if one and WEIGHT[one] > WEIGHT[marks.get(slot[0], "applied")]:
            marks[slot[0]] = one
    heaviest = max(marks.values(), key=lambda each: WEIGHT[each], default=None)
    if heaviest is None:
        return "applied", {}
    return ("conflict" if heaviest == "conflict" else "merged"), marks
