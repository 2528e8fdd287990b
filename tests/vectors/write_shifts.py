"""Writes tests/vectors/shifts.json: shifts and how each person stands to them, as domain/roster.py says.

`python -m tests.vectors.write_shifts`; the phone's own sum (web/client/model/shift.ts) is held to it by a test there.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from domain import roster
from domain.days import MINUTE
from sync.clock import from_text

PATH = Path(__file__).with_name("shifts.json")
START, END = "2026-06-12T23:10:00.000Z", "2026-06-13T00:10:00.000Z"
ME, HER = "019ec000-0000-7000-8000-0000000000a1", "019ec000-0000-7000-8000-0000000000a2"
KEY = f"{ME}~{HER}"
PARTS: list[dict[str, Any]] = [
    {},
    {"assignees": {ME: {"as": "planned"}}},
    {"seen_at": {ME: START}},
    {"check_in_at": {ME: START}},
    {"check_out_at": {ME: END}},
    {"excused": {ME: {"at": START}}},
    {"back_fill": {ME: {"reason": "", "at": END}}},
    {
        "swaps": {KEY: {"from": ME, "to": HER, "at": START}},
        "swap_approved": {KEY: {"ok": True, "at": START}},
    },
]
MINUTES = (-60, 0, 29, 30, 61, 119, 121)
SYNCED = (None, 29, 30)


def vectors() -> list[dict[str, Any]]:
    """Every two of the parts together, at the moments that matter."""
    start = from_text(START)
    found = []
    for one, two in itertools.combinations_with_replacement(PARTS, 2):
        for kind in ("school", "desk"):
            fields = {"kind": kind, "start": START, "end": END, "required_n": 1, **one, **two}
            states = [
                roster.state_of(fields, ME, start + at * MINUTE, None if said is None else start + said * MINUTE)
                for at in MINUTES
                for said in SYNCED
            ]
            found.append({"fields": fields, "states": states, "lacks": roster.lacks(fields)})
    return found


def text() -> str:
    said = {"me": ME, "start": START, "minutes": MINUTES, "synced": SYNCED, "shifts": vectors()}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
