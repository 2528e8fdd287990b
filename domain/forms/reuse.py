"""一表通: what is known of a place already is not asked again. Pure.

A question is redundant if its name or its words are those of a field of the place, or of something that is written
down about the places (their `attrs`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from domain.forms.form import Form, Question
from domain.records.building import BUILDING
from domain.records.household import HOUSEHOLD
from domain.records.unit import UNIT

_PLACES: Final = (HOUSEHOLD, UNIT, BUILDING)
_NOT_KNOWLEDGE: Final = frozenset({"status", "code", "parent_id", "attrs", "memory", "asking", "position", "outline",
                                   "public_info", "centre", "contact_confirmed_at"})  # fmt: skip
_SPOKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "household.label": ("门牌", "门牌号", "房号", "住址", "地址", "几单元", "几号楼", "address"),
    "household.floor": ("几楼", "住几楼", "在几楼", "几层", "住几层", "在几层", "所在楼层"),
    "household.occupancy": ("有人住", "在住", "是否在住", "是否空置", "空置", "房屋空置", "住人"),
    "household.contact_name": ("姓名", "住户姓名", "户主姓名", "名字", "name of resident", "your name"),
    "household.contact_phone": ("电话", "电话号码", "手机号", "手机号码", "手机", "phone", "phone number", "mobile"),
}
"""How people ask for it, besides the words of the declaration."""
_NOISE: Final = re.compile(r"[\s\W_]+")
_BEFORE: Final = re.compile(r"^(请问|请填写|请填|请写|填写)?(您家里|您家|你家|家里|您的|你的|您|你|本户|该户|住户)?的?")
_AFTER: Final = re.compile(r"(是什么|是多少|有多少|多少|是哪|吗|呢|么)+$")

Report = dict[str, dict[str, str]]
"""question -> {"field": where it is known, "as": "name" or "words"}"""


def plain(words: str) -> str:
    """Words without what people put around them: 「请问您家住几楼?」 -> 住几楼"""
    text = _NOISE.sub("", words.casefold())
    return _AFTER.sub("", _BEFORE.sub("", text)) or text


def _known() -> Iterator[tuple[str, str]]:
    for kind in _PLACES:
        for each in kind.fields:
            if each.name not in _NOT_KNOWLEDGE:
                where = f"{kind.name}.{each.name}"
                yield plain(each.name), where
                yield from ((plain(words), where) for words in (*each.labels.values(), *_SPOKEN.get(where, ())))


KNOWN: Final[Mapping[str, str]] = dict(reversed(list(_known())))
"""plain words -> where it is known; the household's come first."""


def report(form: Form, attrs: Iterable[str] = ()) -> Report:
    """The redundant questions of a form. `attrs`: the names of what is written down about the places already."""
    known = {**{plain(each): f"attrs.{each}" for each in attrs}, **KNOWN}
    return {each.name: found for each in form.asked if (found := _redundant(each, known))}


def _redundant(question: Question, known: Mapping[str, str]) -> dict[str, str] | None:
    if plain(question.name) in known:
        return {"field": known[plain(question.name)], "as": "name"}
    words = next((plain(text) for text in question.label.values() if plain(text) in known), None)
    return {"field": known[words], "as": "words"} if words else None
