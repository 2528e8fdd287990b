"""The plan of a post as the desk's form has it: sessions, days without duty, where it is and how near is near."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import request

from api.services import current
from domain import roster, rosters
from domain.days import local
from domain.places import Place
from domain.records.post_plan import KINDS, LEADS, NEAR_METRES, plan_id
from domain.rosters import Found

MOST_SESSIONS: Final = 8
LONGEST: Final = 92
"""Days that one line may close: a summer."""
KEPT: Final = 60
"""Closed days longer ago than this are taken out when the plan is written again."""
NEAREST: Final = 50
FARTHEST: Final = 1000
_POINT: Final = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*[,\uff0c\u3001\s]\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*")

Json = dict[str, Any]
Asked = tuple[str, str, int, Json, bool]
"""(record, type, seen, set, create)"""


class MistypedError(ValueError):
    """What was typed cannot be used; says which part: `point` or `closed`."""


def asked(place: Place) -> list[Asked]:
    """The plan as it was typed, and the crews of days that are closed now taken off. MistypedError."""
    with current().database.read() as conn:
        plan = rosters.plans(conn, [place.id]).get(place.id)
        before = plan.fields if plan else {}
        shut = list(_days(request.form.get("closed_from", ""), request.form.get("closed_to", "")))
        planned = rosters.slots(conn, {place.id: plan}, shut) if plan and shut else []
    seen = request.form.get("seen", "0")
    known = int(seen) if seen.isdecimal() and len(seen) < 16 else 0
    written = {**_typed(), **_where(before), **_closed(before, shut)}
    off = [
        (slot.id, "shift", slot.shift.seq, {"assignees": dict.fromkeys(crew)}, False)
        for slot in planned
        if slot.shift and (crew := roster.crew(slot.shift.fields))
    ]
    return [*off, (plan_id(place.id), "post_plan", known, written, known == 0)]


def _typed() -> Json:
    """A row without a beginning is taken away."""
    form, sessions = request.form, {}
    for number in range(MOST_SESSIONS):
        key, start = form.get(f"key-{number}", ""), form.get(f"start-{number}", "")
        if key or start:
            sessions[key or start.replace(":", "")] = _session(number, start) if start else None
    kind = form.get("kind", "")
    written: Json = {"kind": kind if kind in {each.value for each in KINDS} else KINDS[0].value}
    written["host_phone"] = form.get("host_phone", "").strip()[:40]
    return written | ({"sessions": sessions} if sessions else {})


def _session(number: int, start: str) -> Json:
    form = request.form
    return {
        "start": start,
        "end": form.get(f"end-{number}", ""),
        "lead_minutes": _number(form.get(f"lead-{number}", "")),
        "required_n": _number(form.get(f"needed-{number}", "")),
        "days": "".join(form.getlist(f"days-{number}")),
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _where(before: Mapping[str, Any]) -> Json:
    """Where the post is, and how near is near: only what is said otherwise than before."""
    said, near = request.form.get("point"), _number(request.form.get("near", ""))
    point = _point(said) if said and said.strip() else None
    written: Json = {} if said is None or point == _bare(before.get("point")) else {"point": point}
    if near and near != (before.get("near_metres") or NEAR_METRES):
        written["near_metres"] = min(max(near, NEAREST), FARTHEST)
    return {name: value for name, value in written.items() if value is not None or name in before}


def _point(text: str) -> Json:
    """Two numbers as maps give them. Some give the longitude first: what is above 90 is no latitude."""
    found = _POINT.fullmatch(text)
    if not found:
        raise MistypedError("point")
    lat, lon = float(found[1]), float(found[2])
    lat, lon = (lon, lat) if abs(lat) > 90 >= abs(lon) else (lat, lon)
    if abs(lat) > 90 or abs(lon) > 180:
        raise MistypedError("point")
    return {"lat": lat, "lon": lon}


def _bare(point: Mapping[str, Any] | None) -> Json | None:
    return {"lat": point["lat"], "lon": point["lon"]} if point else None


def _closed(before: Mapping[str, Any], shut: list[date]) -> Json:
    stands = before.get("closed") or {}
    why = request.form.get("closed_why", "").strip()[:60]
    long_ago = (local(current().clock.now()).date() - timedelta(days=KEPT)).isoformat()
    changed: Json = {day: None for day in stands if day < long_ago}
    for said in request.form.getlist("open"):
        begin, _, end = said.partition("~")
        changed |= {each.isoformat(): None for each in _days(begin, end) if each.isoformat() in stands}
    changed |= {each.isoformat(): why or "—" for each in shut}
    return {"closed": changed} if changed else {}


def _days(begin: str, end: str) -> Iterator[date]:
    """Every day from `begin` to `end`, both with it; one day if there is no end."""
    if not begin and not end:
        return
    first, last = _day(begin or end), _day(end or begin)
    if first is None or last is None or not timedelta(0) <= last - first < timedelta(days=LONGEST):
        raise MistypedError("closed")
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 and "2000" < text < "2200" else None
    except ValueError:
        return None


# -------------------------------------------------------------------------------------------------- the form as it stands


def form_of(plan: Found | None, today: date) -> Json:
    """What stands in the form; days without duty as stretches (first, last, why), from today on."""
    fields = plan.fields if plan else {}
    sessions = sorted((fields.get("sessions") or {}).items(), key=lambda each: str(each[1]["start"]))
    rows = [{"key": key, **session} for key, session in sessions][: MOST_SESSIONS - 1]
    rows.append({"key": "", "start": "", "end": "", "lead_minutes": LEADS[0], "required_n": 1, "days": "12345"})
    point = fields.get("point")
    return {
        "seen": plan.seq if plan else 0,
        "kind": fields.get("kind"),
        "phone": fields.get("host_phone") or "",
        "point": f"{point['lat']}, {point['lon']}" if point else "",
        "near": fields.get("near_metres") or NEAR_METRES,
        "closed": stretches(fields.get("closed") or {}, today),
        "rows": rows,
    }


def stretches(closed: Mapping[str, str], today: date) -> list[tuple[str, str, str]]:
    """Days that follow each other for one reason -> (first, last, reason), those of the past left out."""
    found: list[tuple[str, str, str]] = []
    for day, why in sorted(closed.items()):
        if day < today.isoformat():
            continue
        before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        if found and found[-1][1:] == (before, why):
            found[-1] = (found[-1][0], day, why)
        else:
            found.append((day, day, why))
    return found
