"""Forms: what is read out of a table, what is refused and how that is said, how answers are kept and judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.forms.answers import canonical, problems
from domain.forms.form import Problem, check, read_form
from domain.forms.reuse import report
from domain.forms.table import MAX_TABLE, read_table, write_table

SAID: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "answers.json").read_text())
FORM = read_form(SAID["form"])

HEAD = "type,name,label::zh,label::en,required,relevant,constraint\n"
LISTS = "\nlist_name,name,label::zh,label::en\nyes_no,yes,是,Yes\nyes_no,no,否,No\n"


def wrong(text: str) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.code) for each in read_table(text).problems]


@pytest.mark.parametrize("vector", SAID["canonical"], ids=lambda each: f"{each['question']}:{each['said'][:20]}")
def test_an_answer_is_kept_in_one_form(vector: dict[str, Any]) -> None:
    question = next(each for each in FORM.questions if each.name == vector["question"])
    assert canonical(question, vector["said"]) == vector["kept"]


@pytest.mark.parametrize("vector", SAID["problems"], ids=lambda each: json.dumps(each["answers"], ensure_ascii=False))
def test_answers_are_judged_by_the_form(vector: dict[str, Any]) -> None:
    assert problems(FORM, vector["answers"], SAID["today"]) == vector["problems"]


def test_the_form_of_the_vectors_is_a_good_one_and_comes_back_from_its_table() -> None:
    assert check(SAID["form"]) == []
    again = read_table(write_table(SAID["form"]))
    assert again.problems == []
    assert read_form(again.form) == FORM


def test_a_table_pasted_from_a_spreadsheet_is_read_too() -> None:
    text = (HEAD + "select_one yes_no,gas,通燃气吗?,Gas?,yes,," + LISTS).replace(",", "\t")
    read = read_table("\ufeff" + text)
    assert read.problems == []
    question = read_form(read.form).questions[0]
    assert (question.required, [each.name for each in question.choices]) == (True, ["yes", "no"])


def test_a_form_without_english_is_read_in_chinese() -> None:
    read = read_table("type,name,label\ntext,say,还想说什么?\n")
    assert (read.problems, read.form["questions"][0]["label"]["en"]) == ([], "还想说什么?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", [(0, "type", "no_question")]),
        ("text,say,说什么\n", [(1, "type", "no_head")]),
        (HEAD, [(0, "type", "no_question")]),
        (HEAD + "note,hello,您好\n", [(0, "type", "no_question")]),
        (HEAD + "photo,pic,照片\n", [(2, "type", "bad_type")]),
        (HEAD + "text,,说什么\n", [(2, "name", "bad_name")]),
        (HEAD + "text,2b,说什么\n", [(2, "name", "bad_name")]),
        (HEAD + "text,a,说什么\ntext,a,还有呢\n", [(3, "name", "twice")]),
        (HEAD + "text,a,\n", [(2, "label::zh", "no_label")]),
        (HEAD + f"text,a,{'长' * 201}\n", [(2, "label::zh", "too_long")]),
        (HEAD + "text,a,说什么,,maybe\n", [(2, "required", "bad_required")]),
        (HEAD + "select_one yes_no,gas,燃气\n", [(2, "choices", "no_choices")]),
        (HEAD + "select_one,gas,燃气\n" + LISTS, [(2, "choices", "no_choices")]),
        (HEAD + "select_one yes_no,gas,燃气\n" + LISTS + "yes_no,yes,对,Yes\n", [(2, "choices", "twice")]),
        (HEAD + "select_one yes_no,gas,燃气\n" + LISTS + "yes_no,not sure,不清楚\n", [(2, "choices", "bad_name")]),
        (HEAD + "text,a,说什么,,,${b} = 1,\ntext,b,说什么\n", [(2, "relevant", "not_asked_yet")]),
        (HEAD + "text,a,说什么,,,${a} = 1,\n", [(2, "relevant", "not_asked_yet")]),
        (HEAD + "text,a,说什么,,,,once(.)\n", [(2, "constraint", "bad_function")]),
        (HEAD + "text,a,说什么,,,,. >\n", [(2, "constraint", "bad_text")]),
        (HEAD + "text,a,说什么,,,,not()\n", [(2, "constraint", "bad_count")]),
        (HEAD + "text,a,说什么,,,,\"regex(., '(a+)+')\"\n", [(2, "constraint", "bad_pattern")]),
        ("type,name,label::zh,calculation\ntext,a,说什么,1\n", [(1, "calculation", "bad_column")]),
        (HEAD + "\n\ntext,a,\n", [(4, "label::zh", "no_label")]),
        ("x" * (MAX_TABLE + 1), [(0, "type", "too_long")]),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_line_and_column(text: str, said: list[tuple[int, str, str]]) -> None:
    assert wrong(text) == said


@pytest.mark.parametrize(
    "words", ["您的民族?", "宗教信仰", "身份证号码", "是不是党员", "家里有重点人员吗", "Your religion?"]
)
def test_what_is_never_asked_is_refused_in_a_question_and_in_a_choice(words: str) -> None:
    assert wrong(HEAD + f"text,a,{words}\n") == [(2, "label::zh", "never_asked")]
    assert wrong(HEAD + "select_one yes_no,a,选一个\n" + LISTS + f"yes_no,c,{words}\n") == [
        (2, "choices", "never_asked")
    ]


def test_what_is_no_form_at_all_is_said_to_be_none() -> None:
    strange: tuple[Any, ...] = (
        None,
        [],
        {},
        {"questions": {}},
        {"questions": [1]},
        {"questions": [], "choices": {"a": [2]}},
    )
    for raw in strange:
        assert check(raw)[0].code in {"no_form", "no_question"}
    many = {"questions": [{"type": "text", "name": f"q{n}", "label": {"zh-CN": "说"}} for n in range(41)]}
    assert check(many) == [Problem(0, "type", "too_many", "40")]


@pytest.mark.parametrize(
    ("name", "words", "field"),
    [
        ("floor", "随便", "household.floor"),
        ("q1", "请问您家住几楼?", "household.floor"),
        ("q1", "您的手机号码是多少?", "household.contact_phone"),
        ("q1", "姓名", "household.contact_name"),
        ("contact_name", "谁", "household.contact_name"),
        ("q1", "居住情况", "household.occupancy"),
        ("q1", "门牌号?", "household.label"),
        ("extinguishers", "几个", "attrs.extinguishers"),
    ],
)
def test_7_what_is_known_of_a_place_is_found_to_be_redundant(name: str, words: str, field: str) -> None:
    form = read_form({"questions": [{"type": "text", "name": name, "label": {"zh-CN": words}}]})
    assert report(form, ["extinguishers"])[name]["field"] == field


def test_7_the_four_questions_of_the_survey_are_not_redundant() -> None:
    assert report(FORM, ["extinguishers", "charging_posts"]) == {}
