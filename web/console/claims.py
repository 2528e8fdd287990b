"""待认领 in words: what the writer wanted, what the record says now, why it waits, and what can be done. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.held import HeldChange
from domain.powers import CASE
from sync.types import Field, RecordType
from web.console.arrived import Arrived, Picture
from web.console.forms import Choice
from web.console.reader import Reader, When
from web.console.said import said, words_of
from web.console.views import category_of

Json = Mapping[str, Any]
_FIRST: Final = ("description", "additions", "place_id", "place_note", "severity", "category")
"""What people look for first; the rest follows as it is declared."""
_ERRORS: Final = frozenset({"invalid", "requires", "too_large", "malformed"})
"""Reasons of which the errors say more than the reason does."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field: what was written, and what the record says now (None: it is not in the book yet)."""

    label: str
    wanted: str
    now: str | None
    same: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """One waiting change, ready to be shown."""

    id: str
    book: str
    seen: int
    title: str
    no: str
    place: str
    note: str
    """What the record is about, in its own words; empty while the change itself brings them."""
    href: str
    who: str
    role: str
    captured: When | None
    received: When
    via: str
    reason: str
    why: str
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    pictures: tuple[Picture, ...]
    take: str
    """How it can be taken in: "take", "adopt", or empty where it cannot."""
    mine: bool
    """It does not lie on another's desk."""
    handed: str
    people: tuple[Choice, ...]
    account: str
    device: str

    @property
    def is_rescue(self) -> bool:
        return self.reason == "rescue"


@dataclass(frozen=True, slots=True)
class Rescue:
    """What one rescue file brought, as far as it still waits."""

    account: str
    device: str
    who: str
    via: str
    when: When
    claims: tuple[Claim, ...]

    @property
    def id(self) -> str:
        return self.device


@dataclass(frozen=True)
class Hall:
    """Who reads, and how things are called. `adopts(change)`: may the reader take up this suggestion as the own word?
    `people(book)`: who else decides there. `roles`: account -> what it is, in a word."""

    reader: Reader
    me: str
    types: Mapping[str, RecordType]
    adopts: Callable[[HeldChange], bool]
    people: Callable[[str], Sequence[Choice]]
    photo: Callable[[str, str], str]
    case: Callable[[str], str]
    here: Arrived = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)


def claim(hall: Hall, held: HeldChange) -> Claim:
    reader, type = hall.reader, hall.types.get(held.type)
    made = held.change.get("made_at")
    return Claim(
        id=held.id,
        book=held.book,
        seen=held.now.seq if held.now else 0,
        title=_title(hall, held, type),
        no=str((held.now.fields if held.now else {}).get("no") or ""),
        place=reader.place(held.book),
        note=_note(held),
        href=hall.case(str(held.record)) if held.now and held.type == CASE else "",
        who=_writer(hall, held),
        role=hall.roles.get(held.account, ""),
        captured=_when(reader, made),
        received=reader.when(held.received_at),
        via=reader.say("letters.via", name=reader.name(held.via)) if held.via else "",
        reason=held.reason,
        why=_why(reader, held),
        notes=tuple(_notes(hall, held, type)),
        rows=tuple(_rows(reader, held, type)),
        pictures=_pictures(hall, held, type),
        take=_take(hall, held),
        mine=held.handed_to in (None, hall.me),
        handed=_handed(hall, held),
        people=tuple(each for each in hall.people(held.book) if each[0] not in (hall.me, held.handed_to)),
        account=held.account,
        device=held.device,
    )


def _title(hall: Hall, held: HeldChange, type: RecordType | None) -> str:
    if type is None:
        return hall.reader.say("parked.unknown")
    fields = held.now.fields if held.now else held.written
    if type.name == CASE:
        return category_of(fields, type, hall.reader)
    named = str(fields.get("name") or fields.get("label") or "")
    return f"{hall.reader.label(type.labels)} {named}".strip()


def _note(held: HeldChange) -> str:
    texts = held.now.fields.get("description") if held.now else None
    return str(texts[-1]["text"]) if isinstance(texts, list) and texts else ""


def _writer(hall: Hall, held: HeldChange) -> str:
    if held.now and held.now.fields.get("hide_reporter") and held.account == held.now.by != hall.me:
        return hall.reader.say("row.hidden")
    return hall.reader.name(held.account)


def _when(reader: Reader, made: Any) -> When | None:
    try:
        return reader.when(str(made)) if made else None
    except ValueError:  # a change that could not be read has whatever it has
        return None


