"""What this person may do with this case now, as forms. The right itself is judged by the engine, again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.days import DAY, local
from domain.records.case_rights import MAX_HOLDS
from domain.records.case_steps import RANK, status_of
from domain.roles import ASSIGNEE, DISPATCHERS, GRID_HEAD, PUBLISHERS, REPORTER, STAFF, SUPERVISOR
from sync.clock import from_text
from sync.types import RecordType, Step
from web.console.reader import Reader

_EDITS: Final = frozenset({"due", "severity", "classify", "visibility", "summary", "helpers"})

Choice = tuple[str, str, str]
"""value, words, a line of help (empty for none)."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `kind`: text, date, search, select, choices."""

    name: str
    label: str
    kind: str
    required: bool = True
    value: str = ""
    rows: int = 3
    max_length: int = 2000
    choices: tuple[Choice, ...] = ()
    chosen: tuple[str, ...] = ()
    many: bool = False
    min: str = ""
    help: str = ""
    none: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    word: str
    tone: str = "strong"
    name: str = ""
    value: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One form of the case page."""

    name: str
    title: str
    href: str
    seen: int
    buttons: tuple[Button, ...]
    fields: tuple[FormField, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    help: str = ""
    tone: str = ""
    pictures: bool = False
    failed: bool = False

    @property
    def edit(self) -> bool:
        """A correction of the facts, not a step of the case: it stands aside."""
        return self.name in _EDITS

    def with_answers(self, sent: Mapping[str, list[str]], errors: Mapping[str, str]) -> Action:
        """The same form with what was typed, and what was wrong with it."""
        filled = tuple(_filled(field, sent.get(field.name, []), errors.get(field.name, "")) for field in self.fields)
        return replace(self, fields=filled, failed=True)


def _filled(field: FormField, sent: list[str], error: str) -> FormField:
    if field.kind in {"choices", "select"}:
        return replace(field, chosen=tuple(sent), error=error)
    return replace(field, value=sent[0] if sent else "", error=error)


@dataclass(frozen=True)
class Situation:
    """A case as its reader stands towards it, and whom and what the forms may offer."""

    record: Mapping[str, Any]
    roles: frozenset[str]
    me: str
    type: RecordType
    reader: Reader
    href: Callable[[str], str]
    """The address of an action by its name."""
    nonce: Callable[[], str]
    people: tuple[Choice, ...] = ()
    """Who may be sent: account, name, role."""
    similar: tuple[Choice, ...] = ()
    """Cases that this one may be a double of: id, number and category, place and time."""

    @property
    def fields(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.record["fields"]
        return found

    @property
    def status(self) -> str | None:
        return status_of(self.fields)

    def may_step(self, to: str) -> bool:
        """Is there a step to `to` from here for one of the reader's roles?"""
        return any(self._fits(step, to) for step in self.type.steps)

    def _fits(self, step: Step, to: str) -> bool:
        return step.come_from == self.status and step.to == to and bool(step.roles & self.roles)

    def may_write(self, name: str) -> bool:
        writers = self.type.by_name[name].writers
        return bool(self.roles & (STAFF if writers is None else writers))

    def words(self, key: str, **values: object) -> str:
        return self.reader.say(f"act.{key}", **values)


Failed = tuple[str, Mapping[str, list[str]], Mapping[str, str]]
"""An action that was not taken: its name, what was typed, what was wrong with it."""


def offered(here: Situation, failed: Failed | None = None) -> tuple[list[Action], list[Action]]:
    """The one thing to do now, and everything else that may be done. Either may be empty.

    The form of a `failed` action is among them with what was typed, also where it may no longer be done: words that
    somebody wrote do not vanish.
    """
    first: list[Action] = []
    rest: list[Action] = []
    for name, may, is_first, make in _ACTIONS:
        again = failed is not None and failed[0] == name
        if not may(here) and not again:
            continue
        action = _frame(here, name, make(here))
        if failed is not None and again:
            action = action.with_answers(failed[1], failed[2])
        (first if is_first(here) and may(here) and not first else rest).append(action)
    return first, rest


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is particular to one action's form."""

    fields: tuple[FormField, ...] = ()
    buttons: tuple[Button, ...] = ()
    pictures: bool = False


