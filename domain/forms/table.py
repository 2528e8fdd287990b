"""A form out of a table: an XLSForm's two sheets, one below the other, as CSV or as pasted from a spreadsheet. Pure.

    type,name,label::zh,label::en,required,relevant,constraint
    select_one yes_no,gas,家里通燃气吗?,Is gas laid on?,yes,,
    (an empty line may stand between)
    list_name,name,label::zh,label::en
    yes_no,yes,是,Yes
    yes_no,no,否,No

What is wrong is said with the line of the table and the column. Columns that this subset does not have are refused by
name: a rule that nobody applies must not look as if it were applied.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.forms.form import SELECTS, Problem, check, read_form
from domain.words import CHINESE, ENGLISH

QUESTION_COLUMNS: Final = ("type", "name", "label::zh", "label::en", "required", "relevant", "constraint")
CHOICE_COLUMNS: Final = ("list_name", "name", "label::zh", "label::en")
MAX_TABLE: Final = 60_000
_YES: Final = frozenset({"yes", "true", "true()", "1", "是", "y"})
_NO: Final = frozenset({"", "no", "false", "false()", "0", "否", "n"})
_ALSO: Final = {
    "label": "label::zh",
    "label::zh-cn": "label::zh",
    "label::chinese (zh)": "label::zh",
    "label::中文 (zh)": "label::zh",
    "label::中文": "label::zh",
    "label::english (en)": "label::en",
    "label::english": "label::en",
    "list name": "list_name",
}


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a table: the form in JSON, and what is wrong with it (then the form is not to be kept)."""

    form: dict[str, Any]
    problems: list[Problem]


@dataclass(slots=True)
class _Table:
    questions: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    choices: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


Line = tuple[int, list[str]]
"""(number from 1, cells)"""


def read_table(text: str) -> Read:
    """The form that a table says."""
    if len(text) > MAX_TABLE:
        return Read({}, [Problem(0, "type", "too_long", str(MAX_TABLE))])
    return read_lines(_lines(text))


def read_lines(lines: Sequence[Line]) -> Read:
    """The form that the lines of a table say; a spreadsheet's sheets come one below the other."""
    table = _Table()
    names: list[str] = []
    for number, cells in lines:
        if not any(cells):
            continue
        heads = [_column(each) for each in cells]
        if heads[0] in ("type", "list_name"):
            names = _heads(table, number, heads)
        elif not names:
            return Read({}, [Problem(number, "type", "no_head", ",".join(QUESTION_COLUMNS))])
        else:
            _take(table, number, dict(zip(names, cells, strict=False)))
    form = {"questions": table.questions, "choices": table.choices}
    return Read(form, table.problems or check(form, table.rows))


def _lines(text: str) -> list[Line]:
    body = text.removeprefix("\ufeff").lstrip("\r\n")
    before = text[: len(text) - len(body)].count("\n")
    mark = "\t" if "\t" in body.split("\n", 1)[0] else ","
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=mark)
    return [(before + number, [cell.strip() for cell in cells]) for number, cells in enumerate(reader, 1)]


def _column(cell: str) -> str:
    name = cell.strip().casefold()
    return _ALSO.get(name, name)


def _heads(table: _Table, number: int, heads: list[str]) -> list[str]:
    known = QUESTION_COLUMNS if heads[0] == "type" else CHOICE_COLUMNS
    strange = [each for each in heads if each and each not in known]
    table.problems += [Problem(number, each, "bad_column", each) for each in strange]
    return heads


def _take(table: _Table, number: int, said: Mapping[str, str]) -> None:
    label = {tag: said[column] for tag, column in ((CHINESE, "label::zh"), (ENGLISH, "label::en")) if said.get(column)}
    if CHINESE in label:
        label.setdefault(ENGLISH, label[CHINESE])
    if "list_name" in said:
        entry = {"name": said.get("name", ""), "label": label}
        table.choices.setdefault(said["list_name"], []).append(entry)
        return
    kind, _, its_list = said.get("type", "").partition(" ")
    required = said.get("required", "").casefold()
    if required not in _YES | _NO:
        table.problems.append(Problem(number, "required", "bad_required", required))
    question: dict[str, Any] = {
        "type": kind,
        "name": said.get("name", ""),
        "label": label,
        "required": required in _YES,
    }
    question |= {name: said.get(name, "") for name in ("relevant", "constraint")}
    table.questions.append({**question, **({"list": its_list.strip()} if kind in SELECTS else {})})
    table.rows.append(number)


def write_table(raw: Any) -> str:
    """The form as such a table: what `read_table` reads back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(QUESTION_COLUMNS)
    lists = {} if not isinstance(raw, Mapping) else raw.get("choices") or {}
    kept = raw.get("questions") or () if isinstance(raw, Mapping) else ()
    for question, entry in zip(read_form(raw).questions, kept, strict=True):
        kind = f"{question.type} {entry.get('list', '')}".strip() if question.type in SELECTS else question.type
        said = [question.label.get(CHINESE, ""), question.label.get(ENGLISH, ""), "yes" if question.required else ""]
        writer.writerow([kind, question.name, *said, question.relevant, question.constraint])
    if lists:
        writer.writerow([])
        writer.writerow(CHOICE_COLUMNS)
    writer.writerows(_choice_rows(lists))
    return out.getvalue()


def _choice_rows(lists: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, entries in lists.items():
        for each in entries:
            label = each.get("label") or {}
            yield [name, each.get("name", ""), label.get(CHINESE, ""), label.get(ENGLISH, "")]
