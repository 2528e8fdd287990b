"""What this person may do with this case now, as forms. The right itself is judged by the engine, again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from domain.records.case_rights import MAX_HOLDS
from domain.records.case_steps import RANK
from domain.roles import ASSIGNEE, DISPATCHERS, GRID_HEAD, REPORTER, SUPERVISOR
from web.console import shapes
from web.console.forms import Action, Button, Situation
from web.console.shapes import Shape

"""An action that was not taken: its name, what was typed, what was wrong with it."""


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


def _frame(here: Situation, name: str, shape: Shape) -> Action:
    title = here.words(f"{name}.title")
    status = here.fields.get("status") or {"status": "", "cycle": 1}
    hidden = (
        ("come_from", status["status"]),
        ("cycle", str(status["cycle"])),
        ("nonce", here.nonce()),
        ("book", here.record["book"]),
    )
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


def _may_hide(here: Situation) -> bool:
    return bool(here.roles & here.type.voiders)


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
_ACTIONS: Final[tuple[tuple[str, _Test, _Test, Callable[[Situation], Shape]], ...]] = (
    # name, may it be done, is it the one thing to do, its form
    ("accept", _step("accepted"), _dispatching, shapes.plain),
    (
        "report_again",
        lambda here: here.status == "needs_info" and here.may_step("reported"),
        _reported,
        shapes.saying("report_again"),
    ),
    ("dispatch", _step("assigned"), _dispatching, shapes.dispatch),
    ("start", _may_start, _works_here, shapes.plain),
    ("resume", _may_resume, _works_here, shapes.plain),
    ("resolve", _step("resolved"), _works_here, shapes.resolve),
    ("verify", _may_verify, _always, shapes.verify),
    ("needs_info", _step("needs_info"), _never, shapes.saying("needs_info")),
    ("reject", _step("rejected"), _never, shapes.reject),
    ("merge", _step("merged"), _never, shapes.merge),
    ("hold", _may_hold, _never, shapes.hold),
    ("reopen", _may_reopen, _never, shapes.saying("reopen")),
    ("helpers", _may_add_people, _never, shapes.helpers),
    ("due", _dispatcher("due_at"), _never, shapes.due),
    ("severity", lambda here: not _ended(here) and here.may_write("severity"), _never, shapes.severity),
    ("classify", _may_classify, _never, shapes.classify),
    ("visibility", _may_show, _never, shapes.visibility),
    ("summary", lambda here: here.may_write("public_summary"), _never, shapes.summary),
    ("move", lambda here: bool(here.books) and not here.record.get("void"), _never, shapes.move),
    ("add", lambda here: not here.record.get("void"), _never, shapes.saying("add")),
    ("hide", lambda here: _may_hide(here) and not here.record.get("void"), _never, shapes.saying("hide")),
    ("restore", lambda here: _may_hide(here) and bool(here.record.get("void")), _always, shapes.plain),
)
