"""One case as its page shows it. Pure: from the record, its history and what ids are called, to words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.records.case_steps import status_of
from domain.roles import ASSIGNEE, GRID_HEAD, REPORTER, SUPERVISOR
from sync.types import RecordType
from web.console.arrived import Picture
from web.console.forms import Action
from web.console.marks import Mark, is_open, marks_of, progress_of, state_of
from web.console.parts import CaseView, Heard, Json, Letter, Link, Rung, Source
from web.console.reader import Reader, When
from web.console.story import tell


def see(source: Source, primary: list[Action], secondary: list[Action]) -> CaseView:
    """The view of a case."""
    fields, reader, record = source.fields, source.reader, source.record
    photos = fields.get("photos") or {}
    return CaseView(
        id=record["id"],
        seen=record["seq"],
        token=source.token,
        no=str(fields.get("no") or ""),
        category=category_of(fields, source.type, reader),
        place=place_of(fields, reader, source.grid),
        state=state_of(fields, reader),
        progress=progress_of(fields),
        marks=_marks(source, undecided=bool(source.disputes)),
        open=is_open(fields),
        before=_pictures(source, photos, "before"),
        after=_pictures(source, photos, "after"),
        description=_texts(fields.get("description") or [], reader),
        additions=_additions(source),
        voices=_voices(source),
        resolution=_texts(fields.get("resolution") or [], reader),
        reasons=_reasons(fields, reader),
        merged_into=_merged(source),
        disputes=source.disputes,
        others=[letter for field, _, each in _split(source, "others") for letter in _letters(source, field, each)],
        line=tell(source.changes, source.type, reader),
        line_more=source.more,
        ladder=_ladder(source, photos),
        facts=_facts(source),
        primary=primary,
        secondary=secondary,
        nothing_to_do=_nothing(source),
    )


def _marks(source: Source, *, undecided: bool) -> list[Mark]:
    marks = marks_of(source.fields, source.type, source.reader, undecided=undecided)
    hidden = Mark("circle-pause", source.reader.say("case.hidden"), "again")
    return [hidden, *marks] if source.record.get("void") else marks


def category_of(fields: Json, type: RecordType, reader: Reader) -> str:
    category = fields.get("category")
    return reader.value(type.by_name["category"], category) if category else reader.label(type.labels)


def place_of(fields: Json, reader: Reader, grid: str) -> str:
    """Where it is, as people say it: the grid, the place in it, and what was typed about it."""
    id = fields.get("place_id") or fields.get("place_guess")
    inside = reader.places.get(id or "", "")
    parts = [grid, inside if inside != grid else "", str(fields.get("place_note") or "")]
    return " · ".join(part for part in parts if part) or reader.say("row.no_place")


def _texts(entries: Sequence[Json], reader: Reader) -> list[Letter]:
    return [Letter(str(each["text"]), reader.name(each["by"]), reader.when(each["at"])) for each in entries]


def _additions(source: Source) -> list[Letter]:
    """Additions are keyed; who wrote which, and when, stands in the history."""
    entries = source.fields.get("additions") or {}
    found = []
    for change in source.changes:
        for key in (change.get("set") or {}).get("additions") or {}:
            if key in entries:
                who, when = source.reader.name(change["by"]), source.reader.when(change["at"])
                found.append(Letter(str(entries[key]["text"]), who, when))
    return found


def _pictures(source: Source, photos: Json, stage: str) -> list[Picture]:
    mine = [(sha, entry) for sha, entry in photos.items() if entry and entry.get("stage", "before") == stage]
    mine.sort(key=lambda each: str(each[1].get("taken_at") or ""))
    found = []
    for number, (sha, entry) in enumerate(mine, 1):
        taken = entry.get("taken_at")
        alt = source.reader.say(f"pictures.alt_{stage}", n=number)
        full = source.photo(sha, "full") if source.here.get(sha) == "full" else ""
        small = source.photo(sha, "preview") if sha in source.here else ""
        shown = full if full and len(mine) == 1 else small
        found.append(Picture(shown, full, alt, source.reader.when(taken).text if taken else ""))
    return found


def _voices(source: Source) -> list[Heard]:
    """What was said, oldest first."""
    said = [(sha, entry) for sha, entry in (source.fields.get("voice") or {}).items() if entry]
    said.sort(key=lambda each: str(each[1].get("taken_at") or ""))
    found = []
    for number, (sha, entry) in enumerate(said, 1):
        href = source.voice(sha) if sha in source.here else ""
        name = source.reader.say("case.voice", n=number, s=round(int(entry.get("ms") or 0) / 1000))
        found.append(Heard(href, name, source.reader.when(entry["taken_at"]) if entry.get("taken_at") else None))
    return found


def _reasons(fields: Json, reader: Reader) -> list[tuple[str, list[str]]]:
    found = []
    status = status_of(fields)
    rejection, hold = fields.get("rejection"), fields.get("hold")
    if status == "rejected" and rejection:
        lines = [
            reader.say(f"case.rejection_{name}", **{name: rejection.get(name, "")}) for name in ("reason", "instead")
        ]
        found.append((reader.say("case.rejection"), lines))
    if status == "on_hold" and hold:
        until = reader.when(hold["until"]).text
        lines = [
            reader.say("case.hold_reason", reason=hold.get("reason", "")),
            reader.say("case.hold_until", until=until),
        ]
        found.append((reader.say("case.hold"), lines))
    return found


def _merged(source: Source) -> Link | None:
    into = source.fields.get("merged_into")
    if not into or status_of(source.fields) != "merged":
        return None
    return Link(source.case(str(into)), source.reader.cases.get(str(into), source.reader.label(source.type.labels)))


def _split(source: Source, name: str) -> list[tuple[str, str, Sequence[Json]]]:
    """`conflicts` or `others` as (field, key, entries); the key is empty for a field of one value."""
    found = []
    for field, entries in (source.record.get(name) or {}).items():
        if isinstance(entries, Mapping):
            found += [(field, key, each) for key, each in entries.items()]
        else:
            found.append((field, "", entries))
    return found


def _letters(source: Source, field: str, entries: Sequence[Json]) -> tuple[Letter, ...]:
    declared = source.type.by_name.get(field)
    label = source.reader.label(declared.labels) if declared else source.reader.say("conflict.hidden")
    letters = []
    for each in entries:
        text = source.reader.value(declared, each["value"]) if declared else _void_words(source, each["value"])
        who, when = source.reader.name(each["by"]), source.reader.when(each["at"])
        letters.append(Letter(text, who, when, label, str(each["change"])))
    return tuple(letters)


def _void_words(source: Source, value: Any) -> str:
    return source.reader.say("conflict.hidden" if value else "conflict.shown")


def _ladder(source: Source, photos: Json) -> list[Rung]:
    say = source.reader.say
    rungs = [Rung(say("ladder.words"), True)]
    if photos:
        rungs.append(Rung(say("ladder.pictures"), all(source.here.get(sha) == "full" for sha in photos)))
    return [*rungs, Rung(say("ladder.seen"), bool(source.fields.get("seen_at")))]


_MAY_CALL = frozenset({GRID_HEAD, SUPERVISOR, ASSIGNEE, REPORTER})
"""Whoever works on the case may ring the person who told of it; the command room sees cases, not people."""
_PLAIN = ("class", "handler", "visibility", "public_summary", "public_state")


def _facts(source: Source) -> list[tuple[str, str | When]]:
    fields, reader = source.fields, source.reader
    facts: list[tuple[str, str | When]] = [(reader.say("facts.reporter"), _reporter(source))]
    for name, key in (("captured_at", "captured"), ("due_at", "due")):
        if fields.get(name):
            facts.append((reader.say(f"facts.{key}"), reader.when(fields[name])))
    if fields.get("assignees"):
        facts.append((reader.say("facts.assignees"), _assignees(fields["assignees"], reader)))
    told = [name for name in _PLAIN if fields.get(name)]
    facts += [(reader.say(f"facts.{name}"), reader.value(source.type.by_name[name], fields[name])) for name in told]
    if fields.get("satisfaction"):
        ratings = [reader.value(source.type.by_name["satisfaction"], each) for each in fields["satisfaction"].values()]
        facts.append((reader.say("facts.satisfaction"), " ".join(ratings)))
    if fields.get("reporter_contact") and source.roles & _MAY_CALL:
        facts.append((reader.say("facts.contact"), str(fields["reporter_contact"])))
    return facts


def _reporter(source: Source) -> str:
    origin = source.fields.get("source")
    role = source.reader.value(source.type.by_name["source"], origin) if origin else ""
    return source.reader.say("row.who", role=role, name=source.reader.name(source.record["by"])).strip()


def _assignees(people: Json, reader: Reader) -> str:
    helping = reader.say("facts.helper", name="{name}")
    words = [
        reader.name(each) if (role or {}).get("as") != "helper" else helping.replace("{name}", reader.name(each))
        for each, role in people.items()
    ]
    return reader.say("line.and").join(words)


def _nothing(source: Source) -> str:
    if any(each.may_decide for each in source.disputes):
        return source.reader.say("act.decide_first")
    if not is_open(source.fields):
        return source.reader.say("act.ended")
    others = [each for each in source.fields.get("assignees") or {} if each != source.me]
    if others and status_of(source.fields) in {"assigned", "working", "on_hold"}:
        names = source.reader.say("line.and").join(source.reader.name(each) for each in others)
        return source.reader.say("act.waiting_for", names=names)
    return source.reader.say("act.nothing")
