"""The standing writes of one record: how they are kept, and how one more change joins them. Pure.

A state is *whole* when it was built from every change of the record, and then also knows what no longer stands;
a state read back from `record.state` knows only what stands, which is all that a timely change needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sync.rules import Write, supersedes
from sync.types import Field, RecordType, Rule

VOID: Final = "void"
VOID_FIELD: Final = Field(
    name=VOID, rule="ask", kind="boolean", labels={"zh-CN": "作废", "en": "void"}, personal="P0", example=True
)

Slot = tuple[str, str | None]
"""A field, and for a keyed field the key."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted change, as the record's other writes meet it."""

    change: str
    device: str
    by: str
    seq: int
    at: int
    seen: int
    writes: Mapping[Slot, Write]

    @property
    def hides(self) -> bool:
        void = self.writes.get((VOID, None))
        return void is not None and void.value is True


@dataclass(slots=True)
class State:
    """The standing writes by slot, and what a timely next change needs to know of the rest.

    `top_at`: the latest `at` of all changes. `tail`: the device of the newest change; `floor`: the seq of the
    newest change by any other device. `uncovered`: standing voids that have not seen every other change (M11).
    """

    entries: dict[Slot, list[Write]] = field(default_factory=dict)
    seq: int = 0
    top_at: int = 0
    tail: str = ""
    floor: int = 0
    uncovered: set[str] = field(default_factory=set)
    whole: bool = True
    newest: dict[tuple[Slot, str], str] = field(default_factory=dict)
    claims: dict[tuple[Slot, str], int] = field(default_factory=dict)
    plain: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return self.seq == 0

    @property
    def hidden(self) -> bool:
        voids = self.entries.get((VOID, None), [])
        return (
            bool(voids)
            and all(write.value for write in voids)
            and any(write.change not in self.uncovered for write in voids)
        )

    def copy(self) -> State:
        return State(
            {slot: list(entry) for slot, entry in self.entries.items()},
            self.seq,
            self.top_at,
            self.tail,
            self.floor,
            set(self.uncovered),
            self.whole,
            dict(self.newest),
            dict(self.claims),
            list(self.plain),
        )

    def add(self, record_type: RecordType, accepted: Accepted) -> None:
        """Let one more accepted change stand; its seq must be above every other's."""
        for slot, write in accepted.writes.items():
            self._add_write(slot, write, rule_of(record_type, slot))
        self._mark_uncovered(accepted)
        if accepted.device != self.tail:
            self.floor, self.tail = self.seq, accepted.device
        self.seq = accepted.seq
        self.top_at = max(self.top_at, accepted.at)

    def _add_write(self, slot: Slot, write: Write, rule: Rule) -> None:
        mine = (slot, write.device)
        entry = self.entries.get(slot, [])
        if not entry and mine not in self.newest:
            # The first word on it, as nearly always: there is nothing to put out of standing.
            self.entries[slot] = [write]
            self._remember(mine, write)
            return
        kept = [each for each in entry if not supersedes(write, each, rule)]
        later = self.newest.get(mine, "")
        overtaken = later > write.change or (
            any(each.device == write.device and each.change > write.change for each in kept)
        )
        if overtaken:
            # The device's newer write inherits the older claim, though it came first (M2, `first`).
            kept = [
                each._replace(claim=min(each.claim, write.claim)) if each.device == write.device else each
                for each in kept
            ]
        else:
            kept.append(write)
        self.entries[slot] = kept
        self._remember(mine, write)

    def _remember(self, mine: tuple[Slot, str], write: Write) -> None:
        """What a late arrival of this device will be asked about, also when the write stands no more."""
        if self.whole:
            self.newest[mine] = max(self.newest.get(mine, ""), write.change)
            self.claims[mine] = min(self.claims.get(mine, write.claim), write.claim)

    def _mark_uncovered(self, accepted: Accepted) -> None:
        if accepted.hides:
            if self.whole and any(not _covers(accepted, *other) for other in self.plain):
                self.uncovered.add(accepted.change)
            return
        for void in self.entries.get((VOID, None), ()):
            own_earlier = accepted.device == void.device and accepted.change < void.change
            if void.value and not own_earlier:
                self.uncovered.add(void.change)
        if self.whole:
            self.plain.append((accepted.seq, accepted.device, accepted.change))


def _covers(void: Accepted, seq: int, device: str, change: str) -> bool:
    return seq <= void.seen or (device == void.device and change < void.change)


def rule_of(record_type: RecordType, slot: Slot) -> Rule:
    return field_of(record_type, slot).entry_rule


def field_of(record_type: RecordType, slot: Slot) -> Field:
    return VOID_FIELD if slot[0] == VOID else record_type.by_name[slot[0]]


def replay(record_type: RecordType, history: Iterable[Accepted], seed: State | None = None) -> State:
    """The whole state that follows from these changes, given in order of seq; `seed`: with what the record came (S7)."""
    state = seed.copy() if seed else State()
    for accepted in history:
        state.add(record_type, accepted)
    return state


def pack(state: State, values: Mapping[str, Any]) -> dict[str, Any]:
    """The state as small JSON. A write that stands alone is a number: its value is found in `values`."""
    numbers: dict[str, int] = {}
    makers: list[list[Any]] = []

    def number(write: Write) -> int:
        if write.change not in numbers:
            numbers[write.change] = len(makers)
            makers.append([write.change, write.device, write.by, write.seq, write.at])
        return numbers[write.change]

    packed: dict[str, Any] = {}
    for (name, key), entry in state.entries.items():
        alone = len(entry) == 1 and name != VOID and entry[0].claim == entry[0].at
        if alone and entry[0].value == _value_at(values, name, key):
            small: Any = number(entry[0])
        else:
            small = [[number(write), write.value, write.claim] for write in entry]
        if key is None:
            packed[name] = small
        else:
            packed.setdefault(name, {})[key] = small
    head = [state.seq, state.top_at, state.tail, state.floor, sorted(state.uncovered)]
    return {"h": head, "c": makers, "w": packed}


def unpack(packed: Mapping[str, Any], values: Mapping[str, Any]) -> State:
    """The state that `pack` made; it is not whole."""
    seq, top_at, tail, floor, uncovered = packed["h"]
    makers = packed["c"]

    def write(number: int, value: Any, claim: int | None = None) -> Write:
        change, device, by, its_seq, at = makers[number]
        return Write(change, device, by, its_seq, at, value, claim=at if claim is None else claim)

    def entry(small: Any, name: str, key: str | None) -> list[Write]:
        if isinstance(small, int):
            return [write(small, _value_at(values, name, key))]
        return [write(*each) for each in small]

    entries: dict[Slot, list[Write]] = {}
    for name, small in packed["w"].items():
        if isinstance(small, dict):
            for key, each in small.items():
                entries[(name, key)] = entry(each, name, key)
        else:
            entries[(name, None)] = entry(small, name, None)
    return State(entries, seq, top_at, tail, floor, set(uncovered), whole=False)


def _value_at(values: Mapping[str, Any], name: str, key: str | None) -> Any:
    value = values.get(name)
    return value if key is None else (value or {}).get(key)
