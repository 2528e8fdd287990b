"""The declarations of the record types are whole, and what documents say of them is true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from domain.describe import record_types
from domain.records import TYPES
from domain.roles import ASSIGNEE, REPORTER, ROLES
from domain.schemas import CREATE, EDIT
from sync.types import Field, RecordType
from sync.values import TypeCheck
from tests.domain.world import World
from tests.sync.beginnings import cases, compare

KNOWN_ROLES = {*ROLES, REPORTER, ASSIGNEE}
FIELDS = [(each, field) for each in TYPES.values() for field in each.fields]
BANNED_NAMES = re.compile(
    r"身份证|id_card|民族|ethnic\w*|宗教|religion|政治面貌|political\w*|key_person|重点人员|face_\w*|人脸|fingerprint|is_party|party_member"
)
BANNED_CHOICES = re.compile(r"可疑|动向|流动人口|刑满|吸毒|信访人员|精神障碍")


def _ids(value: object) -> str:
    return value.name if isinstance(value, RecordType | Field) else str(value)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from _words(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(("type", "field"), FIELDS, ids=_ids)
def test_every_field_has_words_in_both_languages_a_class_and_an_example_that_may_stand(
    type: RecordType, field: Field
) -> None:
    for labels in (field.labels, *(choice.labels for choice in field.choices)):
        assert set(labels) == {"zh-CN", "en"}
        assert all(labels.values())
    assert field.personal in {"P0", "P1", "P2", "P3"}
    assert TypeCheck(type)({field.name: field.example}, create=False) == {}


@pytest.mark.parametrize("type", TYPES.values(), ids=_ids)
def test_every_type_declares_purpose_retention_and_known_roles(type: RecordType) -> None:
    assert set(type.purpose) == {"zh-CN", "en"}
    assert type.phone_days > 0
    named = [type.creators, type.voiders, type.editors or frozenset()]
    named += [roles for field in type.fields for roles in (field.writers, field.deciders) if roles]
    named += [step.roles for step in type.steps]
    assert set().union(*named) <= KNOWN_ROLES


@pytest.mark.parametrize("type", TYPES.values(), ids=_ids)
def test_steps_name_declared_states_and_fields(type: RecordType) -> None:
    states = {choice.value for choice in type.step_field.choices} if type.step_field else set()
    for step in type.steps:
        assert {step.to} | ({step.come_from} if step.come_from else set()) <= states
        assert set(step.requires) <= set(type.by_name)


@pytest.mark.parametrize(("type", "field"), FIELDS, ids=_ids)
def test_a_conflict_has_somebody_to_decide_it(type: RecordType, field: Field) -> None:
    if field.rule in {"ask", "fixed", "furthest"}:
        assert field.deciders, "a conflict that anybody may close is closed by chance"
    if field.rule == "owner":
        assert field.writers
    if field.rule in {"least", "most"} and field.kind not in {"instant", "date", "integer", "number"}:
        assert field.order


def test_personal_fields_are_named_as_such() -> None:
    personal = {f"{type.name}.{field.name}" for type, field in FIELDS if field.personal in {"P2", "P3"}}
    assert personal == {
        "care_agreement.alias",
        "care_agreement.consent",
        "care_agreement.help",
        "care_agreement.needs",
        "care_agreement.notes",
        "care_agreement.place_id",
        "case.reporter_contact",
        "household.contact_name",
        "household.contact_phone",
        "survey_response.answers",
        "survey_response.consent",
        "task.photos",
        "track.points",
        "visit.consent",
        "visit.needs",
        "visit.note",
    }


def test_no_name_and_no_choice_is_of_the_kind_that_this_project_does_not_have() -> None:
    for each in record_types()["types"]:
        for name in each["fields"]:
            assert not BANNED_NAMES.search(name)
        assert not any(BANNED_CHOICES.search(word) for word in _words(each))


def test_twelve_categories_at_most() -> None:
    assert len(TYPES["case"].by_name["category"].choices) <= 12


def test_the_document_is_json_and_says_what_the_issue_wants() -> None:
    described = json.loads(json.dumps(record_types()))
    assert [each["type"] for each in described["types"]] == list(TYPES)
    for each in described["types"]:
        assert {"type", "schema", "labels", "creators", "fields", "steps"} <= set(each)
        for field in each["fields"].values():
            assert {"rule", "kind", "keyed", "required", "writers", "deciders", "class", "example", "labels"} <= set(
                field
            )
        for step in each["steps"]:
            assert set(step) == {"from", "to", "cycle", "roles", "requires"}
    case = described["types"][0]["fields"]
    assert case["status"]["ends"] == ["closed", "merged", "rejected"]
    assert case["severity"]["order"] == ["normal", "serious", "urgent"]
    assert case["photos"]["inner"] == "latest"
    assert case["photos"]["keyed"] is True


@pytest.mark.parametrize(("type", "field"), FIELDS, ids=_ids)
def test_the_schema_takes_what_the_engine_takes(type: RecordType, field: Field) -> None:
    if field.rule == "server":
        assert field.name in EDIT[type.name]().validate({field.name: field.example})
    else:
        assert EDIT[type.name]().load({field.name: field.example}) == {field.name: field.example}


@pytest.mark.parametrize("wrong", [3, ["x"], {"x": {"y": []}}, "\x00", "\ud800", float("nan")])
@pytest.mark.parametrize("type", TYPES.values(), ids=_ids)
def test_the_schema_refuses_what_the_engine_refuses(type: RecordType, wrong: object) -> None:
    check = TypeCheck(type)
    for field in type.fields:
        if field.rule != "server":
            by_engine = check({field.name: wrong}, create=False)
            by_schema = EDIT[type.name]().validate({field.name: wrong})
            assert bool(by_engine) == bool(by_schema), field.name


def test_a_creation_asks_for_what_is_required() -> None:
    missing = CREATE["case"]().validate({})
    assert set(missing) == {"captured_at", "source", "status"}


def test_every_case_example_that_anybody_may_write_is_taken_by_the_engine(world: World) -> None:
    for field in TYPES["case"].fields:
        if field.writers is None and field.rule not in {"server", "fixed", "furthest"}:
            case = world.report()
            receipt = world.write(world.person("worker2"), case, {field.name: field.example})
            assert receipt["outcome"] in {"applied", "merged"}, (field.name, receipt)


def test_a_case_of_nothing_but_its_required_examples_is_taken(world: World) -> None:
    required = {field.name: field.example for field in TYPES["case"].fields if field.required}
    receipt = world.write(world.person("worker"), world.ids.new(), required, create=True)
    assert receipt["outcome"] == "applied", receipt


@pytest.mark.parametrize("type", TYPES.values(), ids=_ids)
def test_M1_a_record_of_every_type_begins_the_same_the_short_way_and_the_long(type: RecordType) -> None:
    for values, follow in cases(type, 0, 40):
        compare(type, values, follow)
