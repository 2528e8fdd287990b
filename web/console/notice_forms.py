"""The forms of a notice -> what they change: the `set` of one change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from api.catalogue import DEFAULT, LANGUAGES
from domain.days import ZONE
from domain.records.notice import ASKS, KINDS
from domain.roles import STAFF
from sync.clock import from_text, to_text
from web.console.changes import Day, Form, Photos

Json = dict[str, Any]
MOST_TITLE: Final = 60
MOST_BODY: Final = 4000
OTHERS: Final = tuple(each for each in LANGUAGES if each != DEFAULT)
"""Languages that a notice may be given in beside its own."""
_PICTURE: Final = ("type", "bytes", "width", "height", "preview", "taken_at")


class Minute(fields.Field[str]):
    """A minute of the place's calendar (`2026-06-13T08:40`) -> an instant; empty -> None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(str(value)).replace(tzinfo=ZONE)
        except ValueError as error:
            raise ValidationError("bad_date") from error
        if not 2000 <= moment.year <= 2200:
            raise ValidationError("bad_date")
        return to_text(round(moment.timestamp()) * 1000)


class Words(Form):
    """What a notice says, and to whom."""

    book = fields.String(required=True, validate=validate.Length(min=1, max=36, error="choose_one"))
    kind = fields.String(
        load_default="general", validate=validate.OneOf([each.value for each in KINDS], error="choose_one")
    )
    title = fields.String(load_default="", validate=validate.Length(max=MOST_TITLE, error="too_long"))
    body = fields.String(load_default="", validate=validate.Length(max=MOST_BODY, error="too_long"))
    audience = fields.List(fields.String(validate=validate.OneOf(sorted(STAFF), error="choose_one")), load_default=list)
    needs_ack = fields.Boolean(load_default=False)
    publish_at = Minute(load_default=None)
    expire_at = Day(load_default=None)
    photos = Photos(load_default=dict)


class Published(Words):
    """Nothing empty goes out."""

    title = fields.String(
        required=True,
        validate=[validate.Length(min=1, error="required"), validate.Length(max=MOST_TITLE, error="too_long")],
        error_messages={"required": "required"},
    )
    body = fields.String(
        required=True,
        validate=[validate.Length(min=1, error="required"), validate.Length(max=MOST_BODY, error="too_long")],
        error_messages={"required": "required"},
    )


class Corrected(Published):
    book = fields.String(load_default="")


class Acted(Form):
    """A button without anything typed."""


def read(sent: Mapping[str, Any], schema: type[Form], lists: tuple[str, ...] = ("audience",)) -> Json:
    """The form as data. ValidationError with the words' keys by field."""
    given = {name: (value if name in lists else value[0]) for name, value in sent.items() if value}
    data: Json = schema().load(given)
    return {**data, "translations": translations(sent)}


def translations(sent: Mapping[str, Any]) -> Json:
    """{tag: {"title", "body"}} of what was typed; an empty text takes the translation away."""
    found: Json = {}
    for tag in OTHERS:
        title, body = ((sent.get(f"{name}_{tag}") or [""])[0].strip() for name in ("title", "body"))
        found[tag] = {"title": title[:MOST_TITLE], "body": body[:MOST_BODY]} if body else None
    return found


def writes(data: Json, before: Mapping[str, Any], *, publish: bool, now: int) -> Json:
    """The `set` of a notice that is being written: a draft, or published with these words (later, if so wanted)."""
    state = (before.get("status") or {}).get("status")
    kind = data["kind"]
    written: Json = {
        "kind": kind,
        "title": data["title"],
        "needs_ack": bool(data["needs_ack"]) and kind in ASKS,
        "expire_at": data["expire_at"],
        **_audience(data["audience"], before),
        **_translated(data["translations"], before),
        **pictures(data["photos"]),
    }
    later = bool(data["publish_at"]) and from_text(data["publish_at"]) > now
    if publish:
        to = "scheduled" if later else "published"
        written |= {"body": data["body"], "status": {"from": state, "to": to, "cycle": 1}}
    else:
        written["draft"] = {"text": data["body"]}
        if state is None:
            written["status"] = {"from": None, "to": "draft", "cycle": 1}
    return written | ({"publish_at": data["publish_at"]} if later or not publish else {})


def corrects(data: Json, before: Mapping[str, Any]) -> Json:
    """The `set` of a correction: only what is said otherwise than before."""
    words = {name: data[name] for name in ("title", "body") if data[name] != before.get(name)}
    return {**words, **_translated(data["translations"], before)}


def _audience(chosen: list[str], before: Mapping[str, Any]) -> Json:
    """Keyed: whoever was chosen before and is not now is taken out."""
    gone = {role: None for role in before.get("audience") or {} if role not in chosen}
    changed = {**gone, **dict.fromkeys(chosen, True)}
    return {"audience": changed} if changed else {}


def _translated(wanted: Json, before: Mapping[str, Any]) -> Json:
    stands = before.get("translations") or {}
    changed = {tag: text for tag, text in wanted.items() if text != stands.get(tag)}
    return {"translations": changed} if changed else {}


def pictures(photos: Json) -> Json:
    named = {sha: {name: each[name] for name in _PICTURE if name in each} for sha, each in photos.items()}
    return {"photos": named} if named else {}


def without_empty(written: Json) -> Json:
    """A creation names only what it says."""
    return {name: value for name, value in written.items() if value not in (None, {}, "")}
