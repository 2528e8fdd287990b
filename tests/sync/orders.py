"""Every admissible order of a small set of changes, played through the merge without a database.

A *story* says who wrote what having seen what. An order of arrival is admissible when every device's changes come
in order and what each writer had seen is exactly a beginning of the order. `play` runs one; `orders` finds them all.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sync.draft import Draft
from sync.merge import Incoming, View, accept, bounds, view
from sync.types import Field, RecordType


@dataclass(frozen=True)
class Told:
    """One change: `number` orders the changes of a device (it stands for the change id); `saw` are numbers."""

    number: int
    device: str
    values: dict[str, Any]
    saw: frozenset[int]
    at: int
    decides: bool = False
    void: bool | None = None

    @property
    def id(self) -> str:
        return f"c{self.number}"


Story = tuple[Told, ...]


def admissible(order: Sequence[Told]) -> bool:
    for place, told in enumerate(order):
        before = {each.number for each in order[: len(told.saw)]}
        own = [each for each in order if each.device == told.device and each.number < told.number]
        if before != told.saw or any(order.index(each) > place for each in own):
            return False
    return True


def orders(story: Story) -> Iterator[Sequence[Told]]:
    return (order for order in itertools.permutations(story) if admissible(order))


def play(record_type: RecordType, order: Sequence[Told]) -> View:
    """The record after these changes have arrived in this order, by the same steps as a push takes."""
    draft = Draft(record_type, "r", None, lambda record: ())
    newest: dict[str, str] = {}
    for seq, told in enumerate(order, start=1):
        seen = len(told.saw)
        basis = draft.basis(seen, told.device, told.id, late=told.id < newest.get(told.device, ""))
        at = max(told.at, basis.top_at + 1 if basis.top_at else 0)
        incoming = Incoming(told.id, told.device, told.device, seen, at, told.values, told.void)

        def decides(_field: Field, told: Told = told) -> bool:
            return told.decides

        draft.take(accept(record_type, incoming, seq, bounds(record_type, basis, incoming, decides)))
        newest[told.device] = max(told.id, newest.get(told.device, ""))
    again = view(record_type, draft.state)
    assert again == draft.shown, "what was refreshed slot by slot is what the whole state shows"
    return draft.shown


def make_story(chance: random.Random, size: int, devices: int, tell: Any) -> Story:
    """A story that at least one order admits: written along one order, then only the story is kept."""
    told: list[Told] = []
    saw: dict[str, int] = {}
    for number in range(1, size + 1):
        device = f"d{chance.randrange(devices)}"
        prefix = chance.randint(saw.get(device, 0), number - 1)
        saw[device] = prefix
        values, decides, void = tell(chance, [each.values for each in told])
        seen = frozenset(range(1, prefix + 1))
        told.append(Told(number, device, values, seen, chance.randrange(1, 6) * 10, decides, void))
    return tuple(told)
