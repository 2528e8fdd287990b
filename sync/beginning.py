"""The first word on a record: what stands, and what is shown, when nothing stood before. Pure.

After a storm nearly every change creates a record that nobody has written to. All eleven rules say the same of a single
write (M1: it is simply the value), so its fields and its state are read off the change itself, and no standing writes are
built only to be settled and packed. It is a short way, not another rule: tests/sync/test_beginning.py holds its rows
against those of the long way.
"""

from __future__ import annotations

from typing import Any

from sync.clock import to_text
from sync.merge import Incoming, told
from sync.types import RecordType

ALONE = 0
"""In a packed state: a write of the change number 0, whose value is found in the fields."""


def begins(record_type: RecordType, incoming: Incoming) -> bool:
    """Can this be the first word on a record, and nothing but that? (A void is settled even when it stands alone.)"""
    return bool(incoming.values) and incoming.void is None and not record_type.has_keyed_notes


def shown_first(record_type: RecordType, incoming: Incoming) -> dict[str, Any]:
    """RECORD.fields as they follow from it."""
    fields: dict[str, Any] = {}
    for name, value in incoming.values.items():
        each = record_type.by_name[name]
        if each.is_keyed:
            said: Any = {key: entry for key, entry in value.items() if entry is not None}
            if said:
                fields[name] = said
        elif each.rule == "keep_all":
            if value["text"]:
                fields[name] = [
                    {"text": value["text"], "by": incoming.by, "at": to_text(incoming.at), "change": incoming.change}
                ]
        elif value is not None:
            fields[name] = told(each, value)[0]
    return fields


def packed_first(record_type: RecordType, incoming: Incoming, seq: int) -> dict[str, Any]:
    """The state, as `sync.state.pack` would pack it."""
    writes: dict[str, Any] = {}
    for name, value in incoming.values.items():
        each = record_type.by_name[name]
        if each.is_keyed:
            writes[name] = dict.fromkeys(value, ALONE)
        elif each.rule == "keep_all":
            writes[name] = [[0, value["text"], incoming.at]]
        else:
            writes[name] = ALONE
    maker = [incoming.change, incoming.device, incoming.by, seq, incoming.at]
    return {"h": [seq, incoming.at, incoming.device, 0, []], "c": [maker], "w": writes}
