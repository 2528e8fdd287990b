"""May this change enter the book? It depends on the change, on the writer's rights, and on the record as the writer
saw it: never on what arrived since (M12). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sync.actors import Actor
from sync.merge import View, is_open
from sync.rules import settle
from sync.state import VOID, VOID_FIELD, State
from sync.types import Field, Objection, RecordType, Sight, Step
from sync.values import Errors

Status = tuple[str | None, int]
"""(state, cycle) that a step may start from."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a change does not enter the book; `reason` is a code of `sync.protocol.REASONS`."""

    reason: str
    errors: Errors = field(default_factory=dict)


class Case(NamedTuple):
    """One change before the judge. `before` is the record as the writer saw it, read off `basis`; `values` in today's
    schema; `by` is who created the record, as far as known; `own_steps` gives the device's newest earlier step, accepted or held, where the basis alone does not show it."""

    record_type: RecordType
    book: str
    actor: Actor
    basis: State
    before: View
    by: str
    create: bool
    values: Mapping[str, Any]
    void: bool | None
    own_steps: Callable[[], Iterator[Status]]


def judge(case: Case) -> Verdict | None:
    """The first thing that stands against the change, or None."""
    refused = _against_record(case, case.before)
    if refused:
        return refused
    sight = sight_of(case)
    if not case.actor.entitled(case.book, case.record_type.name, sight):
        return Verdict("not_entitled")
    return _against_rights(case, case.before, roles_of(case, sight))


def sight_of(case: Case) -> Sight | None:
    """What decides about rights: the record as the writer saw it; of a new one, what the change itself says."""
    if not case.basis.is_empty:
        return case.record_type.sight(case.before.fields, case.by)
    return case.record_type.sight(case.values, case.actor.account) if case.create else None


def roles_of(case: Case, sight: Sight | None) -> frozenset[str]:
    return case.actor.roles(case.book, case.record_type.name, sight)


def may_decide(each: Field, roles: frozenset[str], record_type: RecordType, server: bool) -> bool:
    """May a person with these roles close a conflict of this field?"""
    deciders = record_type.voiders if each is VOID_FIELD else each.deciders
    return server or deciders is None or bool(roles & deciders)


def _against_record(case: Case, before: View) -> Verdict | None:
    # An edit that saw the record hidden must bring it back (M11); hiding it once more is no edit.
    if before.hidden and case.void is not False and not (case.void and not case.values):
        return Verdict("void")
    for name in _among(case.values, case.record_type.written_by_server):
        if not case.actor.server:
            return Verdict("server_field", {name: ["由系统填写 · written by the server"]})
    return _against_steps(case)


def _among(values: Mapping[str, Any], names: frozenset[str]) -> list[str]:
    """Which of these fields are written, in the order in which they are."""
    return [] if names.isdisjoint(values) else [name for name in values if name in names]


def _against_steps(case: Case) -> Verdict | None:
    each = case.record_type.step_field
    step = case.values.get(each.name) if each else None
    if not each or not step:
        return None
    start: Status = (step["from"], step["cycle"])
    if step["from"] is None and (each.name, None) not in case.basis.entries:
        return None if step["cycle"] == 1 and _declared(case, step) else Verdict("no_such_step")
    if _is_decision(case, each, step):
        return None
    steps = _declared(case, step)
    wanted = {(step["from"], step["cycle"] - declared.cycle) for declared in steps} or {start}
    if not wanted & set(_stands(case, each)) and not wanted & set(case.own_steps()):
        return Verdict("not_from_here", {each.name: ["已不在这一步 · not at this step any more"]})
    return None if steps else Verdict("no_such_step")


def _declared(case: Case, step: Mapping[str, Any]) -> tuple[Step, ...]:
    return case.record_type.ways.get((step["from"], step["to"]), ())


