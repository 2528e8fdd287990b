"""Reading a CHANGE as it came over the wire. Pure: what is wrong with one never touches another (X5)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from sync.clock import from_text
from sync.ids import is_change_id, is_id
from sync.protocol import MAX_CALL_DEPTH, MAX_CHANGE, MAX_CHANGE_DEPTH, CallError
from sync.values import Errors, named

_NEEDED: Final = frozenset({"id", "book", "record", "type", "schema", "seen", "made_at"})
_LATEST: Final = 253402300799_000
"""9999-12-31: no instant on the wire is later."""


class Change(NamedTuple):
    """One well-formed change. Times in milliseconds; `values` is its `set` as it was sent; `body` is it, whole.

    (A tuple, for a call may bring five hundred.)
    """

    id: str
    book: str
    record: str
    type: str
    schema: int
    epoch: str | None
    seen: int
    made_at: int
    create: bool
    values: dict[str, Any]
    void: bool | None
    body: str
    hash: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A change that cannot be read: why, and whatever of it could be made out."""

    reason: str
    errors: Errors
    body: str
    hash: str
    id: str | None = None
    book: str | None = None
    record: str | None = field(default=None)


def canonical(raw: Any) -> bytes:
    """The one form of a JSON value that is hashed and kept: keys sorted, no spaces, UTF-8."""
    try:
        return orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # What orjson will not write (a lone surrogate, a huge integer) is kept in plain ASCII.
        return json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()


def digest_of(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def depth(value: Any, limit: int) -> int:
    """How deep a JSON value nests, counted no further than `limit` + 1."""
    level, here = 0, [value] if isinstance(value, (dict, list)) else []
    while here:
        level += 1
        if level > limit:
            break
        # Level by level, and only what nests: nearly everything is a text or a number.
        inside: list[Any] = []
        for each in here:
            for inner in each.values() if isinstance(each, dict) else each:
                if isinstance(inner, (dict, list)):
                    inside.append(inner)  # noqa: PERF401 - a comprehension over both kinds would ask twice
        here = inside
    return level


def read_change(raw: Any) -> Change | Malformed:
    """One element of `changes`, checked for its own form (not yet for what its record type says). CallError `malformed`
    where it nests so deep that the call around it nests too deep."""
    try:
        data = canonical(raw)
        brackets = data.count(b"{") + data.count(b"[")
    except RecursionError:
        data, brackets = b"null", MAX_CALL_DEPTH
    # Nothing nests deeper than it has brackets, and nearly every change has fewer than it may nest.
    deep = depth(raw, MAX_CALL_DEPTH) if brackets > MAX_CHANGE_DEPTH else 0
    if deep + 2 > MAX_CALL_DEPTH:
        raise CallError("malformed", key="", wish=f"nested no deeper than {MAX_CALL_DEPTH}")
    body, digest = data.decode(), digest_of(data)
    if len(data) > MAX_CHANGE:
        return _malformed(raw, "too_large", {"change": [_TOO_LARGE]}, body, digest)
    if deep > MAX_CHANGE_DEPTH:
        return _malformed(raw, "malformed", {"change": [_TOO_DEEP]}, body, digest)
    if not _is_sound(raw):
        return _malformed(raw, "malformed", _form_errors(raw), body, digest)
    return Change(
        raw["id"],
        raw["book"],
        raw["record"],
        raw["type"],
        raw["schema"],
        raw.get("epoch"),
        raw["seen"],
        from_text(raw["made_at"]),
        raw.get("create") is True,
        raw.get("set") or {},
        raw.get("void"),
        body,
        digest,
    )


_TOO_LARGE: Final = f"超过 {MAX_CHANGE // 1024} KiB · larger than {MAX_CHANGE // 1024} KiB"
_TOO_DEEP: Final = f"嵌套超过 {MAX_CHANGE_DEPTH} 层 · nested deeper than {MAX_CHANGE_DEPTH}"


def _malformed(raw: Any, reason: str, errors: Errors, body: str, digest: str) -> Malformed:
    got = raw if isinstance(raw, dict) else {}

    def sound(key: str, good: Any) -> Any:
        return got.get(key) if good(got.get(key)) else None

    return Malformed(
        reason, errors, body, digest, sound("id", is_change_id), sound("book", is_id), sound("record", is_id)
    )


def _is_sound(raw: Any) -> bool:
    """Has it the form of a change? What is wrong with one that has not, `_form_errors` says."""
    if not isinstance(raw, dict) or not raw.keys() >= _NEEDED:
        return False
    for key, value in raw.items():
        form = _FORMS.get(key)
        if form is None or not form[0](value):
            return False
    return True


def _form_errors(raw: Any) -> Errors:
    if not isinstance(raw, dict):
        return {"change": ["要一个 JSON 对象 · must be a JSON object"]}
    errors: Errors = {named(key): ["没有这一项 · no such key"] for key in raw if key not in _FORMS}
    errors |= {key: ["必填 · required"] for key in _FORMS if key in _NEEDED and key not in raw}
    for key, (good, wish) in _FORMS.items():
        if key in raw and not good(raw[key]):
            errors[key] = [wish]
    return errors


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) <= 35 and 0 <= from_text(value) <= _LATEST
    except (ValueError, OverflowError):
        return False


def _is_set(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= 200 and all(isinstance(key, str) for key in value)


_FORMS: Final[dict[str, Any]] = {
    "id": (is_change_id, "要 UUIDv7 · must be a UUIDv7 in lower case"),
    "book": (is_id, "要 UUID · must be a UUID in lower case"),
    "record": (is_id, "要 UUID · must be a UUID in lower case"),
    "type": (lambda value: isinstance(value, str) and 0 < len(value) <= 40, "要类型名 · must be a type's name"),
    "schema": (lambda value: _is_count(value) and 1 <= value < 10_000, "要版本号 · must be a schema number from 1"),
    "epoch": (lambda value: value is None or is_id(value), "要 UUID 或 null · must be a UUID or null"),
    "seen": (_is_count, "要序号 · must be a seq, or 0"),
    "made_at": (_is_instant, "要时刻 · must be an instant like 2026-06-13T08:40:12.123Z"),
    "create": (lambda value: isinstance(value, bool), "要是或否 · must be true or false"),
    "set": (_is_set, "要一个 JSON 对象 · must be a JSON object"),
    "void": (lambda value: isinstance(value, bool), "要是或否 · must be true or false"),
}
