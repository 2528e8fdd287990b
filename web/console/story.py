"""The parcel line of a case: every accepted change as a sentence that a person would say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sync.actors import SERVER
from sync.types import RecordType
from web.console.reader import Reader, When

Change = Mapping[str, Any]
"""One entry of the engine's history."""

_TONES: Final = {
    "needs_info": ("again", "triangle-alert"),
    "on_hold": ("again", "circle-pause"),
    "closed": ("done", "check"),
    "resolved": ("done", "check"),
}
_FILES: Final = ("photos", "voice")
_SILENT: Final = frozenset(
    {"closed_at", "hold_count", "sealed", "temp_no", "captured_at", "source", "gps", "pin", "place_guess", "asking"}
)
"""Fields of which the line does not speak: they stand among the facts, or mean nothing to a person."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One dot on the line."""

    what: str
    who: str
    when: When
    tone: str = "ordinary"
    shape: str | None = None
    details: tuple[str, ...] = ()
    note: str | None = None
    """That it met somebody else's change."""
    pictures: tuple[str, ...] = field(default=())


def tell(changes: Sequence[Change], type: RecordType, reader: Reader) -> list[Entry]:
    """History, oldest first -> the line, newest first. What the server added goes with what it answered."""
    line: list[Entry] = []
    for change in changes:
        written = change.get("set") or {}
        if change["by"] == SERVER:
            line = _server_adds(line, change, type, reader)
        elif (entry := _entry(change, written, type, reader)) is not None:
            line.append(entry)
    return line[::-1]


def _server_adds(line: list[Entry], change: Change, type: RecordType, reader: Reader) -> list[Entry]:
    written = change.get("set") or {}
    if "status" in written:
        what = reader.say("line.auto_closed" if written.get("auto_closed") else f"line.to.{written['status']['to']}")
        tone, shape = _TONES.get(written["status"]["to"], ("ordinary", None))
        return [*line, Entry(what, reader.name(change["by"]), reader.when(change["at"]), tone, shape)]
    words = tuple(_server_words(written, type, reader))
    if not line or not words:
        return line
    return [*line[:-1], replace(line[-1], details=(*line[-1].details, " · ".join(words)))]


def _server_words(written: Mapping[str, Any], type: RecordType, reader: Reader) -> Iterable[str]:
    for name, value in written.items():
        if name not in _SILENT and name in type.by_name:
            yield f"{reader.label(type.by_name[name].labels)} {reader.value(type.by_name[name], value)}"


def _entry(change: Change, written: Mapping[str, Any], type: RecordType, reader: Reader) -> Entry | None:
    headline = _headline(change, written, type, reader)
    if headline is None:
        return None
    what, spoken, tone, shape = headline
    details = tuple(_details(written, spoken, type, reader))
    outcome = change.get("outcome")
    note = reader.say(f"line.{outcome}") if outcome in {"merged", "conflict"} else None
    if outcome == "conflict":
        tone, shape = "undecided", "diamond"
    return Entry(what, reader.name(change["by"]), reader.when(change["at"]), tone, shape, details, note)


_Headline = tuple[str, frozenset[str], str, str | None]


def _headline(change: Change, written: Mapping[str, Any], type: RecordType, reader: Reader) -> _Headline | None:
    """What happened in few words, the fields that those words have already told, tone and shape."""
    if change.get("void") is not None:
        return reader.say("line.hidden" if change["void"] else "line.restored"), frozenset(), "again", None
    step = written.get("status")
    if isinstance(step, Mapping):
        tone, shape = _TONES.get(str(step["to"]), ("ordinary", None))
        return _step_words(step, written, reader), _told_by(step, written), tone, shape
    for name in ("verify", "assignees", "handler", "seen_at", "additions", *_FILES, "resolution", "description"):
        if name in written:
            return _single(name, written[name], change, reader), frozenset({name}), "ordinary", None
    spoken = [name for name in written if name not in _SILENT and name in type.by_name]
    if not spoken:
        return _aside(written, reader)
    if len(spoken) == 1 and not type.by_name[spoken[0]].is_keyed and type.by_name[spoken[0]].kind != "json":
        field = type.by_name[spoken[0]]
        words = reader.say("line.set", field=reader.label(field.labels), value=reader.value(field, written[field.name]))
        return words, frozenset(spoken), "ordinary", None
    fields = reader.say("line.and").join(reader.label(type.by_name[name].labels) for name in spoken)
    return reader.say("line.changed", fields=fields), frozenset(), "ordinary", None


