"""待定 as it is laid before a person: two letters side by side, or as many as there are. Pure.

What the writers agree on is told apart from what differs; the value that all of them started from stands above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from domain.desk import REMINDED
from domain.forms.form import Question
from domain.records.asking import slug
from sync.clock import from_text
from sync.state import VOID
from sync.types import Field, RecordType
from web.console.arrived import Arrived, Picture
from web.console.differing import Piece, compared, differing
from web.console.keeping import Keeping, keeping
from web.console.reader import Reader, When
from web.console.said import Line, said

Json = Mapping[str, Any]
MOST_TOLD: Final = 5
"""Edits that a hiding had not seen, told in its opposite letter."""
_LATE: Final = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to ring: who, what they are, the work telephone where it is known and may be given."""

    name: str
    role: str
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One candidate. `change` wrote it (empty: no change did, it is how things stand). `fresh`: it came after the
    page that is being answered was made."""

    title: str
    button: str
    pieces: tuple[Piece, ...]
    who: str
    captured: When | None
    received: When | None
    via: str
    lines: tuple[Line, ...]
    pictures: tuple[Picture, ...]
    change: str
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asking, and since when; `me`: the reader."""

    name: str
    when: When
    me: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """One open conflict, ready to be shown."""

    record: str
    book: str
    field: str
    key: str
    label: str
    seen: int
    base: str | None
    letters: tuple[Letter, ...]
    may_decide: bool
    keeping: Keeping
    calls: tuple[Call, ...]
    askers: tuple[Asker, ...]
    since: When | None
    reminded: bool
    nonce: str
    """Comes with the form of 两条都留, so that sending it twice adds once."""

    @property
    def slug(self) -> str:
        return slug(self.field, self.key)

    @property
    def id(self) -> str:
        """As part of an id on the page."""
        return place_on_page(self.record, self.field, self.key)

    @property
    def asked_by_me(self) -> bool:
        return any(each.me for each in self.askers)

    @property
    def grown(self) -> bool:
        return any(each.fresh for each in self.letters)


@dataclass(frozen=True)
class Scene:
    """What letters are written from. `known`: seq up to which the reader has seen the record; what came later is
    marked. `calls`: account -> whom to ring. `opposite`: the edits that keep a record in sight which somebody hides."""

    record: Json
    type: RecordType
    reader: Reader
    me: str
    entitled: Callable[[str], bool]
    nonce: Callable[[], str]
    photo: Callable[[str, str], str]
    here: Arrived = field(default_factory=dict)
    calls: Mapping[str, Call] = field(default_factory=dict)
    opposite: Sequence[Json] = ()
    known: int | None = None
    questions: Mapping[str, Question] = field(default_factory=dict)
    """Of answers: what was asked, by the key under which the answer stands."""


def place_on_page(record: str, field: str, key: str) -> str:
    """What tells one conflict of a page from the others."""
    return f"{record}-{re.sub(r'[^a-z0-9-]+', '-', slug(field, key).lower())}"


def disputes(scene: Scene, conflicts: Sequence[Json]) -> list[Dispute]:
    """Every open conflict of a record, as `Engine.conflicts` gives them."""
    return [_dispute(scene, each) for each in conflicts]


def _dispute(scene: Scene, conflict: Json) -> Dispute:
    name, key = str(conflict["field"]), conflict.get("key")
    declared = scene.type.by_name.get(name)
    candidates = list(conflict["candidates"])
    since = _since(candidates)
    return Dispute(
        record=scene.record["id"],
        book=scene.record["book"],
        field=name,
        key=key or "",
        label=_label(scene, declared, key),
        seen=int(scene.record["seq"]),
        base=_base(scene, declared, key, conflict.get("base")),
        letters=_letters(scene, name, declared, key, candidates),
        may_decide=scene.entitled(name),
        keeping=keeping(scene.type, declared, candidates),
        calls=tuple(scene.calls[each] for each in _writers(scene, candidates) if each in scene.calls),
        askers=_askers(scene, slug(name, key)),
        since=scene.reader.when(since) if since else None,
        reminded=bool(since) and scene.reader.now - (since or 0) >= REMINDED,
        nonce=scene.nonce(),
    )


def _since(candidates: Sequence[Json]) -> int | None:
    """From when on there was something to decide: the same as domain.desk counts from."""
    times = sorted(from_text(str(each["received_at"])) for each in candidates if each.get("received_at"))
    return times[1] if len(times) > 1 else times[0] if times else None


def _label(scene: Scene, declared: Field | None, key: str | None) -> str:
    if declared is None:
        return scene.reader.say("letters.void")
    question = scene.questions.get(key or "")
    return scene.reader.label(question.label if question else declared.labels)


def _base(scene: Scene, declared: Field | None, key: str | None, value: Any) -> str | None:
    """What stood there before; None for what cannot have stood otherwise."""
    if declared is None:
        return None
    return scene.reader.say("letters.blank") if value is None else _value(scene, declared, key, value)