def _why(reader: Reader, held: HeldChange) -> str:
    key = "asked" if held.state == "asked" else held.reason
    return reader.say(f"parked.why.{key}")


def _notes(hall: Hall, held: HeldChange, type: RecordType | None) -> Iterable[str]:
    """What has to be known beside the reason: why it was refused, where it was written for, what cannot be done."""
    reader = hall.reader
    if held.state == "asked":
        yield reader.say(f"receipt.reasons.{held.reason}")
    if held.reason in _ERRORS:
        for name, texts in held.errors.items():
            declared = type.by_name.get(name) if type else None
            label = reader.label(declared.labels) if declared else name
            yield from (f"{label}: {_in_language(reader, text)}" for text in texts)
    if held.written_for != held.book:
        yield reader.say("parked.moved", old=reader.place(held.written_for), new=reader.place(held.book))
    if held.change.get("create") is True:
        yield reader.say("parked.creates")
    if "void" in held.change:
        yield reader.say("parked.hides" if held.change["void"] else "parked.shows")
    if held.now and held.now.hidden:
        yield reader.say("parked.hidden_now")
    if not held.can_enter:
        yield reader.say("parked.cannot_enter")
    elif held.is_suggestion and not hall.adopts(held):
        yield reader.say("parked.not_yours")


def _in_language(reader: Reader, text: object) -> str:
    """The engine's own words come in both languages, divided by a dot."""
    chinese, _, english = str(text).partition(" · ")
    return english if english and reader.language == "en" else chinese


def _rows(reader: Reader, held: HeldChange, type: RecordType | None) -> Iterable[Row]:
    order = {name: n for n, name in enumerate([*_FIRST, *(type.by_name if type else ())][::-1])}
    for line in sorted(said(held.written, type, reader), key=lambda each: -order.get(each.name, 0)):
        declared = type.by_name.get(line.name) if type else None
        now = _now(reader, held, declared)
        yield Row(line.label, line.words, now, now == line.words)


def _now(reader: Reader, held: HeldChange, declared: Field | None) -> str | None:
    """What stands in the record of what was written; of a keyed field the same entries."""
    if held.now is None or declared is None:
        return None
    value, written = held.now.fields.get(declared.name), held.written.get(declared.name)
    if declared.is_keyed:
        entries = value if isinstance(value, Mapping) else {}
        same = {key: entries[key] for key in entries if isinstance(written, Mapping) and key in written}
        return words_of(declared, same, reader) if same else reader.say("letters.blank")
    if declared.rule == "keep_all" and isinstance(value, list):
        return reader.say("line.and").join(str(each["text"]) for each in value)
    return reader.say("letters.blank") if value is None else reader.value(declared, value)


def _pictures(hall: Hall, held: HeldChange, type: RecordType | None) -> tuple[Picture, ...]:
    entries = held.written.get("photos") if type and type.name == CASE else None
    found: list[Picture] = []
    for sha, entry in entries.items() if isinstance(entries, Mapping) else ():
        if not isinstance(entry, Mapping):
            continue
        whole = hall.here.get(sha) == "full"
        ahead = str(entry.get("preview") or "")
        small = hall.photo(sha, "preview") if whole else hall.photo(ahead, "full") if sha in hall.here else ""
        alt = hall.reader.say("parked.picture", n=len(found) + 1)
        found.append(Picture(small, hall.photo(sha, "full") if whole else "", alt, ""))
    return tuple(found)


def _take(hall: Hall, held: HeldChange) -> str:
    if not held.can_enter:
        return ""
    if held.is_suggestion:
        return "adopt" if hall.adopts(held) else ""
    return "take"


def _handed(hall: Hall, held: HeldChange) -> str:
    if held.handed_to is None:
        return ""
    by = hall.reader.name(held.handed_by or "")
    key = "handed_to_you" if held.handed_to == hall.me else "handed_to"
    return hall.reader.say(f"parked.{key}", by=by, name=hall.reader.name(held.handed_to))


def grouped(claims: Sequence[Claim]) -> tuple[list[Rescue], list[Claim], list[Claim]]:
    """What came by rescue files, by the device that wrote it; what else waits here; what lies on others' desks."""
    files: dict[str, list[Claim]] = {}
    for each in claims:
        if each.is_rescue and each.mine:
            files.setdefault(each.device, []).append(each)
    rescues = [
        Rescue(first.account, first.device, first.who, first.via, first.received, tuple(mine))
        for mine in files.values()
        for first in mine[:1]
    ]
    rest = [each for each in claims if each.mine and not each.is_rescue]
    return rescues, rest, [each for each in claims if not each.mine]
