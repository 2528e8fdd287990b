"""Ordinary cases: made up by chance from a seed, with the shares of the domain notes (22 % fixed on the spot …)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from domain.days import DAY, HOUR, MINUTE
from domain.demo.pictures import SCENE_OF, Album
from domain.demo.script import ADDED, DONE, FOUND, HOLDS, MIX, QUESTIONS, REFUSALS, SPOTS
from domain.demo.story import Act, Story
from sync.clock import to_text
from sync.ids import derived

Written = dict[str, Any]
_WEEK: Final = 7 * DAY


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works in one book, by login; `ids`: login -> account id. `places`: the units a case may be in."""

    book: str
    finders: Sequence[str]
    desk: Sequence[str]
    """Who accepts and dispatches."""
    menders: Sequence[str]
    ids: dict[str, str]
    places: Sequence[str]
    source: str = "grid_worker"
    hall: Crew | None = None
    """Where quarrels are heard: the community's own room, and its book."""


@dataclass(slots=True)
class Life:
    """One case while it is being made up. Each method adds acts and moves the time on."""

    rng: Random
    crew: Crew
    album: Album
    story: Story
    at: int
    category: str = "help"
    finder: str = ""
    mender: str = ""
    cycle: int = 1
    scene: str | None = None
    key: int = field(default=0)

    def act(self, who: str, **written: Any) -> None:
        self.story.acts.append(Act(self.at, who, written))

    def wait(self, least: int, most: int) -> None:
        self.at += self.rng.randint(least, most)

    def step(self, come_from: str | None, to: str) -> Written:
        return {"status": {"from": come_from, "to": to, "cycle": self.cycle}}

    def new_key(self) -> str:
        self.key += 1
        return derived(self.story.id, str(self.key))

    def desk(self) -> str:
        return self.rng.choice(self.crew.desk)

    def picture(self, stage: str, *, mended: bool) -> Written:
        if self.scene is None:
            return {}
        drawn = self.album.of(self.scene, mended=mended)
        return {"photos": {drawn.sha256: drawn.entry(stage, self.at)}}

    # ------------------------------------------------------------------ the way of a case

    def report(self, *, fixed: bool = False) -> None:
        rng, scenes = self.rng, SCENE_OF[self.category]
        self.scene = rng.choice(scenes) if scenes and rng.random() < 0.85 else None
        place = rng.choice(self.crew.places) if self.crew.places and rng.random() < 0.6 else None
        written: Written = {
            "class": "event" if self.category in ("help", "dispute", "noise") else "thing",
            "category": self.category,
            "description": {"text": rng.choice(FOUND[self.category])},
            "place_guess": self.crew.book,
            "severity": rng.choices(("normal", "serious", "urgent"), (78, 18, 4))[0],
            "source": self.crew.source,
            "captured_at": to_text(self.at),
            **({"place_id": place} if place else {}),
            **({"place_note": spot} if (spot := rng.choice(SPOTS)) else {}),
            **({"visibility": "restricted"} if self.category == "dispute" else {}),
            **self.picture("before", mended=False),
        }
        if fixed:
            written |= {**self.step(None, "resolved"), "self_fixed": True}
            written["resolution"] = {"text": rng.choice(DONE[self.category])}
        else:
            written |= self.step(None, "reported")
        self.act(self.finder, **written)

    def ask(self) -> None:
        """Sent back for a detail, and sent in again with it."""
        question, answer = self.rng.choice(QUESTIONS)
        for who, come_from, to, text in (
            (self.desk(), "reported", "needs_info", question),
            (self.finder, "needs_info", "reported", answer),
        ):
            self.wait(10 * MINUTE, 90 * MINUTE)
            self.act(who, **self.step(come_from, to), additions={self.new_key(): {"text": text}})

    def accept(self) -> None:
        self.wait(6 * MINUTE, 80 * MINUTE)
        self.act(self.desk(), **self.step("reported", "accepted"), seen_at=to_text(self.at))

    def dispatch(self) -> None:
        self.wait(2 * MINUTE, 25 * MINUTE)
        self.mender = self.rng.choice(self.crew.menders)
        self.act(
            self.desk(), **self.step("accepted", "assigned"), assignees={self.crew.ids[self.mender]: {"as": "owner"}}
        )

    def work(self, come_from: str = "assigned") -> None:
        self.wait(15 * MINUTE, 3 * HOUR)
        claim = {"handler": self.crew.ids[self.mender]} if come_from == "assigned" else {}
        self.act(self.mender, **self.step(come_from, "working"), **claim)

    def add(self) -> None:
        self.wait(10 * MINUTE, HOUR)
        self.act(self.finder, additions={self.new_key(): {"text": self.rng.choice(ADDED)}})

    def hold(self) -> None:
        self.wait(HOUR, 5 * HOUR)
        until = to_text(self.at + 2 * DAY)
        self.act(
            self.mender, **self.step("working", "on_hold"), hold={"reason": self.rng.choice(HOLDS), "until": until}
        )
        self.wait(DAY, 3 * DAY)
        self.work("on_hold")

    def resolve(self, least: int, most: int) -> None:
        self.wait(least, most)
        picture = self.picture("after", mended=True)
        text = {"text": self.rng.choice(DONE[self.category])}
        self.act(self.mender, **self.step("working", "resolved"), resolution=text, **picture)

    def close(self) -> None:
        if self.rng.random() < 0.08:
            self.at += _WEEK
            self.act("server", **self.step("resolved", "closed"), auto_closed=True)
            return
        self.wait(20 * MINUTE, 6 * HOUR)
        mine = self.crew.ids[self.finder]
        good = {"verify": {mine: {"ok": True, "at": to_text(self.at)}}}
        rated = {"satisfaction": {mine: self.rng.choice(("good", "good", "fair"))}} if self.rng.random() < 0.4 else {}
        self.act(self.finder, **self.step("resolved", "closed"), **good, **rated)

    def reopen(self) -> None:
        self.wait(HOUR, 20 * HOUR)
        self.cycle += 1
        bad = {"verify": {self.crew.ids[self.finder]: {"ok": False, "at": to_text(self.at)}}}
        self.act(self.finder, **self.step("resolved", "working"), **bad)

    def refuse(self) -> None:
        self.wait(10 * MINUTE, 2 * HOUR)
        reason, instead = self.rng.choice(REFUSALS)
        who = self.desk()
        self.act(who, **self.step("reported", "rejected"), rejection={"reason": reason, "instead": instead})

    def merge(self, into: str) -> None:
        self.wait(10 * MINUTE, 2 * HOUR)
        self.act(self.desk(), **self.step("reported", "merged"), merged_into=into)


