"""A form as it is kept, read and checked. Pure.

    {"questions": [{"type", "name", "label": {"zh-CN", "en"}, "required"?, "relevant"?, "constraint"?, "list"?}, …],
     "choices": {LIST: [{"name", "label": {"zh-CN", "en"}}, …]}}

Types: note (is only read out), text, integer, decimal, date, select_one and select_multiple (these name a `list`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.forms.expressions import BadExpression, parse

TYPES: Final = ("note", "text", "integer", "decimal", "date", "select_one", "select_multiple")
SELECTS: Final = frozenset({"select_one", "select_multiple"})
MAX_QUESTIONS: Final = 40
MAX_CHOICES: Final = 30
MAX_LABEL: Final = 200
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
CHOICE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
NEVER_ASKED: Final = re.compile(
    r"身份证|id_?card|民族|ethnic|宗教|religio|政治面貌|political|党员|重点人员|key_?person|人脸|face_?id|指纹|fingerprint"
    r"|可疑|动向|流动人口|刑满|吸毒|信访人员|精神障碍",
    re.IGNORECASE,
)
"""What no form asks and no choice says (rules 1 and 2 of the domain)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a form, and where. `row`: of the questions from 1, or as the table that was read numbers it.

    `code` is one of the words under `console.campaign.problem`; `said` what stands there.
    """

    row: int
    column: str
    code: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `relevant` and `constraint` are expressions, empty for none."""

    type: str
    name: str
    label: Mapping[str, str]
    required: bool = False
    relevant: str = ""
    constraint: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def is_asked(self) -> bool:
        return self.type != "note"


@dataclass(frozen=True, slots=True)
class Form:
    questions: tuple[Question, ...]

    @property
    def asked(self) -> tuple[Question, ...]:
        return tuple(each for each in self.questions if each.is_asked)


def read_form(raw: Any) -> Form:
    """The form in JSON that has been checked; what is missing in it counts as empty."""
    raw = raw if isinstance(raw, Mapping) else {}
    lists = {name: _choices(each) for name, each in (raw.get("choices") or {}).items()}
    return Form(tuple(_question(each, lists) for each in raw.get("questions") or ()))


def _choices(raw: Any) -> tuple[Choice, ...]:
    return tuple(Choice(str(each.get("name") or ""), _label(each)) for each in raw or ())


def _question(raw: Mapping[str, Any], lists: Mapping[str, tuple[Choice, ...]]) -> Question:
    return Question(
        type=str(raw.get("type") or ""),
        name=str(raw.get("name") or ""),
        label=_label(raw),
        required=raw.get("required") is True,
        relevant=str(raw.get("relevant") or "").strip(),
        constraint=str(raw.get("constraint") or "").strip(),
        choices=lists.get(str(raw.get("list") or ""), ()) if raw.get("type") in SELECTS else (),
    )


def _label(raw: Mapping[str, Any]) -> Mapping[str, str]:
    said = raw.get("label")
    return {key: str(each or "") for key, each in said.items()} if isinstance(said, Mapping) else {}


def check(raw: Any, rows: Sequence[int] = ()) -> list[Problem]:
    """What is wrong with a form in JSON, from the top down; empty when all is well. `rows`: how its questions are
    numbered in the table they came from."""
    if not _has_shape(raw):
        return [Problem(0, "type", "no_form")]
    form = read_form(raw)
    if not form.asked:
        return [Problem(0, "type", "no_question")]
    if len(form.questions) > MAX_QUESTIONS:
        return [Problem(0, "type", "too_many", str(MAX_QUESTIONS))]
    found: list[Problem] = []
    earlier: list[str] = []
    for index, question in enumerate(form.questions):
        row = rows[index] if index < len(rows) else index + 1
        found += [Problem(row, column, code, said) for column, code, said in dict.fromkeys(_wrong(question, earlier))]
        earlier.append(question.name)
    return found


def _has_shape(raw: Any) -> bool:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("questions"), list):
        return False
    lists = raw.get("choices") or {}
    rows = [*raw["questions"], *(each for entries in lists.values() for each in entries or ())] if _maps(lists) else [0]
    return all(isinstance(each, Mapping) for each in rows)


def _maps(lists: Any) -> bool:
    return isinstance(lists, Mapping) and all(isinstance(each, list) for each in lists.values())


Wrong = tuple[str, str, str]
"""(column, code, what stands there)"""


def _wrong(question: Question, earlier: Sequence[str]) -> Iterator[Wrong]:
    if question.type not in TYPES:
        yield "type", "bad_type", question.type
    if not NAME.fullmatch(question.name):
        yield "name", "bad_name", question.name
    if question.name in earlier:
        yield "name", "twice", question.name
    yield from _wrong_words("label::zh", question.name, question.label)
    if question.type in SELECTS:
        yield from _wrong_choices(question)
    yield from _wrong_expression("relevant", question.relevant, earlier)
    yield from _wrong_expression("constraint", question.constraint, [*earlier, question.name])


def _wrong_words(column: str, name: str, label: Mapping[str, str]) -> Iterator[Wrong]:
    said = [text for text in label.values() if text.strip()]
    if not label.get("zh-CN", "").strip():
        yield column, "no_label", name
    for text in (name, *said):
        hit = NEVER_ASKED.search(text)
        if hit:
            yield column, "never_asked", hit[0]
    if any(len(text) > MAX_LABEL for text in said):
        yield column, "too_long", str(MAX_LABEL)


def _wrong_choices(question: Question) -> Iterator[Wrong]:
    names = [each.name for each in question.choices]
    if not 2 <= len(names) <= MAX_CHOICES:
        yield "choices", "no_choices", question.name
    for each in question.choices:
        if not CHOICE.fullmatch(each.name):
            yield "choices", "bad_name", each.name
        yield from _wrong_words("choices", each.name, each.label)
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        yield "choices", "twice", twice


def _wrong_expression(column: str, text: str, known: Sequence[str]) -> Iterator[Wrong]:
    if not text:
        return
    try:
        strange = sorted(parse(text).names - set(known))
    except BadExpression as wrong:
        yield column, wrong.code, wrong.said or text[:40]
        return
    if strange:
        # Only what stands above has been asked by then.
        yield column, "not_asked_yet", strange[0]
