"""What one change wrote, field by field, in words. Pure; nothing of it is left out of sight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync.types import Field, RecordType
from web.console.reader import Reader

Written = Mapping[str, Any]
_UNSPOKEN: Final = frozenset({"asking"})
"""Notes of the desk to itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a change: its name, what people call it, what was written. `same`: others wrote it too."""

    name: str
    label: str
    words: str
    same: bool = False


def said(
    written: Written, type: RecordType | None, reader: Reader, *, leave: frozenset[str] = frozenset()
) -> list[Line]:
    """A `set` as lines; the fields of `leave` are told elsewhere."""
    return [
        _line(name, value, type, reader)
        for name, value in written.items()
        if name not in leave and name not in _UNSPOKEN
    ]


def _line(name: str, value: Any, type: RecordType | None, reader: Reader) -> Line:
    declared = type.by_name.get(name) if type else None
    if declared is None:
        return Line(name, name, str(value))
    return Line(name, reader.label(declared.labels), words_of(declared, value, reader))


def words_of(declared: Field, value: Any, reader: Reader) -> str:
    """What a `set` says of one field; of a keyed field all its entries."""
    if declared.is_keyed and isinstance(value, Mapping):
        if declared.pictures:
            return reader.say("line.and").join(_files(declared, value, reader))
        return reader.say("line.and").join(_entry(declared, key, each, reader) for key, each in value.items())
    if declared.rule == "keep_all" and isinstance(value, Mapping):
        return str(value.get("text", ""))
    if declared.shape and isinstance(value, Mapping):  # as it was declared, not as it was stored
        value = {name: value.get(name) for name in declared.shape}
    return reader.value(declared, value)


def _files(declared: Field, value: Written, reader: Reader) -> Iterator[str]:
    added = sum(1 for each in value.values() if each)
    if added:
        yield reader.say(f"said.{declared.name}", n=added)
    if added < len(value):
        yield reader.say("said.removed_files", n=len(value) - added)


def _entry(declared: Field, key: str, value: Any, reader: Reader) -> str:
    if declared.name == "assignees":
        return reader.name(key) if value else reader.say("said.removed", what=reader.name(key))
    if value is None:
        return reader.say("said.removed", what="").strip()
    if declared.name == "verify" and isinstance(value, Mapping):
        return reader.say("line.says_fixed" if value.get("ok") else "line.says_not_fixed")
    words = reader.value(declared, value)
    return words if declared.kind == "json" or declared.rule == "collect" else f"{key} {words}"