def _frame(here: Situation, name: str, shape: _Shape) -> Action:
    title = here.words(f"{name}.title")
    status = here.fields.get("status") or {"status": "", "cycle": 1}
    hidden = (("come_from", status["status"]), ("cycle", str(status["cycle"])), ("nonce", here.nonce()))
    return Action(
        name=name,
        title=title,
        href=here.href(name),
        seen=int(here.record["seq"]),
        buttons=shape.buttons or (Button(here.words(f"{name}.button")),),
        fields=shape.fields,
        hidden=hidden,
        help=here.words(f"{name}.help"),
        pictures=shape.pictures,
    )


def _text(
    here: Situation, action: str, name: str, *, required: bool = True, rows: int = 3, value: str = ""
) -> FormField:
    return FormField(name, here.words(f"{action}.{name}"), "text", required, value, rows)


def _plain(_here: Situation) -> _Shape:
    return _Shape()


def _saying(action: str) -> Callable[[Situation], _Shape]:
    return lambda here: _Shape((_text(here, action, "text"),))


def _reject(here: Situation) -> _Shape:
    return _Shape((_text(here, "reject", "reason"), _text(here, "reject", "instead", rows=2)))


def _merge(here: Situation) -> _Shape:
    number = FormField("number", here.words("merge.number"), "search", required=not here.similar)
    if not here.similar:
        return _Shape((number,))
    similar = FormField("merged_into", here.words("merge.similar"), "choices", False, choices=here.similar)
    return _Shape((similar, replace(number, required=False)))


def _day(here: Situation, at: Any) -> str:
    return f"{local(from_text(at)):%Y-%m-%d}" if at else ""


def _date(here: Situation, action: str, name: str, value: str = "", *, required: bool = True) -> FormField:
    today = f"{local(here.reader.now):%Y-%m-%d}"
    return FormField(name, here.words(f"{action}.{name}"), "date", required, value, min=today)


def _dispatch(here: Situation) -> _Shape:
    none = here.words("dispatch.nobody")
    owner = FormField("owner", here.words("dispatch.owner"), "choices", choices=here.people, none=none)
    due = _date(here, "dispatch", "due", _day(here, here.fields.get("due_at")), required=False)
    return _Shape((owner, due))


def _helpers(here: Situation) -> _Shape:
    there = here.fields.get("assignees") or {}
    others = tuple(each for each in here.people if each[0] not in there)
    none = here.words("helpers.nobody")
    return _Shape(
        (FormField("helpers", here.words("helpers.helpers"), "choices", choices=others, many=True, none=none),)
    )


def _hold(here: Situation) -> _Shape:
    tomorrow = f"{local(here.reader.now + DAY):%Y-%m-%d}"
    return _Shape((_text(here, "hold", "reason"), _date(here, "hold", "until", tomorrow)))


def _resolve(here: Situation) -> _Shape:
    return _Shape((_text(here, "resolve", "text"),), pictures=True)


def _verify(here: Situation) -> _Shape:
    yes = Button(here.words("verify.yes"), "strong", "ok", "true", "check")
    no = Button(here.words("verify.no"), "", "ok", "false", "triangle-alert")
    return _Shape((_text(here, "verify", "text", required=False, rows=2),), (yes, no))


def _choices(here: Situation, name: str, kind: str, values: Iterable[str] | None = None) -> FormField:
    field = here.type.by_name[name]
    allowed = None if values is None else set(values)
    offered = tuple(
        (each.value, here.reader.label(each.labels), "")
        for each in field.choices
        if allowed is None or each.value in allowed
    )
    return FormField(
        name, here.reader.label(field.labels), kind, choices=offered, chosen=(str(here.fields.get(name) or ""),)
    )


def _classify(here: Situation) -> _Shape:
    return _Shape((_choices(here, "class", "choices"), _choices(here, "category", "select")))


def _severity(here: Situation) -> _Shape:
    return _Shape((_choices(here, "severity", "choices"),))


def _visibility(here: Situation) -> _Shape:
    public = here.roles & PUBLISHERS
    return _Shape((_choices(here, "visibility", "choices", None if public else ("internal", "restricted")),))


