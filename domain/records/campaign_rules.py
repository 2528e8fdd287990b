"""What must be true before a campaign may go on, and what the server adds when it does. Pure (M12)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from domain.forms.form import check, read_form
from domain.forms.reuse import report
from domain.roles import REPORTER, self_role
from sync.changes import canonical
from sync.clock import from_text, to_text
from sync.types import Moment, Sight, Values

DAY: Final = 24 * 3600 * 1000
LONGEST: Final = 180 * DAY
"""A window is no longer than this: what is asked for ever is a register."""
KEPT: Final = 90 * DAY
"""Answers are erased at most so long after the end (records.md, VI)."""
EDITABLE: Final = frozenset({"title", "owner_org", "why", "basis", "purpose", "consent_text", "form", "target",
                             "starts_at", "ends_at", "erase_at", "photo_required", "photo_reason",
                             "results_public"})  # fmt: skip
_SHOWN: Final = frozenset({"open", "paused", "closed", "erased"})
_LEVELS: Final = frozenset({"household", "unit", "building"})


def state_of(fields: Values | None) -> str | None:
    """The state in a record's fields, or the one that a first change steps to; None before the first."""
    value = (fields or {}).get("status")
    return str(value.get("status") or value.get("to")) if value else None


def judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """The first objection to a change of a campaign, as a reason code, or None."""
    state, step = state_of(before), written.get("status")
    if EDITABLE & set(written) and state not in (None, "draft"):
        return "not_allowed"
    if not _own_approval(written, roles):
        return "not_allowed"
    to = step.get("to") if isinstance(step, Mapping) else None
    if state == "review" and to == "open" and REPORTER in roles:
        return "not_allowed"
    after = {**(before or {}), **written}
    if to == "review":
        return "requires" if missing(after) else None
    if to == "open" and state == "review" and after.get("photo_required") and not after.get("photo_approval"):
        return "requires"
    return None


def _own_approval(written: Mapping[str, Any], roles: frozenset[str]) -> bool:
    """Who asks for photos does not approve them, and nobody approves in another's name."""
    approval = written.get("photo_approval")
    return not approval or (REPORTER not in roles and self_role(str(approval.get("by"))) in roles)


def missing(fields: Values) -> tuple[str, ...]:
    """What a campaign still lacks before it may be handed in: names of fields, in the order of the form."""
    wanted = ["title", "owner_org", "why", "basis", "purpose", "starts_at", "ends_at", "erase_at"]
    if fields.get("kind") == "survey":
        wanted.append("consent_text")
    if fields.get("photo_required"):
        wanted.append("photo_reason")
    lacking = [name for name in wanted if not _said(fields.get(name))]
    if fields.get("kind") != "notify" and not is_good_form(fields):
        lacking.append("form")
    if not is_target(fields.get("target")):
        lacking.append("target")
    if not lacking:
        lacking += _untimely(fields)
    return tuple(lacking)


def is_good_form(fields: Values) -> bool:
    """Is there a form without mistakes, and is nothing in it asked that is known already (rule 7)? What is written
    down about the places of a target is the server's to look up: it says so in `reuse_report`."""
    form = fields.get("form")
    return not check(form) and not report(read_form(form)) and not fields.get("reuse_report")


def _said(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _untimely(fields: Values) -> list[str]:
    starts, ends, erase = (from_text(fields[name]) for name in ("starts_at", "ends_at", "erase_at"))
    wrong = [] if starts < ends <= starts + LONGEST else ["ends_at"]
    return wrong + ([] if ends <= erase <= ends + KEPT else ["erase_at"])


def is_target(target: Any) -> bool:
    """`{"books": [id, …], "level": household | unit | building, "buildings": […], "units": […], "occupancy": […]}`;
    the last three may be empty or left out: then they do not narrow."""
    if not isinstance(target, Mapping) or not target.get("books") or target.get("level") not in _LEVELS:
        return False
    lists = (target.get(name, []) for name in ("books", "buildings", "units", "occupancy"))
    return all(isinstance(each, list) and all(isinstance(entry, str) for entry in each) for each in lists)


def react(moment: Moment, before: Values | None, after: Values) -> dict[str, Any]:
    """Handed in: what it says is frozen under the next version. Opened and closed: when. What its maker wrote before it
    was handed in and sent afterwards is taken back: what was admitted is what counts."""
    was, state = state_of(before), state_of(after)
    if state == "review" and was != state:
        version = int(after.get("form_version") or 0) + 1
        return {"form_version": version, "published": frozen(version, after)}
    told = {} if state in (None, "draft") else _as_handed_in(after)
    if state == "open" and not after.get("opened_at"):
        return {**told, "opened_at": to_text(moment.at)}
    return {**told, "closed_at": to_text(moment.at)} if state == "closed" and was != state else told


def frozen(version: int, fields: Values) -> dict[str, Any]:
    """What no longer changes: the form, everything else that was handed in, and the SHA-256 of both."""
    terms = {name: fields[name] for name in sorted(EDITABLE - {"form"}) if fields.get(name) is not None}
    said = {"form": fields.get("form") or {}, "terms": terms}
    return {"version": version, "hash": sha256(canonical(said)).hexdigest(), **said}


def _as_handed_in(after: Values) -> dict[str, Any]:
    """What stands otherwise than it was handed in -> as it was."""
    published = after.get("published") or {}
    stood = {**published.get("terms", {}), "form": published.get("form") or None}
    return {
        name: stood.get(name) for name in sorted(EDITABLE) if (after.get(name) or None) != (stood.get(name) or None)
    }


def sight(fields: Values, by: str) -> Sight:
    """A draft is between its maker and the command room; once admitted, everybody below may read it."""
    return {"by": by, "open": state_of(fields) in _SHOWN}