def _stands(case: Case, each: Field) -> Iterator[Status]:
    """Where the record may step from: the winner, or every candidate of an open conflict."""
    entry = case.basis.entries.get((each.name, None))
    if not entry:
        return
    settled = settle(each, entry)
    for write in settled.candidates or [settled.winner]:
        if write:
            yield write.value["status"], write.value["cycle"]


def _is_decision(case: Case, each: Field, step: Mapping[str, Any]) -> bool:
    """From one candidate of an open conflict to another, or to itself; whether the writer may is asked later."""
    if not is_open(case.record_type, case.basis, (each.name, None)):
        return False
    candidates = set(_stands(case, each))
    return (step["to"], step["cycle"]) in candidates and step["from"] in {state for state, _ in candidates}


def _against_rights(case: Case, before: View, roles: frozenset[str]) -> Verdict | None:
    fixed = _against_fixed(case, before, roles)
    if fixed or case.actor.server:
        return fixed
    return (
        _against_type_rights(case, roles)
        or _against_field_rights(case, roles)
        or _against_step_rights(case, roles)
        or _against_own_rules(case, before, roles)
    )


def _against_fixed(case: Case, before: View, roles: frozenset[str]) -> Verdict | None:
    for name in _among(case.values, case.record_type.written_once):
        each, value = case.record_type.by_name[name], case.values[name]
        if is_open(case.record_type, case.basis, (name, None)):
            good = case.create or may_decide(each, roles, case.record_type, case.actor.server)
        else:
            good = before.fields.get(name, value if case.create else None) == value
        if not good:
            return Verdict("fixed", {name: ["写定后不能改 · set when created, not changed afterwards"]})
    return None


def _against_type_rights(case: Case, roles: frozenset[str]) -> Verdict | None:
    record_type = case.record_type
    allowed = record_type.creators if case.create or record_type.editors is None else record_type.editors
    if case.values and not roles & allowed and not _only_a_permitted_step(case, roles):
        return Verdict("not_allowed")
    if case.void is not None and not roles & record_type.voiders:
        return Verdict("not_allowed", {VOID: ["不能作废或恢复 · may not hide or restore this"]})
    return None


def _only_a_permitted_step(case: Case, roles: frozenset[str]) -> bool:
    """Whoever may take a step may take it, with what it requires, without being an editor."""
    each = case.record_type.step_field
    step = case.values.get(each.name) if each else None
    return bool(step) and any(roles & declared.roles for declared in _declared(case, step or {}))


def _against_field_rights(case: Case, roles: frozenset[str]) -> Verdict | None:
    for name in _among(case.values, case.record_type.written_by_few):
        each = case.record_type.by_name[name]
        if each.writers is not None and not roles & each.writers:
            reason = "suggestion" if each.rule == "owner" else "not_allowed"
            return Verdict(reason, {name: ["这一项由别人填写 · written by other roles"]})
    return None


def _against_step_rights(case: Case, roles: frozenset[str]) -> Verdict | None:
    each = case.record_type.step_field
    step = case.values.get(each.name) if each else None
    if not each or not step:
        return None
    if _is_decision(case, each, step):
        good = may_decide(each, roles, case.record_type, server=False)
        return None if good else Verdict("not_allowed", {each.name: ["由别人定 · decided by other roles"]})
    allowed = [declared for declared in _declared(case, step) if roles & declared.roles]
    if not allowed:
        return Verdict("not_allowed", {each.name: ["这一步由别人做 · this step is taken by other roles"]})
    missing = [name for name in allowed[0].requires if case.values.get(name) is None]
    return Verdict("requires", {name: ["这一步要填 · this step needs it"] for name in missing}) if missing else None


def _against_own_rules(case: Case, before: View, roles: frozenset[str]) -> Verdict | None:
    against = case.record_type.judge(None if case.basis.is_empty else before.fields, case.values, roles)
    if isinstance(against, Objection):
        return Verdict(against.reason, dict(against.errors))
    return Verdict(against) if against else None