def _due(here: Situation) -> _Shape:
    return _Shape((_date(here, "due", "due", _day(here, here.fields.get("due_at"))),))


def _summary(here: Situation) -> _Shape:
    summary = str(here.fields.get("public_summary") or "")
    state = str(here.fields.get("public_state") or "")
    return _Shape(
        (
            _text(here, "summary", "public_summary", required=False, value=summary),
            replace(_text(here, "summary", "public_state", required=False, rows=1, value=state), max_length=200),
        )
    )


def _step(*targets: str) -> Callable[[Situation], bool]:
    return lambda here: any(here.may_step(to) for to in targets)


def _may_hold(here: Situation) -> bool:
    return here.may_step("on_hold") and int(here.fields.get("hold_count") or 0) < MAX_HOLDS


def _may_verify(here: Situation) -> bool:
    return here.status == "resolved" and here.may_step("closed") and here.may_step("working")


def _may_reopen(here: Situation) -> bool:
    return here.status == "closed" and here.may_step("working") and not here.fields.get("sealed")


def _may_start(here: Situation) -> bool:
    return here.status == "assigned" and here.may_step("working")


def _may_resume(here: Situation) -> bool:
    return here.status == "on_hold" and here.may_step("working")


def _dispatcher(name: str) -> Callable[[Situation], bool]:
    return lambda here: bool(here.roles & DISPATCHERS) and here.may_write(name) and not _ended(here)


def _ended(here: Situation) -> bool:
    return RANK.get(here.status or "", 0) >= RANK["closed"]


def _may_classify(here: Situation) -> bool:
    before = RANK.get(here.status or "", 0) < RANK["accepted"]
    return not _ended(here) and bool(here.roles & (DISPATCHERS | ({REPORTER} if before else set())))


def _may_add_people(here: Situation) -> bool:
    return here.status in {"assigned", "working", "on_hold"} and bool(here.roles & DISPATCHERS)


def _may_show(here: Situation) -> bool:
    return here.may_write("visibility") and bool(here.roles & (DISPATCHERS | {ASSIGNEE}))


def _always(_here: Situation) -> bool:
    return True


def _never(_here: Situation) -> bool:
    return False


def _works_here(here: Situation) -> bool:
    """Whoever it was given to does the work; a head or supervisor may, where nobody else was sent."""
    others = [each for each in here.fields.get("assignees") or {} if each != here.me]
    return ASSIGNEE in here.roles or (not others and bool(here.roles & {GRID_HEAD, SUPERVISOR}))


def _dispatching(here: Situation) -> bool:
    return bool(here.roles & DISPATCHERS)


def _reported(here: Situation) -> bool:
    return REPORTER in here.roles and not _dispatching(here)


_Test = Callable[[Situation], bool]
_ACTIONS: Final[tuple[tuple[str, _Test, _Test, Callable[[Situation], _Shape]], ...]] = (
    # name, may it be done, is it the one thing to do, its form
    ("accept", _step("accepted"), _dispatching, _plain),
    (
        "report_again",
        lambda here: here.status == "needs_info" and here.may_step("reported"),
        _reported,
        _saying("report_again"),
    ),
    ("dispatch", _step("assigned"), _dispatching, _dispatch),
    ("start", _may_start, _works_here, _plain),
    ("resume", _may_resume, _works_here, _plain),
    ("resolve", _step("resolved"), _works_here, _resolve),
    ("verify", _may_verify, _always, _verify),
    ("needs_info", _step("needs_info"), _never, _saying("needs_info")),
    ("reject", _step("rejected"), _never, _reject),
    ("merge", _step("merged"), _never, _merge),
    ("hold", _may_hold, _never, _hold),
    ("reopen", _may_reopen, _never, _saying("reopen")),
    ("helpers", _may_add_people, _never, _helpers),
    ("due", _dispatcher("due_at"), _never, _due),
    ("severity", lambda here: not _ended(here) and here.may_write("severity"), _never, _severity),
    ("classify", _may_classify, _never, _classify),
    ("visibility", _may_show, _never, _visibility),
    ("summary", lambda here: here.may_write("public_summary"), _never, _summary),
    ("add", _always, _never, _saying("add")),
)
