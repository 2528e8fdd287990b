"""The care agreement: what somebody who wants to be looked in on has agreed to (records.md, VI).

Its notes are inside it, so that whoever may not read them is not given the record: it is before its carers, whoever
made it, and the grid's head. It says what help is wanted and how often; never what somebody has or is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from domain.days import DAY
from domain.records.asking import ASKING
from domain.records.care_words import FREQUENCIES, NEED_KEYS, NEEDS
from domain.roles import (
    ASSIGNEE,
    DECIDERS,
    GRID_HEAD,
    GRID_WORKER,
    REPORTER,
    SUPERVISOR,
    VOLUNTEER,
    self_role,
)
from domain.withdrawal import consent, objection, withdrawn
from domain.words import say
from sync.clock import from_text
from sync.types import Field, RecordType, Sight, Values

CARE_AGREEMENT: Final = "care_agreement"
MAX_CARERS: Final = 5
LONGEST: Final = 366
"""Days from the consent to the end of an agreement, at most; then somebody asks again."""
MAKERS: Final = frozenset({GRID_WORKER, GRID_HEAD, SUPERVISOR})
CARERS: Final = frozenset({GRID_WORKER, VOLUNTEER, GRID_HEAD})
"""Whom naming as a carer lets read it; a captain next door is told that somebody was there, not what was said."""
SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000b2"
WHEN: Final = "2026-06-13T08:40:12.123Z"


def too_many(fields: Values) -> bool:
    """More carers than were agreed to: two people named others at once. A flag for a person; nobody is taken away."""
    return len(fields.get("carers") or {}) > MAX_CARERS


def sight(fields: Values, by: str) -> Sight:
    """Who made it and who its carers are; not where it is, so that no place gives it away."""
    return {"by": by, "assignees": sorted(fields.get("carers") or {})}


def judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """The first objection to a change of an agreement, as a reason code, or None."""
    stood = before or {}
    strange = [key for name in ("help", "needs") for key in written.get(name) or {} if key not in NEED_KEYS]
    own = all(self_role(each) in roles for each in (*(written.get("asking") or {}), *_authors(stood, written)))
    return (
        objection(written)
        or ("invalid" if strange else None)
        or (None if own else "not_allowed")
        or _naming(stood, written, roles)
        or _lasting(stood, written)
    )


def _authors(stood: Values, written: Mapping[str, Any]) -> list[str]:
    """In whose name notes are written or taken away: nobody does so for another."""
    standing, entries = stood.get("notes") or {}, (written.get("notes") or {}).items()
    return [str((entry or standing.get(key) or {}).get("by")) for key, entry in entries]


def _naming(stood: Values, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """Who made it and the grid's head name carers, five at most of whom they know; a carer may step back."""
    changed = written.get("carers") or {}
    if not changed:
        return None
    stepping_back = all(entry is None and self_role(key) in roles for key, entry in changed.items())
    if stood and not roles & {REPORTER, GRID_HEAD} and not stepping_back:
        return "not_allowed"
    left = {key for key, entry in {**(stood.get("carers") or {}), **changed}.items() if entry is not None}
    adds = any(entry is not None for entry in changed.values())
    return "not_allowed" if adds and len(left) > MAX_CARERS else None


def _lasting(stood: Values, written: Mapping[str, Any]) -> str | None:
    """Nobody agrees for longer than twelve months."""
    if "ends_on" not in written and "consent" not in written:
        return None
    said, ends = written.get("consent") or stood.get("consent"), written.get("ends_on") or stood.get("ends_on")
    if not said or not ends:
        return "requires"
    given = date(1970, 1, 1) + timedelta(days=from_text(str(said["at"])) // DAY)
    return None if date.fromisoformat(str(ends)) <= given + timedelta(days=LONGEST) else "invalid"


CARE_AGREEMENT_TYPE: Final = RecordType(
    name=CARE_AGREEMENT,
    labels=say("关爱约定", "Care agreement"),
    fields=(
        Field("place_id", "fixed", "ref", say("地点", "Place"), "P2", SOMETHING, required=True, deciders=DECIDERS),
        Field("alias", "latest", "text", say("怎么称呼", "How we say it"), "P2", "3-2-501 奶奶", required=True,
              max_length=40),
        Field("help", "collect", "boolean", say("想要什么帮助", "Help wanted"), "P2", {"meals": True}, keyed=True,
              choices=NEEDS, max_keys=20),
        Field("frequency", "most", "enum", say("多久去一次", "How often"), "P1", "weekly", choices=FREQUENCIES,
              order=tuple(each.value for each in FREQUENCIES), required=True),
        Field("carers", "collect", "json", say("谁去看望", "Carers"), "P1", {SOMEBODY: {"since": WHEN}}, keyed=True,
              shape={"since": "instant"}, max_keys=20),
        consent(required=True),
        Field("ends_on", "least", "date", say("到哪天为止", "Until"), "P1", "2027-06-12", required=True),
        Field("needs", "collect", "boolean", say("这次要帮的", "Help needed now"), "P3", {"repair": True}, keyed=True,
              choices=NEEDS, max_keys=20),
        Field("notes", "collect", "json", say("记一句", "Notes"), "P3",
              {SOMETHING: {"text": "喜欢上午去,门铃坏了要敲门", "by": SOMEBODY, "at": WHEN}}, keyed=True,
              shape={"text": "text", "by": "ref", "at": "instant"}, max_length=500),
        ASKING,
    ),
    creators=MAKERS,
    editors=MAKERS | {VOLUNTEER, ASSIGNEE, REPORTER},
    voiders=frozenset({REPORTER, GRID_HEAD}),
    sight=sight,
    judge=judge,
    spent=withdrawn,
    purpose=say("按本人愿意的方式去看望、帮忙", "Look in on somebody and help, the way they want it"),
    retention_days=365,
    phone_days=400,
)  # fmt: skip
