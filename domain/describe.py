"""The record types as a document: the body of GET /api/v1/record-types, and the source of the phone's types."""

from __future__ import annotations

from typing import Any

from domain.records import TYPES
from sync.types import Choice, Field, RecordType, Step


def record_types() -> dict[str, Any]:
    """`{"types": [TYPE …]}`, all JSON. Lists of roles are sorted, so that the same declaration gives the same bytes."""
    return {"types": [describe_type(each) for each in TYPES.values()]}


def describe_type(record_type: RecordType) -> dict[str, Any]:
    """One type, with its fields by name and its steps in the order of the declaration."""
    return {
        "type": record_type.name,
        "schema": record_type.schema,
        "labels": dict(record_type.labels),
        "creators": sorted(record_type.creators),
        "fields": {each.name: describe_field(each) for each in record_type.fields},
        "steps": [_step(each) for each in record_type.steps],
        "purpose": dict(record_type.purpose),
        "retention_days": record_type.retention_days,
        "phone_days": record_type.phone_days,
    }


def describe_field(each: Field) -> dict[str, Any]:
    """One field. `choices` are listed in the order in which they are shown; a state's carries its `rank`."""
    described: dict[str, Any] = {
        "rule": each.rule,
        "kind": each.kind,
        "keyed": each.is_keyed,
        "required": each.required,
        "writers": _roles(each.writers),
        "deciders": _roles(each.deciders),
        "class": each.personal,
        "example": each.example,
        "labels": dict(each.labels),
    }
    return described | _extras(each)


def _extras(each: Field) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    if each.rule == "collect":
        extras["inner"] = each.entry_rule
    if each.choices:
        extras["choices"] = [_choice(each, choice) for choice in each.choices]
    if each.order:
        extras["order"] = [list(entry) if isinstance(entry, tuple) else entry for entry in each.order]
    if each.rule == "furthest":
        extras["ends"] = sorted(each.ends)
    if each.kind == "text":
        extras["max_length"] = each.max_length
    if each.shape is not None:
        extras["shape"] = dict(each.shape)
    if each.pictures:
        extras["pictures"] = True
    if each.sounds:
        extras["sounds"] = True
    return extras


def _choice(each: Field, choice: Choice) -> dict[str, Any]:
    ranked = {"rank": choice.rank} if each.kind == "step" else {}
    return {"value": choice.value, "labels": dict(choice.labels), **ranked}


def _roles(roles: frozenset[str] | None) -> list[str] | None:
    return None if roles is None else sorted(roles)


def _step(step: Step) -> dict[str, Any]:
    return {
        "from": step.come_from,
        "to": step.to,
        "cycle": step.cycle,
        "roles": sorted(step.roles),
        "requires": list(step.requires),
    }
