"""A case of a demo world as a play: who wrote what, when. And the stage that plays it through the engine's door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from sync.actors import Actor
from sync.clock import to_text
from sync.engine import Engine
from sync.protocol import MAX_CHANGES
from sync.tables import record

ENTERED: Final = frozenset({"applied", "merged", "conflict"})


@dataclass(frozen=True, slots=True)
class Act:
    """One change: `who` is a login, `at` milliseconds. `blind`: written without having seen anything but the report.
    `held`: it is meant to be held for a person."""

    at: int
    who: str
    written: Mapping[str, Any]
    blind: bool = False
    held: bool = False


@dataclass(slots=True)
class Story:
    """A record in a book (a case, unless another type is said), with its acts in order; the first one makes it."""

    id: str
    book: str
    acts: list[Act] = field(default_factory=list)
    type: str = "case"

    def until(self, now: int) -> Story:
        """What of it has happened by now."""
        return Story(self.id, self.book, [act for act in self.acts if act.at <= now], self.type)


class StageError(RuntimeError):
    """A demo world that the engine does not take: the story is wrong, or the engine is."""


class Stage:
    """Plays stories in rounds: the first acts of all, then the second ones, so that few and large calls do it."""

    def __init__(self, engine: Engine, cast: Mapping[str, Actor]) -> None:
        self.engine = engine
        self.cast = cast
        self._first: dict[str, int] = {}
        self._latest: dict[str, int] = {}

    def play(self, stories: Sequence[Story]) -> None:
        """Raises StageError if an act does not enter its book as it was meant to."""
        for number in range(max((len(story.acts) for story in stories), default=0)):
            self._round([(story, story.acts[number]) for story in stories if number < len(story.acts)])

    def _round(self, acts: Iterable[tuple[Story, Act]]) -> None:
        by_person: dict[str, list[tuple[Story, Act]]] = defaultdict(list)
        for story, act in acts:
            by_person[act.who].append((story, act))
        for who, mine in by_person.items():
            for begin in range(0, len(mine), MAX_CHANGES):
                self._push(self.cast[who], mine[begin : begin + MAX_CHANGES])

    def _push(self, actor: Actor, acts: Sequence[tuple[Story, Act]]) -> None:
        receipts = self.engine.push(actor, [self._change(story, act) for story, act in acts])
        for (story, act), receipt in zip(acts, receipts, strict=True):
            wanted = {"held"} if act.held else ENTERED
            if receipt["outcome"] not in wanted:
                raise StageError(f"{act.who} wrote {dict(act.written)} to {story.id}: {receipt}")
        self._look([story.id for story, _ in acts])

    def _change(self, story: Story, act: Act) -> dict[str, Any]:
        new = story.id not in self._latest
        return {
            "id": self.engine.ids.new(),
            "book": story.book,
            "record": story.id,
            "type": story.type,
            "schema": 1,
            "epoch": self.engine.epoch,
            "seen": (self._first if act.blind else self._latest).get(story.id, 0),
            "made_at": to_text(act.at),
            **({"create": True} if new else {}),
            "set": dict(act.written),
        }

    def _look(self, ids: Sequence[str]) -> None:
        """Everybody sees the record as it is now; the server may have added to it."""
        with self.engine.database.read() as conn:
            for row in conn.execute(select(record.c.id, record.c.seq).where(record.c.id.in_(ids))):
                self._latest[row.id] = row.seq
                self._first.setdefault(row.id, row.seq)
