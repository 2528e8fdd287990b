"""Records that one change begins, taken the short way (sync/beginning.py) and the long one, which must be the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import orjson

from sync.draft import Draft
from sync.merge import UNBOUND, Incoming, accept, outcome
from sync.types import Field, RecordType
from tests.sync.toys import START

AUTHOR, DEVICE, SEQ = "somebody", "a device", 7
KEYS = ("a" * 64, "b" * 64, "c" * 64)


def values_of(record_type: RecordType, chance: Random, names: Sequence[str] = ()) -> dict[str, Any]:
    """A `set` of some of the type's fields, of every form that the checks let through."""
    fields = [record_type.by_name[name] for name in names] or list(record_type.fields)
    chosen = chance.sample(fields, chance.randint(1, len(fields)))
    return {each.name: _value(each, chance) for each in chosen}


def _value(each: Field, chance: Random) -> Any:
    if each.is_keyed:
        example = next(iter(each.example.values())) if isinstance(each.example, dict) else each.example
        return {key: chance.choice([example, None]) for key in chance.sample(KEYS, chance.randint(1, 3))}
    if each.rule == "keep_all":
        return chance.choice([each.example, {"text": ""}, {**each.example, "replaces": ["another change"]}])
    return each.example if each.kind == "step" else chance.choice([each.example, None])


def short_way(record_type: RecordType, incoming: Incoming) -> Draft:
    draft = Draft(record_type, "a record", None, lambda record: ())
    assert draft.begins_with(incoming)
    draft.begin(incoming, SEQ)
    return draft


def long_way(record_type: RecordType, incoming: Incoming) -> Draft:
    draft = Draft(record_type, "a record", None, lambda record: ())
    accepted = accept(record_type, incoming, SEQ, UNBOUND)
    draft.take(accepted)
    assert outcome(record_type, draft.state, accepted) == ("applied", {}), "M1: one standing write is simply the value"
    return draft


def stored(draft: Draft) -> bytes:
    """The row of the record, byte for byte (the long way shows its fields in no order)."""
    row = draft.store("a book")
    return orjson.dumps(row | {"state": orjson.loads(row["state"])}, option=orjson.OPT_SORT_KEYS)


def compare(record_type: RecordType, values: dict[str, Any], follow: dict[str, Any] | None = None) -> None:
    """The same row; and, once somebody asks for more, the same state, the same history, and the same after an edit."""
    incoming = Incoming("change 1", DEVICE, AUTHOR, 0, START, values)
    short, long = short_way(record_type, incoming), long_way(record_type, incoming)
    assert short.is_dirty
    assert short.exists
    assert stored(short) == stored(long)
    if follow is not None:
        edit = Incoming("change 2", "another device", AUTHOR, 0, START + 1, follow)
        for each in (short, long):
            each.take(accept(record_type, edit, SEQ + 1, UNBOUND))
    assert short.state == long.state
    assert short.history() == long.history()
    assert vars_of(short) == vars_of(long)
    assert stored(short) == stored(long)


def vars_of(draft: Draft) -> tuple[Any, ...]:
    return (draft.shown, draft.by, draft.made_at, draft.changed_at, draft.sight, draft.sights)


def cases(record_type: RecordType, seed: int, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    chance = Random(f"{record_type.name} {seed}")
    for _ in range(count):
        follow = values_of(record_type, chance) if chance.random() < 0.5 else None
        yield values_of(record_type, chance), follow