def _writers(scene: Scene, candidates: Sequence[Json]) -> list[str]:
    everybody = [*(each["by"] for each in candidates), *(each["by"] for each in scene.opposite)]
    return [each for each in dict.fromkeys(everybody) if each != scene.me]


def _askers(scene: Scene, about: str) -> tuple[Asker, ...]:
    entries = (scene.record["fields"].get("asking") or {}).items()
    mine = [(account, entry) for account, entry in entries if (entry or {}).get("about") == about]
    mine.sort(key=lambda each: str(each[1].get("at") or ""))
    return tuple(
        Asker(scene.reader.name(account), scene.reader.when(str(entry["at"])), account == scene.me)
        for account, entry in mine
        if entry.get("at")
    )


# ---------------------------------------------------------------------------------------------------- the letters


def _letters(
    scene: Scene, name: str, declared: Field | None, key: str | None, candidates: Sequence[Json]
) -> tuple[Letter, ...]:
    values = [_value(scene, declared, key, each["value"]) for each in candidates]
    told = compared(
        [said(each.get("set") or {}, scene.type, scene.reader, leave=_apart(scene.type, name)) for each in candidates]
    )
    letters = [
        _letter(scene, each, pieces, lines)
        for each, pieces, lines in zip(candidates, differing(values, declared), told, strict=True)
    ]
    if name == VOID and len(letters) == 1:
        letters.append(_as_it_stands(scene))
    return tuple(_named(scene.reader, letters))


def _apart(type: RecordType, name: str) -> frozenset[str]:
    """What the letter shows in another way than as a line; of answers, everything but the one that differs."""
    if type.name == "survey_response":
        return frozenset(type.by_name)
    return frozenset({name, *(each.name for each in type.picture_fields)})


def _value(scene: Scene, declared: Field | None, key: str | None, value: Any) -> str:
    if declared is None:
        return scene.reader.say("letters.hide" if value else "letters.show")
    question = scene.questions.get(key or "")
    if question and question.choices and isinstance(value, str):
        words = {each.name: scene.reader.label(each.label) for each in question.choices}
        return scene.reader.say("line.and").join(words.get(each, each) for each in value.split(" "))
    return scene.reader.value(declared, value)


def _letter(scene: Scene, candidate: Json, pieces: tuple[Piece, ...], lines: Sequence[Line]) -> Letter:
    reader = scene.reader
    via = candidate.get("via")
    made, received = str(candidate["made_at"]), str(candidate["received_at"])
    late = from_text(received) - from_text(made) > _LATE
    return Letter(
        title="",
        button="",
        pieces=pieces,
        who=reader.name(candidate["by"]),
        captured=reader.when(made),
        received=reader.when(received) if late else None,
        via=reader.say("letters.via", name=reader.name(via)) if via else "",
        lines=tuple(lines),
        pictures=_pictures(scene, candidate.get("set") or {}),
        change=str(candidate["change"]),
        fresh=scene.known is not None and candidate["by"] != scene.me and int(candidate["seq"]) > scene.known,
    )


def _as_it_stands(scene: Scene) -> Letter:
    """The other side of a hiding: what others wrote that it had not seen."""
    reader = scene.reader
    names = dict.fromkeys(reader.name(each["by"]) for each in scene.opposite)
    lines = [
        replace(line, label=reader.say("letters.wrote", name=reader.name(each["by"]), field=line.label))
        for each in scene.opposite[-MOST_TOLD:]
        for line in said(each.get("set") or {}, scene.type, reader)
    ]
    last = scene.opposite[-1] if scene.opposite else None
    return Letter(
        title="",
        button="",
        pieces=(Piece(reader.say("letters.show"), same=False),),
        who=reader.say("line.and").join(names),
        captured=reader.when(str(last["made_at"])) if last else None,
        received=None,
        via="",
        lines=tuple(lines),
        pictures=(),
        change="",
    )


def _named(reader: Reader, letters: Sequence[Letter]) -> list[Letter]:
    if len(letters) == 2:
        names = ("left", "right")
        return [
            replace(each, title=reader.say(f"letters.{name}"), button=reader.say(f"letters.use_{name}"))
            for each, name in zip(letters, names, strict=True)
        ]
    return [
        replace(each, title=reader.say("letters.nth", n=n), button=reader.say("letters.use_nth", n=n))
        for n, each in enumerate(letters, 1)
    ]


def _pictures(scene: Scene, written: Json) -> tuple[Picture, ...]:
    found: list[Picture] = []
    for each in scene.type.picture_fields:
        for sha, entry in (written.get(each.name) or {}).items():
            if entry and each.name == "photos":
                full = scene.photo(sha, "full") if scene.here.get(sha) == "full" else ""
                small = scene.photo(sha, "preview") if sha in scene.here else ""
                found.append(Picture(small, full, scene.reader.say("letters.picture", n=len(found) + 1), ""))
    return tuple(found)
