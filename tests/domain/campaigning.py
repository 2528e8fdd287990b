"""A campaign as the tests of it need one: made, handed in, admitted, ticked and answered through the engine's own door."""

from __future__ import annotations

from typing import Any

from domain import campaign_work, campaigns
from domain.days import DAY
from domain.records.survey_response import response_id
from domain.records.task import task_id
from sync.actors import Actor
from sync.clock import to_text
from tests.domain.world import World

QUESTIONS = [
    {"type": "select_one", "list": "yes_no", "name": "gas", "label": {"zh-CN": "家里通燃气吗?", "en": "Gas?"},
     "required": True},
    {"type": "select_one", "list": "yes_no", "name": "committee", "label": {"zh-CN": "赞成成立业委会吗?", "en": "Committee?"}},
    {"type": "select_one", "list": "yes_no", "name": "company", "label": {"zh-CN": "赞成请物业公司吗?", "en": "Company?"},
     "relevant": "${committee} != ''"},
    {"type": "integer", "name": "lamps", "label": {"zh-CN": "几盏灯不亮?", "en": "Lamps out?"}, "constraint": ". >= 0"},
]  # fmt: skip
FORM = {
    "questions": QUESTIONS,
    "choices": {
        "yes_no": [
            {"name": "yes", "label": {"zh-CN": "是", "en": "Yes"}},
            {"name": "no", "label": {"zh-CN": "否", "en": "No"}},
        ]
    },
}


class Desk:
    """One campaign of a world; `by` made it, in the book called `book`."""

    def __init__(self, world: World, by: str = "supervisor", book: str = "community", **more: Any) -> None:
        self.world, self.by, self.book = world, by, book
        self.id = world.ids.new()
        self.made = self.create(**more)

    def fields(self, **more: Any) -> dict[str, Any]:
        now = self.world.clock.now()
        return {
            "title": "柳湾社区改造意愿",
            "kind": "survey",
            "owner_org": "社区",
            "why": "先听大家的意见",
            "basis": "老旧小区改造工作方案",
            "purpose": "只用于定改造方案",
            "consent_text": "自愿回答,随时可以撤回",
            "form": FORM,
            "target": {"books": [self.world.places["one"]], "level": "household"},
            "starts_at": to_text(now),
            "ends_at": to_text(now + 14 * DAY),
            "erase_at": to_text(now + 60 * DAY),
            "status": {"from": None, "to": "draft", "cycle": 1},
            **more,
        }

    def create(self, **more: Any) -> dict[str, Any]:
        written = {name: value for name, value in self.fields(**more).items() if value is not None}
        return self.write(self.by, written, create=True)

    def write(self, who: str | Actor, written: dict[str, Any], **more: Any) -> dict[str, Any]:
        actor = self.world.person(who) if isinstance(who, str) else who
        return self.world.write(actor, self.id, written, type="campaign", book=self.book, **more)

    def step(self, who: str | Actor, to: str, *, again: bool = False, **more: Any) -> dict[str, Any]:
        """The receipt of a step from where it stands."""
        now = self.now()["status"]
        step = {"from": now["status"], "to": to, "cycle": now["cycle"] + again}
        return self.write(who, {"status": step, **more})

    def now(self) -> dict[str, Any]:
        return self.world.fields(self.id)

    def state(self) -> str:
        return str(self.now()["status"]["status"])

    def opened(self) -> Desk:
        """Handed in, admitted, its tasks made."""
        for who, to in ((self.by, "review"), ("command", "open")):
            receipt = self.step(who, to)
            assert receipt["outcome"] == "applied", receipt
        campaign_work.tend_one(self.world.engine, self.id)
        return self

    # -- at the doors ---------------------------------------------------------------------------------------------

    def task(self, door: str) -> str:
        return task_id(self.id, door)

    def response(self, door: str) -> str:
        return response_id(self.id, door)

    def tick(self, who: str, door: str, to: str = "done", *, phone: int = 1, **more: Any) -> dict[str, Any]:
        """A step of a door's task, with its try, as a phone writes it; `seen` may be said."""
        world, task = self.world, self.task(door)
        seen = more.pop("seen", None)
        status = world.fields(task)["status"] if seen is None else {"status": "todo", "cycle": 1}
        at = to_text(world.clock.now())
        written = {
            "status": {"from": status["status"], "to": to, "cycle": status["cycle"]},
            "tries": {world.ids.new(): {"outcome": to, "at": at}},
            **({"done_by": world.account(who), "done_at": at} if to == "done" else {}),
            "also_by": {world.account(who): {"at": at}},
            **more,
        }
        return world.write(world.person(who, phone), task, written, type="task", seen=seen)

    def answer(self, who: str, door: str, *, phone: int = 1, **answers: str | None) -> dict[str, Any]:
        """Answers as a phone writes them; `create` where this phone knows of none."""
        world, response = self.world, self.response(door)
        at = to_text(world.clock.now())
        person = world.person(who, phone)
        known = world.engine.record(person, response)
        written: dict[str, Any] = {
            "answers": answers,
            "entered_by": {world.account(who): {"at": at}},
            "consent": {"kind": "spoken", "text_version": "1", "at": at},
        }
        first = {"campaign_id": self.id, "place_id": door, "kind": "survey", "form_version": 1}
        seen = int(known["seq"]) if known else 0
        written = written if known else {**first, **written}
        return world.write(person, response, written, type="survey_response", seen=seen, create=known is None)

    def totals(self) -> campaigns.Totals:
        with self.world.database.read() as conn:
            return campaigns.totals(conn, self.id, self.world.places[self.book], self.now())
