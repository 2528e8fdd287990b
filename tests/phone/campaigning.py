"""Campaigns for phones to work on: made at the community's desk, admitted by the command room, doors given out by the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from domain.accounts import add_membership
from domain.campaign_work import tend_one
from domain.records import TYPES
from domain.records.survey_response import response_id
from domain.records.task import task_id
from domain.roles import BUILDING_CAPTAIN
from sync.clock import SystemClock, to_text
from sync.database import Database, connect
from sync.engine import Engine
from sync.ids import derived
from tests.phone.colleague import IDS, Colleague, Json
from web.config import Config

DAY: Final = 24 * 3600 * 1000
GRID: Final = derived("demo", "place", "LW1")


def _asked(name: str, chinese: str, english: str, **more: Any) -> Json:
    words = {"name": name, "label": {"zh-CN": chinese, "en": english}}
    return {"type": "select_one", "list": "yes_no", "required": True, "relevant": "", "constraint": "", **words, **more}


FOUR: Final[Json] = {
    "questions": [
        _asked("gas", "家里通燃气吗?", "Is gas laid on?"),
        _asked("committee", "愿意选业委会吗?", "For an owners' committee?"),
        _asked("company", "愿意请物业公司吗?", "For a property company?"),
        _asked("parking", "缺停车位吗?", "Is parking short?"),
    ],
    "choices": {
        "yes_no": [
            {"name": "yes", "label": {"zh-CN": "是", "en": "Yes"}},
            {"name": "no", "label": {"zh-CN": "否", "en": "No"}},
        ]
    },
}
"""The survey of four questions."""


def unit_of(number: int) -> str:
    """The stairway of 柳湾里 that captain number so many looks after (domain/demo/town.py)."""
    house, stair = (number - 1) // 2 + 1, (number - 1) % 2 + 1
    return derived("unit", derived("building", GRID, str(house)), f"{house}-{stair}")


def door_of(number: int, label: str) -> str:
    return derived("household", unit_of(number), label)


@contextmanager
def beside(config: Config) -> Iterator[Engine]:
    """The books of the running server, from beside it."""
    sql = connect(config.database_url)
    yield Engine(Database(sql), TYPES, SystemClock())
    sql.dispose()


def open_campaign(
    url: str,
    config: Config,
    title: str,
    units: Sequence[str],
    *,
    kind: str = "notify",
    form: Json | None = None,
    photo: str = "",
) -> str:
    """A campaign that is under way at every door of these stairways, with the reason for a picture of each where it wants
    one; gives its id."""
    desk, room = Colleague(url, "supervisor"), Colleague(url, "command")
    book = next(str(each["book"]) for each in desk.books if each["kind"] == "community")
    wants = {"photo_required": True, "photo_reason": photo} if photo else {}
    agreed = {"photo_approval": {"by": room.account, "at": to_text(SystemClock().now())}} if photo else {}
    campaign = _draft(desk, book, {**_fields(title, units, kind, form), **wants})
    step(desk, campaign, "draft", "review")
    step(room, campaign, "review", "open", **agreed)
    with beside(config) as engine:
        assert tend_one(engine, campaign) > 0
    return campaign


def step(who: Colleague, campaign: str, start: str, to: str, **more: Any) -> None:
    """One step of a campaign by whoever may take it."""
    receipt = who.write(who.record(campaign), {"status": {"from": start, "to": to, "cycle": 1}, **more})
    assert receipt["outcome"] == "applied", receipt


def _fields(title: str, units: Sequence[str], kind: str, form: Json | None) -> Json:
    now = SystemClock().now()
    said = {
        "title": title,
        "owner_org": "镇建设办",
        "why": "先听大家的意见再定方案",
        "basis": "老旧小区改造工作方案第三条",
    }
    when = {"starts_at": to_text(now - DAY), "ends_at": to_text(now + 13 * DAY), "erase_at": to_text(now + 60 * DAY)}
    where = {"books": [GRID], "level": "household", "buildings": [], "units": list(units), "occupancy": []}
    asked = {"form": form, "consent_text": "自愿回答,可以不答,随时可以撤回"} if form else {}
    return {**said, **when, **asked, "purpose": "只用于定改造方案", "kind": kind, "target": where,
            "status": {"from": None, "to": "draft", "cycle": 1}}  # fmt: skip


def _draft(desk: Colleague, book: str, fields: Json) -> str:
    campaign = IDS.new()
    base = {"book": book, "record": campaign, "type": "campaign", "schema": 1, "epoch": desk.sync(limit=0)["epoch"]}
    change = {
        "id": IDS.new(),
        **base,
        "seen": 0,
        "made_at": to_text(SystemClock().now()),
        "create": True,
        "set": fields,
    }
    (receipt,) = desk.sync(change, limit=0)["receipts"]
    assert receipt["outcome"] == "applied", receipt
    return campaign


def second_captain(config: Config, login: str, number: int) -> None:
    """This account looks after that stairway too."""
    with beside(config) as engine, engine.database.write() as conn:
        account = derived("demo", "account", login)
        add_membership(conn, engine.ids, account_id=account, role=BUILDING_CAPTAIN, place_id=GRID,
                       at=SystemClock().now() - DAY, unit_id=unit_of(number))  # fmt: skip


def task_at(campaign: str, number: int, label: str) -> str:
    return task_id(campaign, door_of(number, label))


def answers_at(campaign: str, number: int, label: str) -> str:
    return response_id(campaign, door_of(number, label))