def ordinary(rng: Random, crew: Crew, album: Album, id: str, at: int, earlier: str | None) -> Story:
    """A whole case beginning at `at`; `earlier` is another case of the book that it may turn out to double."""
    category = rng.choices(tuple(MIX), tuple(MIX.values()))[0]
    crew = crew.hall if category == "dispute" and crew.hall else crew
    life = Life(rng, crew, album, Story(id, crew.book), at, category, rng.choice(crew.finders))
    fate = rng.random()
    if fate < 0.22:
        life.report(fixed=True)
        life.close()
    elif fate < 0.27 and earlier and life.category != "dispute":
        life.report()
        life.merge(earlier)
    elif fate < 0.30 and life.category != "dispute":
        life.report()
        life.refuse()
    else:
        _mended(life, fate)
    return life.story


def _mended(life: Life, fate: float) -> None:
    """58 % of all are mended the same day; 3 % come back; a few take long."""
    life.report()
    if 0.82 < fate < 0.88:
        life.ask()
    life.accept()
    life.dispatch()
    if fate > 0.95:
        life.add()
    life.work()
    if 0.92 < fate < 0.95:
        life.hold()
    slow = fate > 0.88
    life.resolve(*(2 * DAY, 9 * DAY) if slow else (30 * MINUTE, 6 * HOUR))
    if 0.30 < fate < 0.33:
        life.reopen()
        life.resolve(2 * HOUR, DAY)
    life.close()
