"""How a shift stands: computed from what was noted, never written. Pure. Times are milliseconds since the epoch, UTC.

The phone computes the same in web/client/model/shift.ts; tests/vectors/shifts.json holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

from domain.days import MINUTE, ZONE
from domain.records.post_plan import CHECKED_IN
from domain.records.shift import shift_id
from sync.clock import from_text, to_text
from sync.types import Values

State = Literal["planned", "seen", "on_duty", "done", "swapped", "excused", "no_record", "waiting"]

GRACE: Final = 30 * MINUTE
"""After the start: only then the page says that nothing was noted."""
FORGOTTEN: Final = 60 * MINUTE
"""After the end: whoever did not say 下岗 has gone home all the same."""
CLOCK_OFF: Final = 5
"""Minutes from which a phone's clock is worth a word (SYNC.md M5)."""

Session = Mapping[str, Any]


# --------------------------------------------------------------------------------------------- from plan to shift


def times(session: Session, day: date) -> tuple[int, int]:
    """(start, end) of a session on a day; an end before the start is on the next morning."""
    start, end = (_at(day, str(session[name])) for name in ("start", "end"))
    return start, end if end > start else _at(day + timedelta(days=1), str(session["end"]))


def _at(day: date, clock: str) -> int:
    return round(datetime.combine(day, time.fromisoformat(clock), ZONE).timestamp()) * 1000


def wanted(plan: Values, days: Sequence[date]) -> Iterator[tuple[date, str, Session]]:
    """The sessions that the post is to be manned in on these days, in the order of the day."""
    sessions = sorted((plan.get("sessions") or {}).items(), key=lambda each: (each[1]["start"], each[0]))
    closed = plan.get("closed") or {}
    for day in days:
        if day.isoformat() not in closed:
            yield from ((day, key, each) for key, each in sessions if str(day.isoweekday()) in each["days"])


def shift_of(post: str, plan: Values, day: date, key: str, crew: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """(id, fields) of a new shift as the plan has it."""
    session = plan["sessions"][key]
    start, end = times(session, day)
    fields = {
        "post": post,
        "date": day.isoformat(),
        "session": key,
        "kind": plan["kind"],
        "start": to_text(start),
        "end": to_text(end),
        "lead_minutes": session["lead_minutes"],
        "required_n": session["required_n"],
    }
    if crew:
        fields["assignees"] = {each: {"as": "planned"} for each in crew}
    return shift_id(post, day.isoformat(), key), fields


# --------------------------------------------------------------------------------------------- who is on


def crew(fields: Values) -> list[str]:
    """Everybody who is to be there."""
    return sorted(fields.get("assignees") or {})


def coming(fields: Values) -> list[str]:
    """The crew without those who are excused."""
    excused = fields.get("excused") or {}
    return [each for each in crew(fields) if each not in excused]


def relief(fields: Values) -> list[str]:
    """接班: who came without being planned, or after a planner had taken them off."""
    planned = fields.get("assignees") or {}
    return sorted(each for each in fields.get("check_in_at") or {} if each not in planned)


def lacks(fields: Values) -> int:
    """How many the post still needs."""
    return max(int(fields.get("required_n") or 1) - len(coming(fields)) - len(relief(fields)), 0)


def has_too_many(fields: Values) -> bool:
    """多派了: a merge kept what two planners chose; a person looks at it."""
    return len(coming(fields)) > int(fields.get("required_n") or 1)


# --------------------------------------------------------------------------------------------- how it stands


def state_of(fields: Values, account: str, now: int, synced_at: int | None) -> State:
    """How one person stands to the shift. `synced_at`: when their phone last spoke to the server, None: never."""
    if account in (fields.get("excused") or {}):
        return "excused"
    if _swapped(fields, account):
        return "swapped"
    came = _of(fields, "check_in_at", account)
    if came:
        gone = _of(fields, "check_out_at", account) or account in (fields.get("back_fill") or {})
        return "done" if gone or now > from_text(fields["end"]) + FORGOTTEN else "on_duty"
    return _without_word(fields, account, now, synced_at)


def _without_word(fields: Values, account: str, now: int, synced_at: int | None) -> State:
    seen: State = "seen" if _of(fields, "seen_at", account) else "planned"
    if fields.get("kind") not in CHECKED_IN:
        return "done" if now > from_text(fields["end"]) else seen
    late = from_text(fields["start"]) + GRACE
    if now < late:
        return seen
    return "no_record" if synced_at is not None and synced_at >= late else "waiting"


def _swapped(fields: Values, account: str) -> bool:
    if account in (fields.get("assignees") or {}):
        return False
    approved = fields.get("swap_approved") or {}
    given = (key for key, each in (fields.get("swaps") or {}).items() if each["from"] == account)
    return any((approved.get(key) or {}).get("ok") for key in given)


def to_confirm(fields: Values) -> list[str]:
    """Whose note afterwards (补记) nobody has confirmed."""
    confirmed = fields.get("confirmed") or {}
    return sorted(each for each in fields.get("back_fill") or {} if each not in confirmed)


def to_approve(fields: Values) -> list[str]:
    """Keys of the swaps that both want and no planner has answered."""
    answered = fields.get("swap_approved") or {}
    agreed = fields.get("swap_agreed") or {}
    on = fields.get("assignees") or {}
    asked = fields.get("swaps") or {}
    return sorted(
        key for key, each in asked.items()
        if (agreed.get(key) or {}).get("ok") and key not in answered and each["from"] in on
    )  # fmt: skip


def to_excuse(fields: Values) -> list[str]:
    """Who asked to be excused and is still on the crew."""
    excused, on = fields.get("excused") or {}, fields.get("assignees") or {}
    return sorted(each for each in fields.get("absence") or {} if each in on and each not in excused)


def clock_was_off(fields: Values, account: str) -> int:
    """手机时间不准: by how many minutes, 0 where it was right."""
    how = (fields.get("check_in_how") or {}).get(account) or {}
    off = abs(int(how.get("clock_off") or 0))
    return off if off >= CLOCK_OFF else 0


def _of(fields: Values, name: str, account: str) -> str | None:
    found: str | None = (fields.get(name) or {}).get(account)
    return found
