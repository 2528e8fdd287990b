"""The answers of one door to a campaign's form (records.md, VI). Opinions are rights: no clock decides between two.

The id follows from campaign and door, so that two captains without a line write the same record. What is asked is in
the campaign's frozen form; the server reads answers by the version that they carry (domain/campaigns.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.identity_numbers import may_hold_one
from domain.records.asking import ASKING
from domain.roles import (
    ASSIGNEE,
    BUILDING_CAPTAIN,
    DISPATCHERS,
    GRID_HEAD,
    GRID_WORKER,
    REPORTER,
    SUPERVISOR,
    VOLUNTEER,
    self_role,
)
from domain.withdrawal import consent, objection, withdrawn
from domain.words import choices, say
from sync.ids import derived
from sync.types import Field, RecordType, Sight, Values

SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000b2"
CAMPAIGN: Final = "019ec000-0000-7000-8000-0000000000e5"
WHEN: Final = "2026-06-13T08:40:12.123Z"

ANSWERERS: Final = frozenset({GRID_WORKER, VOLUNTEER, BUILDING_CAPTAIN, GRID_HEAD, SUPERVISOR})
DECIDERS: Final = frozenset({SUPERVISOR})
"""Answers are before the community only: a grid's head sees how far it has come, not what was said."""
KINDS: Final = choices({"survey": ("自愿问卷", "Voluntary survey"), "checklist": ("检查清单", "Checklist")})


def response_id(campaign: str, place: str) -> str:
    """The id of this door's answers to this campaign."""
    return derived("survey_response", campaign, place)


def judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """Consent first; nobody writes in another's name but from paper; no identity numbers; what is over stays."""
    if (before or {}).get("closed_at"):
        return "not_allowed"
    asked = (before or written).get("kind") == "survey"
    if asked and not (before or {}).get("consent") and not (written.get("consent") or {}).get("at"):
        return "requires"
    against = objection(written)
    if against:
        return against
    if any(may_hold_one(str(each or "")) for each in (written.get("answers") or {}).values()):
        return "invalid"
    entered, asking = written.get("entered_by") or {}, written.get("asking") or {}
    own = all(self_role(each) in roles for each in entered) or bool(roles & DISPATCHERS)
    return None if own and all(self_role(each) in roles for each in asking) else "not_allowed"


def sight(fields: Values, by: str) -> Sight:
    """Who made it and who entered answers: they see what they entered, the community sees the rest."""
    return {"by": by, "place": fields.get("place_id"), "assignees": sorted(fields.get("entered_by") or {})}


SURVEY_RESPONSE: Final = RecordType(
    name="survey_response",
    labels=say("问卷回答", "Answers"),
    fields=(
        Field("campaign_id", "fixed", "ref", say("专项", "Campaign"), "P0", CAMPAIGN, required=True,
              deciders=DECIDERS),
        Field("place_id", "fixed", "ref", say("地点", "Place"), "P0", SOMETHING, required=True, deciders=DECIDERS),
        Field("kind", "fixed", "enum", say("做什么", "What it is"), "P0", "survey", choices=KINDS, required=True,
              deciders=DECIDERS),
        Field("form_version", "fixed", "integer", say("表单版本", "Version of the form"), "P0", 1, required=True,
              deciders=DECIDERS),
        Field("answers", "ask", "text", say("回答", "Answers"), "P2", {"gas": "yes"}, keyed=True, deciders=DECIDERS,
              max_length=1000, max_keys=100),
        consent(),
        Field("entered_by", "collect", "json", say("谁问的", "Who asked"), "P1", {SOMEBODY: {"at": WHEN}}, keyed=True,
              shape={"at": "instant"}, max_keys=20),
        Field("closed_at", "server", "instant", say("专项结束", "Campaign closed"), "P0", WHEN),
        ASKING,
    ),
    creators=ANSWERERS,
    editors=frozenset({REPORTER, ASSIGNEE, SUPERVISOR}),
    sight=sight,
    judge=judge,
    spent=withdrawn,
    purpose=say("听每一户的意见,只留汇总", "Hear what every door thinks; only totals stay"),
    retention_days=365,
    phone_days=90,
    derived_id=True,
)  # fmt: skip
"""An answer is text, as in XForms: a choice's name; several, in the order of the list with spaces between; a number or a
date as it is written (domain/forms/answers.py). So equal answers are equal texts, and agree (M4)."""
