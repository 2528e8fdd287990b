"""The eleven rules: how a field's value follows from its standing writes (SYNC.md M2). Pure: no clock, no chance,
no I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sync.clock import from_text
from sync.types import Field, Rule


class Write(NamedTuple):
    """What one accepted change says of one field, or of one key of a keyed field. (A tuple: every entry makes a dozen.)

    `reach`: it supersedes the writes of its field with seq ≤ reach, and its own device's earlier ones.
    `names`: for `keep_all`, the changes whose texts it replaces (only those with seq ≤ reach count).
    `claim`: for `first`, the time of the claim it makes; milliseconds, as `at`.
    `value`: in the form it has in a record (`furthest`: status and cycle; `keep_all`: the text).
    """

    change: str
    device: str
    by: str
    seq: int
    at: int
    value: Any
    reach: int = 0
    claim: int = 0
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """The value of one field or key, and who stands where.

    `winner` is None where every text is kept or nothing is there. With `open` the `candidates` wait for a person
    and the value is the earliest one's. `others` stand, did not win, and differ from the winner.
    """

    value: Any
    winner: Write | None = None
    open: bool = False
    candidates: tuple[Write, ...] = ()
    others: tuple[Write, ...] = ()


def supersedes(later: Write, earlier: Write, rule: Rule) -> bool:
    """Does `later` put `earlier` (a write of the same field and key) out of standing?"""
    if later.device == earlier.device:
        return later.change > earlier.change
    if rule == "keep_all":
        return earlier.change in later.names and earlier.seq <= later.reach
    return earlier.seq <= later.reach


def settle(field: Field, standing: Sequence[Write]) -> Settled:
    """The value of `field` (of one entry, where it is keyed) given its standing writes: at least one."""
    present = standing
    if field.rule == "collect":
        # A removal wins only by having seen the addition, so a lone addition beside it stays.
        present = [write for write in standing if write.value is not None] or standing
    settled = _RULES[field.entry_rule](field, present)
    if present is not standing and settled.winner:
        unheard = [write for write in standing if write.value is None]
        return _with_others(settled, [*settled.others, *unheard])
    return settled


def _by_time(write: Write) -> tuple[int, str]:
    return (write.at, write.change)


def _with_others(settled: Settled, others: Sequence[Write]) -> Settled:
    return Settled(settled.value, settled.winner, settled.open, settled.candidates, tuple(sorted(others, key=_by_time)))


def _won(winner: Write, standing: Sequence[Write]) -> Settled:
    others = [write for write in standing if write.value != winner.value]
    return Settled(winner.value, winner, others=tuple(sorted(others, key=_by_time)))


def _latest(_field: Field, standing: Sequence[Write]) -> Settled:
    return _won(max(standing, key=_by_time), standing)


def _first(_field: Field, standing: Sequence[Write]) -> Settled:
    return _won(min(standing, key=lambda write: (write.claim, write.change)), standing)


def _ask(_field: Field, standing: Sequence[Write]) -> Settled:
    candidates = sorted(standing, key=_by_time)
    earliest = candidates[0]
    if all(write.value == earliest.value for write in candidates):
        return Settled(earliest.value, earliest)
    return Settled(earliest.value, earliest, open=True, candidates=tuple(candidates))


def _keep_all(_field: Field, standing: Sequence[Write]) -> Settled:
    return Settled([write for write in sorted(standing, key=_by_time) if write.value])


def _rank(field: Field, value: Any) -> Any:
    """Where a value stands in the declared order; nothing at all is below everything."""
    if field.order:
        return field.ranks.get(value, -1)
    if field.kind == "instant":
        return from_text(value)
    return value


def _extreme(choose: Callable[..., Any]) -> Callable[[Field, Sequence[Write]], Settled]:
    def rule(field: Field, standing: Sequence[Write]) -> Settled:
        said = [write for write in standing if write.value is not None]
        if not said:
            return _latest(field, standing)
        best = choose(_rank(field, write.value) for write in said)
        return _won(max((each for each in said if _rank(field, each.value) == best), key=_by_time), standing)

    return rule


def progress(field: Field, value: Any) -> tuple[int, int]:
    """(cycle, rank) of a status: how far it has come."""
    return (value["cycle"], field.ranks[value["status"]])


def _furthest(field: Field, standing: Sequence[Write]) -> Settled:
    best = max(progress(field, write.value) for write in standing)
    top = [write for write in standing if progress(field, write.value) == best]
    below = [write for write in standing if progress(field, write.value) != best]
    if len({write.value["status"] for write in top} & field.ends) > 1:
        return _with_others(_ask(field, top), below)
    return _won(max(top, key=_by_time), standing)


_RULES: dict[Rule, Callable[[Field, Sequence[Write]], Settled]] = {
    "fixed": _ask,
    "latest": _latest,
    "first": _first,
    "least": _extreme(min),
    "most": _extreme(max),
    "furthest": _furthest,
    "keep_all": _keep_all,
    "ask": _ask,
    "owner": _latest,
    "server": _latest,
}
