"""What the buttons of 待认领 do, and how what became of it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.services import current
from domain.access import Person
from domain.held import Decided, HeldChange
from domain.people import load_person
from domain.records import TYPES
from sync.protocol import CallError
from sync.types import RecordType
from web.console.reader import Reader
from web.console.reading import reader_among
from web.console.receipts import Notice, explain
from web.console.said import said as told

Json = Mapping[str, Any]


# ---------------------------------------------------------------------------------------------- who may write what


def may_write(person: Person, held: HeldChange) -> bool:
    """Would this change, written by this person to the record as it stands now, be within the person's rights?"""
    type = TYPES.get(held.type)
    if type is None:
        return False
    values = _lifted(type, held)
    if values is None:
        return False
    sight = type.sight(held.now.fields, held.now.by) if held.now else type.sight(values, held.account)
    if not person.entitled(held.book, type.name, sight):
        return False
    return _within(type, held, values, person.roles(held.book, type.name, sight))


def _lifted(type: RecordType, held: HeldChange) -> dict[str, Any] | None:
    try:
        return type.lift(dict(held.written), int(held.change.get("schema") or 1))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _within(type: RecordType, held: HeldChange, values: dict[str, Any], roles: frozenset[str]) -> bool:
    """The same questions as the engine's judge asks, of the record as it stands now."""
    declared = [type.by_name.get(name) for name in values]
    fields = all(
        each is not None and each.rule != "server" and (each.writers is None or roles & each.writers)
        for each in declared
    )
    may_edit = roles & (type.creators if held.change.get("create") or type.editors is None else type.editors)
    step = values.get(type.step_field.name) if type.step_field else None
    steps = not step or any(
        each.come_from == step["from"] and each.to == step["to"] and roles & each.roles for each in type.steps
    )
    hides = "void" not in held.change or roles & type.voiders
    before = held.now.fields if held.now else None
    return bool(fields and (may_edit or not values) and steps and hides and type.judge(before, values, roles) is None)


def may_adopt(person: Person, held: HeldChange) -> bool:
    """May this person take up a suggestion as the own word?"""
    return held.is_suggestion and held.now is not None and may_write(person, held)


def is_sound(held: HeldChange) -> bool:
    """Would it have been taken, had it come by its author's own phone today?"""
    if not held.can_enter:
        return False
    with current().database.read() as conn:
        author = load_person(conn, held.account, held.device, current().clock.now())
    return author is not None and may_write(author, held)


def photos_of(held: HeldChange) -> Json:
    """The pictures of a change that nobody has checked yet, as far as they can be looked for."""
    photos = held.written.get("photos")
    return (
        {sha: each for sha, each in photos.items() if isinstance(each, Mapping)} if isinstance(photos, Mapping) else {}
    )


# --------------------------------------------------------------------------------------------------------- doing it


def let_in(person: Person, held: HeldChange) -> int:
    """Let one in with what it stands on; how many that was, 0 where it cannot enter."""
    try:
        return len(current().engine.let_in(person, held.book, held.id))
    except CallError:
        return 0


def adopt(person: Person, held: HeldChange, seen: int, reader: Reader) -> Notice:
    """Take up a suggestion: an edit of the owner's own, which names it and says whose idea it was (S6)."""
    type, engine = TYPES.get(held.type), current().engine
    values = _lifted(type, held) if type else None
    if type is None or values is None or not may_adopt(person, held):
        return Notice("again", "circle-pause", reader.say("parked.not_yours"), (), True, "held")
    written = {**values, **_named(type, held, values, reader)}
    receipt = engine.edit(person, book=held.book, record=str(held.record), type=type.name, seen=seen, set=written)
    if receipt["outcome"] in {"applied", "merged", "conflict"}:
        engine.adopt(person, held.book, held.id)
    return explain(receipt, type, reader, reader.say("parked.did.adopt"))


def _named(type: RecordType, held: HeldChange, values: Json, reader: Reader) -> Json:
    """What names the suggestion on a case: an addition under its id, so that taking it up twice says it once."""
    if "additions" not in type.by_name:
        return {}
    with current().database.read() as conn:
        names = reader_among(conn, {held.account}, [values])
    fields = reader.say("line.and").join(f"{each.label} {each.words}" for each in told(values, type, names))
    text = reader.say("parked.adopted_text", name=names.name(held.account), fields=fields)
    return {"additions": {**(values.get("additions") or {}), held.id: {"text": text}}}


# -------------------------------------------------------------------------------------------------------- saying it


def said(reader: Reader, what: str, **values: object) -> Notice:
    return Notice("done", "check", reader.say(f"parked.did.{what}", **values), (), True, what)


def taken(became: Sequence[Json], type: RecordType, reader: Reader) -> Notice:
    """What became of what was let in; it may have brought along what it stands on."""
    if not became:
        return Notice("again", "triangle-alert", reader.say("parked.did.gone"), (), True, "applied")
    last = explain(became[-1], type, reader, reader.say("parked.did.take"))
    lines = list(last.lines)
    if len(became) > 1:
        lines.append(reader.say("parked.brought_along", n=len(became) - 1))
    if last.outcome == "conflict":
        lines.append(reader.say("parked.now_undecided"))
    return Notice(last.tone, last.shape, last.title, tuple(lines), True, last.outcome)


def not_yet(error: CallError, reader: Reader) -> Notice:
    """It cannot stand in the book, and nobody's word can change that."""
    reason = str(error.details.get("reason") or "")
    lines = (reader.say(f"receipt.reasons.{reason}"), reader.say("parked.not_yet_advice"))
    return Notice("urgent", "circle-alert", reader.say("parked.not_yet"), lines, False, "refused")


def done_already(reader: Reader, before: Decided | None) -> Notice:
    if before is None:
        return Notice("again", "triangle-alert", reader.say("parked.did.gone"), (), True, "applied")
    who, when = reader.name(before.by), reader.when(before.at).text
    told_so = reader.say(f"parked.done_already.{before.state}", name=who, when=when)
    return Notice("again", "triangle-alert", told_so, (), True, "applied")


def rescued(reader: Reader, taken: int, waiting: int) -> Notice:
    """How many went in, and how many are left for a closer look."""
    left = waiting - taken
    lines = (reader.say("parked.rescued_left", n=left),) if left > 0 else ()
    tone, shape = ("done", "check") if left <= 0 else ("again", "triangle-alert")
    return Notice(tone, shape, reader.say("parked.rescued", n=taken), lines, True, "applied")