def _aside(written: Mapping[str, Any], reader: Reader) -> _Headline | None:
    """What the desk notes beside the case: that somebody asks, or has asked."""
    notes = list((written.get("asking") or {}).values())
    if not notes:
        return None
    key = "line.asking" if any(notes) else "line.asked"
    return reader.say(key), frozenset(), "ordinary", "phone" if any(notes) else None


def _told_by(step: Mapping[str, Any], written: Mapping[str, Any]) -> frozenset[str]:
    """What needs no second telling. Of a report the page itself shows the rest; how it came is all the line adds."""
    if step["from"] is None:
        return frozenset(written) - {*_FILES, "resolution"}
    return frozenset({"status", "assignees", "verify", "handler"})


def _step_words(step: Mapping[str, Any], written: Mapping[str, Any], reader: Reader) -> str:
    to, come_from = step["to"], step["from"]
    if to == "assigned":
        return reader.say("line.to.assigned", names=_people(written.get("assignees"), reader))
    if to == "resolved" and written.get("self_fixed"):
        return reader.say("line.self_fixed")
    if to == "working" and come_from in {"resolved", "closed"}:
        return reader.say("line.not_fixed" if _said_no(written) else "line.reopened", n=step["cycle"])
    if to == come_from:
        return reader.say("line.decided")
    special = {("needs_info", "reported"): "line.again", ("on_hold", "working"): "line.resumed"}.get((come_from, to))
    if special:
        return reader.say(special)
    if to == "closed" and written.get("verify"):
        return reader.say("line.fixed")
    return reader.say(f"line.to.{to}")


def _said_no(written: Mapping[str, Any]) -> bool:
    return any(entry and not entry.get("ok") for entry in (written.get("verify") or {}).values())


def _people(entries: Any, reader: Reader) -> str:
    return reader.say("line.and").join(reader.name(each) for each, value in (entries or {}).items() if value)


def _single(name: str, value: Any, change: Change, reader: Reader) -> str:
    if name == "verify":
        return reader.say("line.says_not_fixed" if _said_no({"verify": value}) else "line.says_fixed")
    if name == "assignees":
        people = _people(value, reader)
        return reader.say("line.joined", names=people) if people else reader.say("line.left")
    if name in _FILES:
        added = sum(1 for entry in value.values() if entry)
        return reader.say(f"line.{name}", n=added) if added else reader.say(f"line.{name}_removed")
    return reader.say(f"line.{name}")


def _details(written: Mapping[str, Any], spoken: frozenset[str], type: RecordType, reader: Reader) -> Iterable[str]:
    """The texts and values that a change brought, beside what its headline says."""
    for name, value in written.items():
        declared = type.by_name.get(name)
        if declared is None or name in _SILENT or name == "seen_at" or (name in spoken and name != "additions"):
            continue
        yield from _detail(name, value, type, reader)


def _detail(name: str, value: Any, type: RecordType, reader: Reader) -> Iterable[str]:
    declared = type.by_name[name]
    if name in {"resolution", "description"} and isinstance(value, Mapping):
        yield str(value.get("text", ""))
    elif name == "additions":
        yield from (str(entry["text"]) for entry in value.values() if entry)
    elif name in _FILES:
        if added := sum(1 for entry in value.values() if entry):
            yield reader.say(f"line.with_{name}", n=added)
    elif name == "rejection" and isinstance(value, Mapping):
        yield reader.say("line.rejection", reason=value.get("reason", ""), instead=value.get("instead", ""))
    elif name == "hold" and isinstance(value, Mapping):
        yield reader.say("line.hold", reason=value.get("reason", ""), until=reader.when(value["until"]).text)
    elif declared.is_keyed and isinstance(value, Mapping):
        yield f"{reader.label(declared.labels)} {'、'.join(reader.value(declared, each) for each in value.values())}"
    elif not isinstance(value, bool) or value:
        yield f"{reader.label(declared.labels)} {reader.value(declared, value)}"
