"""The merging half of the contract once more, straight from its words: slow, short, and without a line of the engine.

Where the engine keeps standing writes and goes on from them, this asks anew of the whole history each time: which
write is superseded by none, and what does the rule make of the rest? If the two ever differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sync.types import Field, RecordType

Slot = tuple[str, str | None]
VOID: Slot = ("void", None)


@dataclass(frozen=True)
class Fact:
    """One accepted change. `at` is fixed already (M5); `decides`: its writer may close the conflicts of the record."""

    id: str
    device: str
    by: str
    seq: int
    at: int
    seen: int
    values: Mapping[str, Any]
    void: bool | None = None
    decides: bool = False


@dataclass(frozen=True)
class Said:
    """What one fact says in one slot."""

    fact: Fact
    value: Any
    names: tuple[str, ...] = ()

    @property
    def time(self) -> tuple[int, str]:
        return self.fact.at, self.fact.id


@dataclass
class Reading:
    """A record as it must be read."""

    fields: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the rule of a slot says: the value, who is asked about, and who stands without having won."""

    value: Any
    candidates: Sequence[Said] = ()
    others: Sequence[Said] = ()
    winner: Said | None = None


class Oracle:
    """The record that follows from these facts; `facts` in order of seq, of one record."""

    def __init__(self, record_type: RecordType, facts: Sequence[Fact]) -> None:
        self.type, self.facts = record_type, list(facts)
        self._standing: dict[Slot, list[Said]] = {}

    # -- who stands -----------------------------------------------------------------------------------------------

    def field(self, slot: Slot) -> Field | None:
        return None if slot == VOID else self.type.by_name[slot[0]]

    def rule(self, slot: Slot) -> str:
        each = self.field(slot)
        return "ask" if each is None else (each.inner or "latest") if each.rule == "collect" else each.rule

    def said(self, fact: Fact) -> dict[Slot, Said]:
        told: dict[Slot, Said] = {} if fact.void is None else {VOID: Said(fact, fact.void)}
        for name, value in fact.values.items():
            each = self.type.by_name[name]
            if each.rule == "keep_all":
                told[name, None] = Said(fact, value["text"], tuple(value.get("replaces") or ()))
            elif each.rule == "furthest":
                told[name, None] = Said(fact, {"status": value["to"], "cycle": value["cycle"]})
            elif each.keyed or each.rule == "collect":
                told |= {(name, key): Said(fact, entry) for key, entry in value.items()}
            else:
                told[name, None] = Said(fact, value)
        return told

    def slots(self) -> set[Slot]:
        return {slot for fact in self.facts for slot in self.said(fact)}

    def seen_by(self, fact: Fact) -> Oracle:
        """The record as the writer saw it: up to its `seen`, and its device's earlier ones that had arrived."""
        before = [each for each in self.facts if each.seq < fact.seq]
        own = [each for each in before if each.device == fact.device and each.id < fact.id]
        return Oracle(self.type, [each for each in before if each.seq <= fact.seen or each in own])

    def reach(self, fact: Fact, slot: Slot) -> int:
        """M7: where a conflict was open, whoever may not decide supersedes only the own device's."""
        if self.rule(slot) not in ("fixed", "ask", "furthest"):
            return fact.seen
        each = self.field(slot)
        asked = slot == VOID or (each is not None and each.deciders is not None)
        shown = Oracle(self.type, [other for other in self.facts if other.seq <= fact.seen])
        return 0 if asked and not fact.decides and shown.verdict(slot).candidates else fact.seen

    def supersedes(self, later: Said, earlier: Said, slot: Slot) -> bool:
        if later.fact.device == earlier.fact.device:
            return later.fact.id > earlier.fact.id
        seen = earlier.fact.seq <= self.reach(later.fact, slot)
        return seen and (self.rule(slot) != "keep_all" or earlier.fact.id in later.names)

    def standing(self, slot: Slot) -> list[Said]:
        if slot not in self._standing:
            all_ = [told[slot] for told in map(self.said, self.facts) if slot in told]
            self._standing[slot] = [
                each
                for each in all_
                if not any(self.supersedes(other, each, slot) for other in all_ if other is not each)
            ]
        return sorted(self._standing[slot], key=lambda each: each.time)

    # -- what the rules say -----------------------------------------------------------------------------------------

    def verdict(self, slot: Slot) -> Verdict:
        standing = self.standing(slot)
        if not standing:
            return Verdict(None)
        each = self.field(slot)
        if each is None:
            asked = any(said.value for said in standing) and not self.hidden
            return Verdict(None, standing if asked else ())
        if each.rule == "collect":
            added = [said for said in standing if said.value is not None] or standing
            best = self._best(each, slot, added)
            return Verdict(best.value, others=[said for said in standing if said.value != best.value], winner=best)
        if each.rule == "keep_all":
            return Verdict([said for said in standing if said.value])
        if each.rule == "furthest":
            return self._furthest(each, standing)
        if each.rule in ("ask", "fixed"):
            return _asked(standing)
        best = self._best(each, slot, standing)
        return Verdict(best.value, others=[said for said in standing if said.value != best.value], winner=best)

    def _best(self, each: Field, slot: Slot, standing: Sequence[Said]) -> Said:
        if self.rule(slot) == "first":
            return min(standing, key=lambda said: (self.claim(said.fact, slot), said.fact.id))
        if self.rule(slot) in ("least", "most"):
            ranked = [said for said in standing if said.value is not None] or standing
            sign = -1 if self.rule(slot) == "least" else 1
            return max(ranked, key=lambda said: (sign * _height(each, said.value), *said.time))
        return standing[-1]

    def _furthest(self, each: Field, standing: Sequence[Said]) -> Verdict:
        ranks = {choice.value: choice.rank for choice in each.choices}

        def progress(said: Said) -> tuple[int, int]:
            return said.value["cycle"], ranks[said.value["status"]]

        best = max(map(progress, standing))
        top = [said for said in standing if progress(said) == best]
        below = [said for said in standing if progress(said) != best]
        ends = {said.value["status"] for said in top if said.value["status"] in each.ends}
        if len(ends) > 1:
            return Verdict(top[0].value, top, below, top[0])
        return Verdict(top[-1].value, others=[said for said in standing if said.value != top[-1].value], winner=top[-1])

    def claim(self, fact: Fact, slot: Slot) -> int:
        """M2, `first`: a write keeps the claim of the winner it saw, or of any earlier write of its device, also of
        one let in later; what others had already inherited stays as it was when they inherited it."""
        own = [each for each in self.facts if each.device == fact.device and each.id <= fact.id]
        return min(self._claim_then(each, slot) for each in own if slot in self.said(each))

    def _claim_then(self, fact: Fact, slot: Slot) -> int:
        seen = self.seen_by(fact)
        winner = seen.verdict(slot).winner
        earlier = [each for each in seen.facts if each.device == fact.device and slot in self.said(each)]
        heard = [*earlier, *([winner.fact] if winner else [])]
        return min([fact.at, *(seen.claim(each, slot) for each in heard)])

    @property
    def hidden(self) -> bool:
        """M11: a void stands, no un-void stands, and every other change, voids aside, was seen by that void."""
        standing = self.standing(VOID)
        plain = [fact for fact in self.facts if fact.void is not True]
        covering = [said.fact for said in standing if said.value and all(_covers(said.fact, each) for each in plain)]
        return bool(covering) and all(said.value for said in standing)

    # -- how it is read ---------------------------------------------------------------------------------------------

    def reading(self) -> Reading:
        read = Reading(hidden=self.hidden)
        for slot in self.slots():
            verdict = self.verdict(slot)
            _put(read.fields, slot, _texts(verdict.value) if self.rule(slot) == "keep_all" else verdict.value)
            _put(read.conflicts, slot, _listed(verdict.candidates) or None)
            _put(read.others, slot, _listed(verdict.others) or None)
        return read

    def outcome(self, fact: Fact) -> tuple[str, dict[str, str]]:
        """M14, of the newest fact: the outcome of its receipt and the marks of its fields."""
        weights = ["merged", "kept_other", "conflict"]
        marks: dict[str, str] = {}
        for slot, said in self.said(fact).items():
            mark = self._mark(slot, said)
            if mark and weights.index(mark) >= weights.index(marks.get(slot[0], "merged")):
                marks[slot[0]] = mark
        if not marks:
            return "applied", {}
        return ("conflict" if "conflict" in marks.values() else "merged"), marks

    def _mark(self, slot: Slot, said: Said) -> str | None:
        standing, verdict = self.standing(slot), self.verdict(slot)
        if verdict.candidates:
            return "conflict"
        if said.fact not in [each.fact for each in standing]:
            return "kept_other"
        if len(standing) == 1 or slot == VOID:
            return None
        good = self.rule(slot) == "keep_all" or verdict.value == said.value
        return "merged" if good else "kept_other"


def _asked(standing: Sequence[Said]) -> Verdict:
    differ = any(said.value != standing[0].value for said in standing)
    return Verdict(standing[0].value, standing if differ else (), winner=standing[0])


def _covers(void: Fact, other: Fact) -> bool:
    return other.seq <= void.seen or (other.device == void.device and other.id < void.id)


def _height(each: Field, value: Any) -> float:
    if value is None:
        return 0
    if each.order:
        return next(
            place
            for place, level in enumerate(each.order)
            if value == level or (type(level) is tuple and value in level)
        )
    return datetime.fromisoformat(value).timestamp() if each.kind == "instant" else float(value)


def _texts(standing: Any) -> Any:
    return _listed(standing, "text") or None


def _listed(said: Sequence[Said], name: str = "value") -> list[dict[str, Any]]:
    return [
        {name: each.value, "by": each.fact.by, "at": _instant(each.fact.at), "change": each.fact.id} for each in said
    ]


def _instant(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def _put(target: dict[str, Any], slot: Slot, value: Any) -> None:
    if value is None or (slot == VOID and not isinstance(value, list)):
        return
    if slot[1] is None:
        target[slot[0]] = value
    else:
        target.setdefault(slot[0], {})[slot[1]] = value
