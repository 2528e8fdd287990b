"""Consent, and what becomes of a record whose consent is withdrawn: it is erased, in the transaction of the change that
said so (S4). Phones erase it with their next sync; what somebody adds later, not knowing, is refused as `gone`.

A type that stands on somebody's consent has the field `consent()`, calls `objection` from its judge, and says
`spent=withdrawn`. What stands on such a record without being it (a visit under an agreement) names it in a field and
falls with it: see `FALLS_WITH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, and_, select

from domain.json_text import json_text
from domain.words import choices, say
from sync.engine import Engine
from sync.tables import erasure, record
from sync.types import Field, Values

KINDS: Final = choices({"spoken": ("口头", "Spoken"), "signed": ("签名", "Signed"), "phone": ("电话", "By telephone")})
"""How somebody agreed: what `kind` may say."""
_GIVEN: Final = frozenset(each.value for each in KINDS)

FALLS_WITH: Final = (("visit", "care_agreement_id", "care_agreement"),)
"""(type, its field, type that the field names): with a record of the second falls what of the first names it. Such
fields are of rule `fixed`."""


def consent(*, required: bool = False) -> Field:
    """The field `consent`: `{"kind": one of KINDS, "text_version": the words that were agreed to, "at": instant,
    "withdrawn_at": instant or null}`."""
    shape: dict[str, Any] = {"kind": "text", "text_version": "text", "at": "instant", "withdrawn_at": "instant"}
    example = {"kind": "spoken", "text_version": "2026-06", "at": "2026-06-13T08:40:12.123Z"}
    return Field("consent", "latest", "json", say("同意", "Consent"), "P2", example, shape=shape, required=required,
                 max_length=40)  # fmt: skip


def objection(written: Values) -> str | None:
    """A consent says how it was given, to which words, and when; it is withdrawn, never emptied."""
    if "consent" not in written:
        return None
    said = written["consent"]
    whole = isinstance(said, Mapping) and said.get("kind") in _GIVEN and said.get("text_version") and said.get("at")
    return None if whole else "requires"


def withdrawn(fields: Values, others: Values) -> bool:
    """Does a withdrawal stand? It wins over a consent that had not seen it, whichever is later by the clock."""
    standing = [fields.get("consent"), *(each["value"] for each in others.get("consent") or ())]
    return any(isinstance(each, Mapping) and each.get("withdrawn_at") for each in standing)


def erase_what_falls(engine: Engine) -> int:
    """Erase what names an erased record as the one that it stands on; gives how many records that were. For a job that
    runs every minute: also what a phone brings weeks later falls."""
    with engine.database.read() as conn:
        found = [row for each in FALLS_WITH for row in conn.execute(_fallen(*each))]
    return sum(engine.erase(row.book_id, row.id) is not None for row in found)


def _fallen(type_name: str, field: str, stands_on: str) -> Select[Any]:
    its, base = record.c, record.alias("base")
    gone = and_(base.c.book_id == erasure.c.book_id, base.c.id == erasure.c.record_id, base.c.type == stands_on)
    here = and_(its.book_id == base.c.book_id, its.type == type_name, its.erased.is_(False), its.moved_to.is_(None))
    query = select(its.book_id, its.id).select_from(erasure).join(base, gone).join(record, here)
    return query.where(json_text(its.fields, field) == base.c.id)
