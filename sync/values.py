"""Is a value one that its field may hold? Checks compiled once per type, from the declaration. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, TypeGuard

from sync.clock import from_text
from sync.ids import is_change_id, is_id
from sync.types import Field, Kind, RecordType

Errors = dict[str, list[str]]
"""Field -> what is wrong with it, in Chinese and English."""
Check = Callable[[Any], str | None]
"""value -> what is wrong with it, or None."""

MAX_KEY: Final = 100
MAX_LEVELS: Final = 64
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(value: object) -> TypeGuard[str]:
    """Is it a SHA-256 in hex?"""
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


REQUIRED: Final = "必填 · required"
UNKNOWN: Final = "没有这一项 · no such field"
NOT_CLEARED: Final = "不能清空 · cannot be cleared"


def named(key: object) -> str:
    """A key that somebody sent, as it can be said in an error."""
    return str(key)[:60].encode(errors="replace").decode().replace("\x00", "?")


def _text(limit: int) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "要文字 · must be text"
        if len(value) > limit:
            return f"最多 {limit} 字 · at most {limit} characters"
        if "\x00" in value or not (value.isascii() or _encodes(value)):
            return "有不能保存的字符 · has characters that cannot be stored"
        return None

    return check


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer(value: Any) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return None if fits else "要整数 · must be a whole number"


def _is_number(value: Any) -> bool:
    """A whole one no larger than JSON can carry everywhere, or any other."""
    if type(value) is int:
        return abs(value) < 2**63
    return isinstance(value, float) and math.isfinite(value)


def _number(value: Any) -> str | None:
    return None if _is_number(value) else "要数字 · must be a number"


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "要是或否 · must be true or false"


def _instant(value: Any) -> str | None:
    try:
        good = isinstance(value, str) and len(value) <= 35 and from_text(value) is not None
    except (ValueError, OverflowError):
        good = False
    return None if good else "要时刻,如 2026-06-13T08:40:12.123Z · must be an instant like 2026-06-13T08:40:12.123Z"


def _date(value: Any) -> str | None:
    try:
        good = isinstance(value, str) and len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        good = False
    return None if good else "要日期,如 2026-06-13 · must be a date like 2026-06-13"


def _levels(value: Any) -> str | None:
    fits = isinstance(value, list) and len(value) <= MAX_LEVELS and all(_is_level(each) for each in value)
    return (
        None
        if fits
        else f"要最多 {MAX_LEVELS} 个 0 到 31 的整数 · must be at most {MAX_LEVELS} whole numbers from 0 to 31"
    )


def _is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 31


def _ref(value: Any) -> str | None:
    return None if is_id(value) else "要编号(UUID) · must be an id (UUID)"


def _one_of(values: Iterable[str]) -> Check:
    allowed = frozenset(values)
    words = ", ".join(sorted(allowed))

    def check(value: Any) -> str | None:
        good = isinstance(value, str) and value in allowed
        return None if good else f"只能选 · must be one of: {words}"

    return check


def _geo(value: Any) -> str | None:
    if not isinstance(value, dict) or not {"lat", "lon"} <= value.keys() <= {"lat", "lon", "accuracy", "source"}:
        return "要 lat 和 lon · must have lat and lon (and may have accuracy, source)"
    if not all(_is_number(value.get(key, 0)) for key in ("lat", "lon", "accuracy")):
        return _number(None)
    if abs(value["lat"]) > 90 or abs(value["lon"]) > 180:
        return "不在地球上 · lat must be within ±90, lon within ±180"
    return _text(40)(value.get("source", ""))


def _step(states: Iterable[str]) -> Check:
    state = _one_of(states)

    def check(value: Any) -> str | None:
        if not isinstance(value, dict) or value.keys() != {"from", "to", "cycle"}:
            return "要 from、to、cycle · must have from, to and cycle"
        if _integer(value["cycle"]) or not 1 <= value["cycle"] <= 10_000:
            return "cycle 从 1 起 · cycle must be 1 or more"
        return state(value["to"]) or (None if value["from"] is None else state(value["from"]))

    return check


def _json_safe(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and _encodes(value)
    if isinstance(value, dict):
        return all(_json_safe(key) and _json_safe(each) for key, each in value.items())
    if isinstance(value, list):
        return all(map(_json_safe, value))
    return value is None or isinstance(value, bool) or (_is_number(value) and abs(value) < 2**63)


def _json(shape: Mapping[str, Kind] | None, limit: int) -> Check:
    checks = {key: _of_kind(kind, limit) for key, kind in (shape or {}).items()}

    def fits(value: dict[str, Any]) -> bool:
        """Has it the shape? What the checks of its keys let through, JSON can carry."""
        for key, each in value.items():
            inner = checks.get(key)
            if inner is None or (each is not None and inner(each)):
                return False
        return True

    def check(value: Any) -> str | None:
        if isinstance(value, dict) and shape is not None and fits(value):
            return None
        if not isinstance(value, dict) or not _json_safe(value):
            return "要一个 JSON 对象 · must be a JSON object"
        if shape is None:
            return None
        for key, each in value.items():
            if key not in checks:
                return f"没有「{key}」 · has no key {key!r}; may have: {', '.join(checks)}"
            wrong = None if each is None else checks[key](each)
            if wrong:
                return f"{key}: {wrong}"
        return None

    return check


def _of_kind(kind: Kind, limit: int) -> Check:
    simple: dict[Kind, Check] = {
        "integer": _integer,
        "number": _number,
        "boolean": _boolean,
        "instant": _instant,
        "date": _date,
        "ref": _ref,
        "geo": _geo,
        "levels": _levels,
    }
    if kind == "json":
        return _json(None, limit)
    return simple.get(kind) or _text(limit)


def value_check(field: Field) -> Check:
    """The check of one value (of a keyed field: of one entry) in its form in `set`."""
    choices = [choice.value for choice in field.choices]
    if field.rule == "keep_all":
        return _note(field.max_length)
    if field.kind == "step":
        return _step(choices)
    if field.kind == "json":
        return _json(field.shape, field.max_length)
    if field.kind == "enum":
        return _one_of(choices)
    return _of_kind(field.kind, field.max_length)


def _note(limit: int) -> Check:
    text = _text(limit)

    def check(value: Any) -> str | None:
        if not isinstance(value, dict) or not {"text"} <= value.keys() <= {"text", "replaces"}:
            return "要 text · must have text (and may have replaces)"
        replaces = value.get("replaces") or []
        if not isinstance(replaces, list) or len(replaces) > 50 or not all(map(is_change_id, replaces)):
            return "replaces 要一组改动编号 · replaces must be a list of change ids"
        return text(value["text"])

    return check


def _key_check(field: Field) -> Check:
    text = _text(MAX_KEY)

    def check(key: Any) -> str | None:
        if field.pictures and not is_sha256(key):
            return "键要 SHA-256 · each key must be a SHA-256 in hex"
        return text(key) or (None if key else "键不能空 · a key must not be empty")

    return check


def _keyed(field: Field) -> Check:
    entry, key_check = value_check(field), _key_check(field)

    def check(value: Any) -> str | None:
        if not isinstance(value, dict) or not 1 <= len(value) <= field.max_keys:
            return f"要 1 到 {field.max_keys} 项的对象 · must be an object of 1 to {field.max_keys} entries"
        for key, each in value.items():
            # Most keys are plain names; what is not is looked at closely.
            plain = not field.pictures and key.isidentifier() and key.isascii() and len(key) <= MAX_KEY
            wrong = (None if plain else key_check(key)) or (None if each is None else entry(each))
            if wrong:
                return f"{str(key)[:MAX_KEY]!r}: {wrong}"
        return None

    return check


def _single(field: Field) -> Check:
    entry = value_check(field)
    may_clear = not (field.required or field.rule in ("fixed", "furthest", "keep_all"))

    def check(value: Any) -> str | None:
        if value is None:
            return None if may_clear else NOT_CLEARED
        return entry(value)

    return check


def field_check(field: Field) -> Check:
    """The check of what may stand in `set` under the field's name."""
    return _keyed(field) if field.is_keyed else _single(field)


class TypeCheck:
    """The compiled checks of one record type."""

    def __init__(self, record_type: RecordType) -> None:
        self._checks = {each.name: field_check(each) for each in record_type.fields}
        self._required = [each.name for each in record_type.fields if each.required]
        self._unfit = record_type.unfit

    def __call__(self, values: Mapping[str, Any], *, create: bool) -> Errors:
        """What is wrong with a `set`: field -> texts; empty when all is well."""
        errors: Errors = {}
        for name, value in values.items():
            check = self._checks.get(name)
            wrong = check(value) if check else UNKNOWN
            if wrong:
                errors[named(name)] = [wrong]
        if create:
            errors |= {name: [REQUIRED] for name in self._required if values.get(name) is None}
        return errors or dict(self._unfit(values))
