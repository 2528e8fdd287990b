"""Reading the envelope of a sync call. Pure. What is wrong here fails the whole call; a bad change does not (X5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync.ids import is_change_id, is_id
from sync.protocol import MAX_BOOKS, MAX_CHANGES, MAX_RECORDS, PROTOCOL, CallError
from sync.values import named

Cursor = tuple[int, str | None, str]
"""(last seq held, id of the change at that seq, token of the person's scope)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One sync call; `changes` are still raw."""

    protocol: int
    device: str
    epoch: str | None
    last: str | None
    newest: str | None
    cursors: Mapping[str, Cursor]
    changes: list[Any]
    only: list[str] | None
    limit: int
    missing: bool


def _optional(good: Any) -> Any:
    return lambda value: value is None or good(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_cursor(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 3 or not _is_count(value[0]):
        return False
    return (value[1] is None or is_id(value[1])) and isinstance(value[2], str) and len(value[2]) <= 200


def _is_cursors(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= 10 * MAX_BOOKS
        and all(is_id(book) and _is_cursor(cursor) for book, cursor in value.items())
    )


def _is_books(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 10 * MAX_BOOKS and all(map(is_id, value))


_ENVELOPE: Final[dict[str, Any]] = {
    "protocol": lambda value: _is_count(value) and 0 <= value <= PROTOCOL,
    "device": is_id,
    "epoch": _optional(is_id),
    "last": _optional(is_change_id),
    "newest": _optional(is_change_id),
    "cursors": _is_cursors,
    "changes": lambda value: isinstance(value, list),
    "only": _optional(_is_books),
    "limit": _is_count,
    "missing": lambda value: isinstance(value, bool),
}


def read_call(raw: Any) -> Call:
    """The call, or CallError `malformed` (naming the key) or `too_large` (naming the limit). The forms of the keys bound how
    deep everything but the changes nests; those bound themselves as they are read."""
    if not isinstance(raw, dict):
        raise CallError("malformed", key="", wish="a JSON object")
    for key in raw:
        if key not in _ENVELOPE:
            raise CallError("malformed", key=named(key), wish="no such key")
    for key in ("protocol", "device"):
        if key not in raw:
            raise CallError("malformed", key=key, wish="required")
    for key, value in raw.items():
        if not _ENVELOPE[key](value):
            raise CallError("malformed", key=key, wish="see SYNC")
    changes = raw.get("changes") or []
    if len(changes) > MAX_CHANGES:
        raise CallError("too_large", limit=MAX_CHANGES, unit="changes")
    cursors = {book: (seq, change, scope) for book, (seq, change, scope) in (raw.get("cursors") or {}).items()}
    return Call(
        raw["protocol"],
        raw["device"],
        raw.get("epoch"),
        raw.get("last"),
        raw.get("newest"),
        cursors,
        changes,
        raw.get("only"),
        min(raw.get("limit", MAX_RECORDS), MAX_RECORDS),
        raw.get("missing", False),
    )
