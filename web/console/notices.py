"""Notices at the desk: writing, publishing, correcting, withdrawing; and who knows, by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Response, make_response, render_template, request, url_for
from marshmallow import ValidationError

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import accounts, notices
from domain.access import Person, can_decide
from domain.days import local
from domain.notices import Coverage, Notice
from domain.records.notice import KINDS, NOTICE, PUBLISHES
from domain.roles import ROLES, STAFF
from sync.clock import from_text
from web.console import notice_forms, receipts
from web.console.blueprint import blp
from web.console.changes import Form
from web.console.forms import Choice
from web.console.marks import Mark
from web.console.parked import counts
from web.console.reader import Reader, When
from web.console.receipts import Notice as Said
from web.i18n import current_language, label, t

Json = dict[str, Any]
HOWS: Final = ("save", "publish", "correct", "withdraw")
_OUTCOME: Final = "X-Gridwalk-Outcome"
_MARKS: Final = {
    "draft": Mark("circle", "draft", "quiet"),
    "scheduled": Mark("clock-alert", "scheduled", "again"),
    "published": Mark("check", "published", "done"),
    "expired": Mark("minus", "expired", "quiet"),
    "withdrawn": Mark("x", "withdrawn", "urgent"),
}


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    href: str
    title: str
    place: str
    mark: Mark
    when: When | None
    known: str


@dataclass(frozen=True, slots=True)
class Place:
    """Who knows at one place; the names for the author only."""

    name: str
    said: int
    of: int
    known: str
    open: str


@dataclass(slots=True)
class Sheet:
    """The page of one notice: what stands in its form, and what there is around it."""

    id: str
    seq: int
    book: str
    status: str
    mark: Mark
    place: str
    values: Json
    books: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    roles: tuple[Choice, ...]
    drafts: tuple[tuple[str, str, When], ...] = ()
    places: tuple[Place, ...] = ()
    published: When | None = None
    due: When | None = None
    until: When | None = None
    pictures: tuple[str, ...] = ()
    may_write: bool = True
    mine: bool = True
    errors: Json = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """It is still being written."""
        return self.status in {"", "draft"}


@blp.get("/notices", endpoint="notices")
@needs(can_decide)
def all_notices() -> str:
    """The newest first, and where to write one."""
    person = identity.person()
    with current().database.read() as conn:
        found = notices.in_sight(conn, person)
        known = {each.id: notices.coverage(conn, person, each, _now()) for each in found if _is_asked(each)}
    reader = _reader({})
    rows = [_row(each, person, reader, known.get(each.id, ())) for each in found]
    return render_template("console/notices.html", here="notices", rows=rows, **counts(person))


@blp.get("/notices/new", endpoint="notice_new")
@needs(can_decide)
def new_notice() -> str:
    """An empty sheet, or the words of an earlier one (`like`) to be used again."""
    person = identity.person()
    like = request.args.get("like", "")[:36]
    with current().database.read() as conn:
        before = notices.one(conn, person, like) if like else None
    return _page(person, _blank(person, before))


@blp.get("/notices/<string:notice>", endpoint="notice")
@needs(can_decide)
def one_notice(notice: str) -> str:
    person = identity.person()
    return _page(person, _sheet(person, _load(person, notice)))


@blp.post("/notices/<string:notice>/<string:how>", endpoint="notice_act")
@needs(can_decide)
def act(notice: str, how: str) -> Response:
    """One button of a notice. `notice` may be one that is not there yet: its id came with the form."""
    person = identity.person()
    if how not in HOWS:
        raise ProblemError("not_found")
    with current().database.read() as conn:
        found = notices.one(conn, person, notice)
    if found is None and how not in {"save", "publish"}:
        raise ProblemError("not_found")
    sent = request.form.to_dict(flat=False)
    try:
        data = notice_forms.read(sent, _schema(how))
    except ValidationError as error:
        return _wrong(person, notice, found, sent, error.messages_dict)
    receipt = _write(person, notice, found, how, data)
    reader = _reader({})
    said = receipts.explain(receipt, current().engine.types[NOTICE], reader, reader.say(f"notices.{how}"))
    if not said.taken:
        return _wrong(person, notice, found, sent, {}, said)
    answer = _answer(person, _sheet(person, _load(person, notice)), said)
    answer.headers["HX-Push-Url"] = url_for("console.notice", notice=notice)
    return answer


def _schema(how: str) -> type[Form]:
    schemas = {"save": notice_forms.Words, "publish": notice_forms.Published, "correct": notice_forms.Corrected}
    return schemas.get(how, notice_forms.Acted)


def _write(person: Person, id: str, found: Notice | None, how: str, data: Json) -> Json:
    before = found.fields if found else {}
    if how == "withdraw":
        written: Json = {"status": {"from": data["come_from"], "to": "withdrawn", "cycle": 1}}
    elif how == "correct":
        written = notice_forms.corrects(data, before)
    else:
        written = notice_forms.writes(data, before, publish=how == "publish", now=_now())
    if found is None:
        written = notice_forms.without_empty(written)
    book = found.book if found else str(data["book"])
    if book not in person.powers:
        raise ProblemError("not_found")
    create, seen = found is None, 0 if found is None else int(data["seen"])
    return current().engine.edit(
        person,
        book=book,
        record=id,
        type=NOTICE,
        seen=seen,
        set=written or {"title": before.get("title")},
        create=create,
    )


# ------------------------------------------------------------------------------------------------------- the page


def _now() -> int:
    return current().clock.now()


def _reader(names: Mapping[str, str]) -> Reader:
    return Reader(current_language(), _now(), names)


def _load(person: Person, id: str) -> Notice:
    with current().database.read() as conn:
        found = notices.one(conn, person, id)
    if found is None:
        raise ProblemError("not_found")
    return found


def _is_asked(notice: Notice) -> bool:
    return bool(notice.fields.get("needs_ack")) and notice.published_at is not None


def _row(notice: Notice, person: Person, reader: Reader, known: Sequence[Coverage]) -> Row:
    said, of = sum(each.said for each in known), sum(each.of for each in known)
    since = _due(notice) or notice.published_at or notice.made_at
    return Row(
        id=notice.id,
        href=url_for("console.notice", notice=notice.id),
        title=str(notice.fields.get("title") or reader.say("notices.untitled")),
        place=_place_name(person, notice.book),
        mark=_mark(notice.status, reader),
        when=reader.when(since),
        known=reader.say("notices.known_of", said=said, of=of) if known else "",
    )


def _due(notice: Notice) -> int | None:
    """When it will go out, if it waits for that."""
    said = notice.fields.get("publish_at") if notice.status == "scheduled" else None
    return from_text(said) if said else None


def _mark(status: str, reader: Reader) -> Mark:
    found = _MARKS[status or "draft"]
    states = current().engine.types[NOTICE].by_name["status"].choices
    word = next((reader.label(each.labels) for each in states if each.value == found.word), found.word)
    return Mark(found.shape, word, found.tone)


def _place_name(person: Person, book: str) -> str:
    place = person.places.get(book)
    return place.name if place else ""


def _publishing_books(person: Person) -> tuple[Choice, ...]:
    return tuple((book, person.places[book].name, "") for book in person.powers if person.is_one_of(PUBLISHES, book))


def _blank(person: Person, like: Notice | None) -> Sheet:
    values = _values(like, person) if like else {"audience": [], "kind": "general"}
    books = _publishing_books(person)
    own = like.book if like and any(like.book == book for book, _, _ in books) else books[0][0]
    reader = _reader({})
    return Sheet(
        id=current().engine.ids.new(),
        seq=0,
        book=own,
        status="",
        mark=_mark("", reader),
        place=_place_name(person, own),
        values={**values, "publish_at": "", "expire_at": ""},
        **_offered(person),
    )


def _offered(person: Person) -> dict[str, Any]:
    kinds = tuple((each.value, label(each.labels), "") for each in KINDS)
    roles = tuple((role, t(f"roles.{role}"), "") for role in ROLES if role in STAFF)
    return {"books": _publishing_books(person), "kinds": kinds, "roles": roles}


def _sheet(person: Person, notice: Notice) -> Sheet:
    with current().database.read() as conn:
        known = notices.coverage(conn, person, notice, _now()) if _is_asked(notice) else []
        drafts = notice.fields.get("draft") or []
        wanted = {each["by"] for each in drafts} | {who for each in known for who in (*each.known, *each.open)}
        reader = _reader(accounts.names(conn, wanted))
    until, due = notice.fields.get("expire_at"), _due(notice)
    values = _values(notice, person)
    several = len(drafts) > 1 or notice.status == "withdrawn"
    kept = [each for each in drafts if several and (notice.status == "draft" or each["text"] != values["body"])]
    return Sheet(
        id=notice.id,
        seq=notice.seq,
        book=notice.book,
        status=notice.status,
        mark=_mark(notice.status, reader),
        place=_place_name(person, notice.book),
        values=values,
        drafts=tuple((each["text"], reader.name(each["by"]), reader.when(each["at"])) for each in kept),
        places=tuple(_place(each, person, reader) for each in known),
        published=reader.when(notice.published_at) if notice.published_at else None,
        due=reader.when(due) if due else None,
        until=reader.when(until) if until else None,
        pictures=tuple(notice.fields.get("photos") or {}),
        may_write=person.is_one_of(PUBLISHES, notice.book),
        mine=notice.by == person.account,
        **_offered(person),
    )


def _place(found: Coverage, person: Person, reader: Reader) -> Place:
    known, left = (reader.say("line.and").join(map(reader.name, each)) for each in (found.known, found.open))
    return Place(_place_name(person, found.place), found.said, found.of, known, left)


def _values(notice: Notice, person: Person) -> Json:
    """What stands in the fields of the form: the own draft first, else the earliest one, else what was published."""
    fields = notice.fields
    drafts = fields.get("draft") or []
    own = [each["text"] for each in drafts if each["by"] == person.account] or [each["text"] for each in drafts]
    body = (own[-1] if own and notice.status in {"draft", "withdrawn"} else None) or fields.get("body") or ""
    words: Json = {"title": fields.get("title") or "", "body": body, "kind": fields.get("kind") or "general"}
    for tag, text in (fields.get("translations") or {}).items():
        words |= {f"title_{tag}": text.get("title", ""), f"body_{tag}": text.get("body", "")}
    return {
        **words,
        "audience": [role for role, meant in (fields.get("audience") or {}).items() if meant],
        "needs_ack": bool(fields.get("needs_ack")),
        "publish_at": _minute(fields.get("publish_at")),
        "expire_at": _minute(fields.get("expire_at"))[:10],
    }


def _minute(at: str | None) -> str:
    return f"{local(from_text(at)):%Y-%m-%dT%H:%M}" if at else ""


def _page(person: Person, sheet: Sheet) -> str:
    return render_template("console/notice.html", **_around(person, sheet, None))


def _around(person: Person, sheet: Sheet, notice: Said | None) -> Json:
    return {
        **counts(person),
        "here": "notices",
        "sheet": sheet,
        "notice": notice,
        "languages": notice_forms.OTHERS,
        "most_title": notice_forms.MOST_TITLE,
        "most_body": notice_forms.MOST_BODY,
    }


def _answer(person: Person, sheet: Sheet, notice: Said, status: int = 200) -> Response:
    page = render_template("console/_board_notice.html", **_around(person, sheet, notice))
    response = make_response(page, status)
    response.headers[_OUTCOME] = notice.outcome
    return response


def _wrong(
    person: Person, id: str, found: Notice | None, sent: Mapping[str, list[str]], errors: Json, said: Said | None = None
) -> Response:
    """The form comes back with what was typed, and a word about what was wrong."""
    sheet = _sheet(person, found) if found else _blank(person, None)
    typed = {name: value[0] for name, value in sent.items() if value}
    sheet.values = {**sheet.values, **typed, "audience": sent.get("audience", []), "needs_ack": "needs_ack" in sent}
    sheet.id, sheet.book = id, str(typed.get("book") or sheet.book)
    sheet.errors = {name: t(f"console.errors.{words[0]}") for name, words in errors.items() if isinstance(words, list)}
    return _answer(person, sheet, said or receipts.invalid(_reader({})), 422)
