"""The survey of world D: four questions at 987 doors, under way since five days, some doors done.

Made as a real one is: the community writes it, the command room admits it, the server makes the tasks, captains tick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

from sqlalchemy import select

from domain import campaign_work
from domain.days import DAY, HOUR, MINUTE, start_of_day
from domain.demo.story import ENTERED, StageError
from domain.demo.town import Grid
from domain.records.survey_response import response_id
from domain.records.task import task_id
from sync.actors import Actor
from sync.clock import to_text
from sync.engine import Engine
from sync.ids import derived
from sync.tables import record

CAMPAIGN: Final = derived("demo", "campaign", "987")
SINCE: Final = 5
"""Days since it was opened."""
DONE: Final = 203
"""Doors that are over: those of the first four days."""
TRIED: Final = 80
"""Doors where nobody was in so far."""
DECLINED: Final = 4
YES: Final = {"gas": 71, "committee": 64, "company": 58}
"""Per cent."""


def _yes_no(name: str, chinese: str, english: str) -> dict[str, Any]:
    label = {"zh-CN": chinese, "en": english}
    return {"type": "select_one", "list": "yes_no", "name": name, "label": label, "required": True}


def _choice(name: str, chinese: str, english: str) -> dict[str, Any]:
    return {"name": name, "label": {"zh-CN": chinese, "en": english}}


FORM: Final[dict[str, Any]] = {
    "questions": [
        _yes_no("gas", "愿意接通燃气吗?", "Shall gas be laid on?"),
        _yes_no("committee", "赞成成立业主委员会吗?", "Shall there be an owners' committee?"),
        _yes_no("company", "赞成请物业公司吗?", "Shall a property company be hired?"),
        {
            "type": "select_multiple",
            "list": "wants",
            "name": "wants",
            "label": {"zh-CN": "最想先改什么?(最多两样)", "en": "What should be mended first? (two at most)"},
            "relevant": "${gas} = 'yes' or ${company} = 'yes'",
            "constraint": "count-selected(.) <= 2",
        },
    ],
    "choices": {
        "yes_no": [_choice("yes", "是", "Yes"), _choice("no", "否", "No")],
        "wants": [
            _choice("pipes", "水管", "Pipes"),
            _choice("stairs", "楼道", "Stairs"),
            _choice("lamps", "路灯", "Lamps"),
            _choice("parking", "停车", "Parking"),
        ],
    },
}
WANTS: Final = tuple(each["name"] for each in FORM["choices"]["wants"])


def play(engine: Engine, grids: Sequence[Grid], community: str, cast: Mapping[str, Actor], now: int) -> None:
    """Open the survey in these grids and let the captains go their first rounds."""
    begin = start_of_day(now) - SINCE * DAY + 8 * HOUR
    _open(engine, grids, community, cast, begin)
    campaign_work.make_tasks(engine, CAMPAIGN, begin + HOUR)
    rng = Random(CAMPAIGN)  # noqa: S311 - a demo
    for grid in grids:
        _walk(engine, grid, grids, cast, rng, begin, now)


def _open(engine: Engine, grids: Sequence[Grid], community: str, cast: Mapping[str, Actor], begin: int) -> None:
    said = {
        "title": "柳湾社区改造意愿",
        "kind": "survey",
        "owner_org": "柳湾社区居委会(示例)",
        "why": "先听每一户的意见,再定怎么改",
        "basis": "云溪镇老旧小区改造方案(示例)第三条",
        "purpose": "只用来定改造方案,定好就清理",
        "consent_text": "四个问题,自愿回答,可以不答,随时可以撤回。",
        "form": FORM,
        "target": {"books": [grid.place.id for grid in grids], "level": "household", "occupancy": []},
        "starts_at": to_text(begin),
        "ends_at": to_text(begin + 16 * DAY),
        "erase_at": to_text(begin + 90 * DAY),
        "results_public": True,
    }
    steps: tuple[tuple[str, str | None, str, dict[str, Any]], ...] = (
        ("supervisor", None, "draft", said),
        ("supervisor", "draft", "review", {}),
        ("command", "review", "open", {}),
    )
    for number, (who, come_from, to, more) in enumerate(steps):
        written = {**more, "status": {"from": come_from, "to": to, "cycle": 1}}
        receipt = engine.edit(
            cast[who], book=community, record=CAMPAIGN, type="campaign", seen=_seq(engine, CAMPAIGN), set=written,
            create=number == 0, made_at=begin - (3 - number) * HOUR,
        )  # fmt: skip
        _entered([receipt])


def _seq(engine: Engine, id: str) -> int:
    with engine.database.read() as conn:
        return conn.execute(select(record.c.seq).where(record.c.id == id)).scalar() or 0


def _entered(receipts: Sequence[Mapping[str, Any]]) -> None:
    for receipt in receipts:
        if receipt["outcome"] not in ENTERED:
            raise StageError(f"the survey: {receipt}")


def _walk(
    engine: Engine, grid: Grid, grids: Sequence[Grid], cast: Mapping[str, Actor], rng: Random, begin: int, now: int
) -> None:
    """The rounds of one grid: its share of what is done, each captain at the own doors."""
    share = sum(len(doors) for doors in grid.doors.values()) / sum(each.estate.doors for each in grids)
    captains = _captains(grids)
    doors = [(door, unit) for unit in grid.units for door in grid.doors[unit]]
    chosen = rng.sample(doors, round(share * (DONE + TRIED)))
    outcomes = ["done"] * round(share * (DONE - DECLINED)) + ["declined"] * round(share * DECLINED)
    outcomes += ["not_home"] * (len(chosen) - len(outcomes))
    changes: dict[str, list[dict[str, Any]]] = {}
    with engine.database.read() as conn:
        its = record.c
        seqs = dict(conn.execute(select(its.id, its.seq).where(its.book_id == grid.place.id, its.type == "task")).all())
    last = min(now, begin + SINCE * DAY) - HOUR
    for (door, unit), outcome in zip(chosen, outcomes, strict=True):
        at = begin + 2 * HOUR + rng.randrange(max(1, (last - begin - 2 * HOUR) // MINUTE)) * MINUTE
        who = captains[unit]
        task = task_id(CAMPAIGN, door)
        changes.setdefault(who, []).extend(
            _change(engine, grid.place.id, *each, at)
            for each in _visit(cast[who].account, door, task, seqs[task], outcome, rng, to_text(at))
        )
    for who, made in changes.items():
        _entered(engine.push(cast[who], made))


def _captains(grids: Sequence[Grid]) -> dict[str, str]:
    """unit -> the login of its captain; the first is simply called captain."""
    units = [unit for grid in grids for unit in grid.units]
    return {unit: "captain" if number == 1 else f"captain{number}" for number, unit in enumerate(units, 1)}


Written = tuple[str, str, int, dict[str, Any]]
"""(type, record, seen, fields)"""


def _visit(who: str, door: str, task: str, seen: int, outcome: str, rng: Random, at: str) -> list[Written]:
    """What a captain's phone writes at one door."""
    written: dict[str, Any] = {
        "status": {"from": "todo", "to": outcome, "cycle": 1},
        "tries": {derived("demo", "try", task): {"outcome": outcome, "at": at}},
        "also_by": {who: {"at": at}},
    }
    if outcome != "done":
        return [("task", task, seen, written)]
    answers = {name: "yes" if rng.randrange(100) < share else "no" for name, share in YES.items()}
    if "yes" in (answers["gas"], answers["company"]):
        wanted = rng.sample(WANTS, rng.choice((1, 2)))
        answers["wants"] = " ".join(each for each in WANTS if each in wanted)
    said = {
        "campaign_id": CAMPAIGN,
        "place_id": door,
        "kind": "survey",
        "form_version": 1,
        "answers": answers,
        "consent": {"kind": "spoken", "text_version": "1", "at": at},
        "entered_by": {who: {"at": at}},
    }
    ticked = {**written, "done_by": who, "done_at": at}
    return [("task", task, seen, ticked), ("survey_response", response_id(CAMPAIGN, door), 0, said)]


def _change(
    engine: Engine, book: str, type: str, id: str, seen: int, written: dict[str, Any], at: int
) -> dict[str, Any]:
    common = {"schema": 1, "epoch": engine.epoch, "made_at": to_text(at), "set": written}
    made = {"id": engine.ids.new(), "book": book, "record": id, "type": type, "seen": seen, **common}
    return {**made, "create": True} if type == "survey_response" else made
