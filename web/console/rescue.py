"""Handing in a rescue file (L5): the phone found no line, the file came on foot. The same door, the true author, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import FileStorage

from api import identity
from api.guard import needs, takes_up_to
from api.services import current
from domain import places, rescue
from domain.access import Person, can_decide
from domain.powers import CASE
from domain.records import TYPES
from domain.rescue import RescueError, RescueFile
from sync.blobs import StoreDownError
from sync.clock import from_text
from sync.uploads import Upload, UploadError
from web.console.blueprint import blp
from web.console.marks import Mark
from web.console.parked import counts
from web.console.reader import Reader, When
from web.console.reading import reader_among
from web.console.said import said
from web.console.views import category_of

Json = Mapping[str, Any]
ROOM: Final = 1024 * 1024
"""Bytes of a form beside the file."""
_KNOWN: Final = frozenset({"applied", "merged", "conflict"})
MOST_SHOWN: Final = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One change of the file, and what became of it."""

    when: When | None
    what: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the page says when a file has been taken."""

    who: str
    made: When | None
    lines: tuple[Line, ...]
    waiting: int
    known: int
    other: int
    pictures: int
    left_pictures: int


@blp.get("/rescue", endpoint="rescue")
@needs(can_decide)
def rescue_page() -> str:
    """Where a rescue file is handed in."""
    return render_template("console/rescue.html", here="parked", problem="", done=None, **counts(identity.person()))


@blp.post("/rescue")
@needs(can_decide)
@takes_up_to(rescue.MAX_PACKED + ROOM)
def hand_in() -> Response:
    """Take a rescue file: as a whole, or with a word about why not, and then nothing of it is stored."""
    person = identity.person()
    sent = request.files.get("file")
    problem, done = "", None
    try:
        if sent is None or not sent.filename:
            raise RescueError("no_file")
        done = _taken(person, sent)
    except RescueError as error:
        problem = error.code
    page = render_template("console/_rescue.html", answer=True, problem=problem, done=done, **counts(person))
    return make_response(page, 422 if problem else 200)


def _taken(person: Person, sent: FileStorage) -> HandedIn:
    file = rescue.read(sent.stream)
    with current().database.read() as conn:
        owner = rescue.owner(conn, file)
    mine = [each for each in file.changes if _may_take(person, each)]
    receipts = current().engine.hand_in(person, file.account, file.device, mine)
    answers = {id(change): receipt for change, receipt in zip(mine, receipts, strict=True)}
    pictures = sum(_keep(file, sha, length) for sha, length in file.pictures.items())
    reader = _reader(person, file)
    lines = [_line(reader, each, answers.get(id(each))) for each in file.changes]
    became = Counter(_kind(answers.get(id(each))) for each in file.changes)
    return HandedIn(
        who=owner.name,
        made=_when(reader, file.made_at),
        lines=tuple(lines[:MOST_SHOWN]),
        waiting=became["waiting"],
        known=became["known"],
        other=became["other"] + became["refused"],
        pictures=pictures,
        left_pictures=len(file.pictures) - pictures,
    )


def _may_take(person: Person, change: Any) -> bool:
    """Only what is written for a book in which this person decides; others have their own desk."""
    return isinstance(change, dict) and isinstance(change.get("book"), str) and can_decide(person, change["book"])


def _keep(file: RescueFile, sha256: str, length: int) -> bool:
    """One picture through the same door as an upload: named by its author, hash, real format, no metadata."""
    uploads = current().uploads
    if length == 0 or not current().engine.may_upload(file.account, sha256):
        return False
    try:
        begun: Upload = uploads.create(file.account, sha256, length)
        if not begun.done:
            uploads.receive(begun, begun.offset, _from(file.chunks(sha256), begun.offset))
    except (UploadError, StoreDownError):
        return False
    return True


def _from(chunks: Iterable[bytes], offset: int) -> Iterable[bytes]:
    """The bytes from `offset` on: the phone may have sent the beginning before its line went."""
    for chunk in chunks:
        if offset < len(chunk):
            yield chunk[offset:]
        offset = max(0, offset - len(chunk))


# ------------------------------------------------------------------------------------------------------- saying it


def _reader(person: Person, file: RescueFile) -> Reader:
    sound = [each for each in file.changes if isinstance(each, dict)][:MOST_SHOWN]
    books = {str(each.get("book")) for each in sound}
    with current().database.read() as conn:
        reader = reader_among(conn, (), [each.get("set") for each in sound])
        named = {id: place.name for id, place in places.named(conn, books).items()}
    return Reader(reader.language, reader.now, reader.names, {**reader.places, **named})


def _kind(receipt: Json | None) -> str:
    if receipt is None:
        return "other"
    return "waiting" if receipt["outcome"] == "held" else "known" if receipt["outcome"] in _KNOWN else "refused"


def _line(reader: Reader, change: Any, receipt: Json | None) -> Line:
    if not isinstance(change, dict):
        return Line(None, reader.say("parked.unknown"), Mark("circle-alert", reader.say("rescue.unreadable"), "urgent"))
    return Line(_when(reader, change.get("made_at")), _what(reader, change), _mark(reader, change, receipt))


def _what(reader: Reader, change: Json) -> str:
    """What a change is about and what it says, in a line."""
    type = TYPES.get(str(change.get("type")))
    written = change.get("set")
    if type is None or not isinstance(written, Mapping):
        return reader.say("parked.unknown") if type is None else reader.label(type.labels)
    title = category_of(written, type, reader) if type.name == CASE else reader.label(type.labels)
    try:
        told = [each.words for each in said(written, type, reader, leave=_aside(type.by_name)) if each.words]
    except (AttributeError, KeyError, TypeError, ValueError):  # nobody has checked it yet
        told = []
    return " · ".join([title, *(each[:80] for each in told[:4])])


def _aside(fields: Iterable[str]) -> frozenset[str]:
    """What a line has no room for."""
    kept = {"description", "additions", "status", "place_note", "photos", "resolution", "place_id", "label"}
    return frozenset(fields) - kept


def _mark(reader: Reader, change: Json, receipt: Json | None) -> Mark:
    if receipt is None:
        return Mark(
            "corner-down-right", reader.say("rescue.other_desk", place=reader.place(change.get("book"))), "again"
        )
    if receipt["outcome"] == "held":
        return Mark("circle-pause", reader.say("rescue.waits"), "again")
    if receipt["outcome"] in _KNOWN:
        return Mark("check", reader.say("rescue.known"), "done")
    return Mark("circle-alert", reader.say(f"receipt.reasons.{receipt['reason']}"), "urgent")


def _when(reader: Reader, at: Any) -> When | None:
    try:
        return reader.when(from_text(str(at)))
    except (ValueError, OverflowError, OSError):
        return None
