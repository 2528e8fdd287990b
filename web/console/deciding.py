"""What each button of an open conflict writes: an ordinary change, with the `seen` of the page (M7, M10). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import fields, validate

from domain.records.asking import slug
from sync.state import VOID
from sync.types import RecordType
from web.console.changes import Form
from web.console.keeping import joined, keeping
from web.console.reader import Reader

Json = dict[str, Any]
Seen = Mapping[str, Any]
_ENDS_WITH: Final = {"rejected": "rejection", "merged": "merged_into"}
"""An end comes with its reason, also when it is chosen between two."""


class Decide(Form):
    """One of the letters: the change that wrote it, or none for how things stand."""

    field = fields.String(required=True, validate=validate.Length(max=60))
    key = fields.String(load_default="", validate=validate.Length(max=100))
    change = fields.String(load_default="", validate=validate.Length(max=36))
    nonce = fields.UUID(load_default=None)


def find(conflicts: Sequence[Seen], field: str, key: str) -> Seen | None:
    """The open conflict of this field, of this key of it; None where there is none any more."""
    return next((each for each in conflicts if each["field"] == field and (each.get("key") or "") == key), None)


def use(conflict: Seen, change: str, fields: Seen) -> Json | None:
    """Deciding for the value that `change` wrote: `{"set": …}` or `{"void": …}`; None where it stands no more. `fields`:
    the record's, for the reason of an end whose own change stayed in another book (S7)."""
    chosen = next((each for each in conflict["candidates"] if each["change"] == change), None)
    if conflict["field"] == VOID:
        # "As it stands" is written by nobody: it is what the hiding had not seen.
        return {"void": bool(chosen["value"])} if chosen else None if change else {"void": False}
    return {"set": _writing(conflict, chosen, fields)} if chosen else None


def _writing(conflict: Seen, chosen: Seen, fields: Seen) -> Json:
    field, key, value = str(conflict["field"]), conflict.get("key"), chosen["value"]
    if isinstance(value, Mapping) and value.keys() == {"status", "cycle"}:
        step = {"from": value["status"], "to": value["status"], "cycle": value["cycle"]}
        told = _ENDS_WITH.get(str(value["status"]))
        reason = ((chosen.get("set") or {}).get(told) or fields.get(told)) if told else None
        return {field: step, **({str(told): reason} if reason else {})}
    return {field: {key: value} if key else value}


def keep(conflict: Seen, type: RecordType, reader: Reader, nonce: str) -> Json | None:
    """两条都留: the earliest stands, and every other can be read on the record; None where that makes no sense."""
    candidates = list(conflict["candidates"])
    declared = type.by_name.get(str(conflict["field"]))
    how = keeping(type, declared, candidates).how
    if how is None or declared is None:
        return None
    if how == "joined":
        return {"set": _writing(conflict, {"value": joined(candidates)}, {})}
    first, *others = candidates
    told = reader.say("line.and").join(
        reader.say(
            "letters.other_words",
            name=reader.name(each["by"]),
            when=reader.when(str(each["made_at"])).full,
            value=reader.value(declared, each["value"]),
        )
        for each in others
        if each["value"] != first["value"]
    )
    text = reader.say(
        "letters.kept",
        field=reader.label(declared.labels),
        value=reader.value(declared, first["value"]),
        others=told,
    )
    return {"set": {**_writing(conflict, first, {}), "additions": {nonce: {"text": text}}}}


def asking(field: str, key: str, me: str, at: str) -> Json:
    """先打电话问: a note that this person is asking."""
    return {"set": {"asking": {me: {"about": slug(field, key), "at": at}}}}


def asked(record: Seen, field: str, key: str, me: str) -> Json:
    """What takes the own note away again: `{}` where there is none about this."""
    note = (record["fields"].get("asking") or {}).get(me) or {}
    return {"asking": {me: None}} if note.get("about") == slug(field, key) else {}
