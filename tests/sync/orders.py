"""Every admissible order of a small set of changes, played through the merge without a database.

A *story* says who wrote what having seen what. An order of arrival is admissible when every device's changes come
in order (but for one that was held and is let in later, S6) and what each writer had seen is exactly a beginning of
the order. `play` runs one, and asks the oracle about every receipt and about the end; `orders` finds them all;
`all_stories` makes every story of a size there is.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync.draft import Draft
from sync.merge import Incoming, View, accept, bounds, outcome, view
from sync.state import State
from sync.types import Field, RecordType
from tests.sync.oracle import Fact, Oracle


@dataclass(frozen=True)
class Told:
    """One change: `number` orders the changes of a device (it stands for the change id); `saw` are numbers; `at` in
    milliseconds, fixed already (M5). `late`: it was held at first, and is let in whenever the order says so."""

    number: int
    device: str
    values: dict[str, Any]
    saw: frozenset[int]
    at: int
    decides: bool = False
    void: bool | None = None
    late: bool = False

    @property
    def id(self) -> str:
        return f"c{self.number}"


Story = tuple[Told, ...]
Saying = tuple[dict[str, Any], bool | None]
"""What a change says: its `set`, and `void`."""


def admissible(order: Sequence[Told]) -> bool:
    for place, told in enumerate(order):
        if {each.number for each in order[: len(told.saw)]} != told.saw:
            return False
        for each in order[place + 1 :]:
            if each.device == told.device and each.number < told.number and not each.late:
                return False
    return True


def orders(story: Story) -> Iterator[Sequence[Told]]:
    return (order for order in itertools.permutations(story) if admissible(order))


def after_what_was_seen(story: Iterable[Told]) -> Story:
    """The story with every `at` after those that its writer saw, and after its device's earlier ones (M5)."""
    fixed: dict[int, Told] = {}
    story = tuple(story)
    for told in sorted(story, key=lambda each: (len(each.saw), each.number)):
        known = [
            each.at
            for each in fixed.values()
            if each.number in told.saw or (each.device == told.device and each.number < told.number)
        ]
        fixed[told.number] = replace(told, at=max([told.at, *(at + 1 for at in known)]))
    return tuple(fixed[told.number] for told in story)


def facts_of(order: Sequence[Told]) -> list[Fact]:
    return [
        Fact(told.id, told.device, told.device, seq, told.at, len(told.saw), told.values, told.void, told.decides)
        for seq, told in enumerate(order, start=1)
    ]


def play(record_type: RecordType, order: Sequence[Told], *, ask_oracle: bool = True) -> View:
    """The record after these changes have arrived in this order, by the same steps as a push takes."""
    draft = Draft(record_type, "r", None, lambda record: ())
    newest: dict[str, str] = {}
    facts = facts_of(order)
    for seq, told in enumerate(order, start=1):
        seen = len(told.saw)
        late = draft.exists if told.late else told.id < newest.get(told.device, "")
        basis = draft.basis(seen, told.device, told.id, late=late)
        incoming = Incoming(told.id, told.device, told.device, seen, told.at, told.values, told.void)

        def decides(each: Field, told: Told = told) -> bool:
            return told.decides or (each.deciders is None and each.name != "void")

        def at_seen(seen: int = seen) -> State:
            return draft.basis(seen, "", "", late=False)

        accepted = accept(record_type, incoming, seq, bounds(record_type, basis, incoming, decides, at_seen))
        draft.take(accepted)
        newest[told.device] = max(told.id, newest.get(told.device, ""))
        if ask_oracle:
            said = Oracle(record_type, facts[:seq]).outcome(facts[seq - 1])
            assert outcome(record_type, draft.state, accepted) == said, f"M14: the receipt of {told.id}"
    assert view(record_type, draft.state) == draft.shown, "what was refreshed slot by slot is what the state shows"
    if ask_oracle:
        right = Oracle(record_type, facts).reading()
        assert vars_of(draft.shown) == vars(right), "M1: what the contract says of these changes"
    return draft.shown


def vars_of(shown: View) -> dict[str, Any]:
    return {name: getattr(shown, name) for name in ("fields", "conflicts", "others", "hidden")}


# -- every story of a size ----------------------------------------------------------------------------------------------


def growing(size: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every way to give `size` places names, where only sameness counts: 0, then nothing more than one above the
    highest so far. Two ways that differ only by the names are one."""

    def more(begun: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(begun) == size:
            yield begun
            return
        for name in range(min(max(begun, default=-1) + 2, most)):
            yield from more((*begun, name))

    return more(())


def prefixes(devices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """How much of what came before each writer may have seen: never less than the device saw before."""
    for seen in itertools.product(*(range(place + 1) for place in range(len(devices)))):
        if all(
            seen[a] <= seen[b] for a, b in itertools.combinations(range(len(devices)), 2) if devices[a] == devices[b]
        ):
            yield seen


def times(size: int, *, ties: bool) -> Iterator[tuple[int, ...]]:
    """Clocks: every order of the times, and all at once; with `ties` also every other way in which some are equal."""
    if not ties:
        yield from itertools.permutations(range(size))
        yield (0,) * size
        return
    for way in itertools.product(range(size), repeat=size):
        if set(way) == set(range(len(set(way)))):
            yield way


def all_stories(size: int, sayings: Sequence[Sequence[Saying]], *, asks: bool, ties: bool) -> Iterator[Story]:
    """Every story of this size that more than one order admits. `sayings`: every combination of what is said;
    `asks`: can there be a conflict, so that it matters who decides? `ties`: as in `times`."""
    for devices in growing(size, 4):
        for seen in prefixes(devices):
            plain = [
                Told(place + 1, f"d{device}", {}, frozenset(range(1, seen[place] + 1)), 0)
                for place, device in enumerate(devices)
            ]
            for skeleton in [tuple(plain), *let_in_later(plain)]:
                if sum(1 for _ in itertools.islice(orders(skeleton), 2)) > 1:
                    yield from _tell(skeleton, sayings, asks, ties)


def _tell(skeleton: Story, sayings: Sequence[Sequence[Saying]], asks: bool, ties: bool) -> Iterator[Story]:
    """Only who has seen two can have seen a conflict, so only there the right to decide makes a difference."""
    may = [(False, True) if asks and len(told.saw) > 1 and not told.late else (False,) for told in skeleton]
    for way in times(len(skeleton), ties=ties):
        for said in sayings:
            for decides in itertools.product(*may):
                yield after_what_was_seen(
                    replace(told, values=values, void=void, at=(at + 1) * 10, decides=decide)
                    for told, (values, void), at, decide in zip(skeleton, said, way, decides, strict=True)
                )


def let_in_later(plain: Sequence[Told]) -> Iterator[Story]:
    """The same with one change that was written before an own one that it comes after, for it was held (S6)."""
    for late, told in enumerate(plain):
        own = [place for place in range(late) if plain[place].device == told.device]
        if own:
            saw_before = len(plain[own[-2]].saw) if len(own) > 1 else 0
            for seen in range(saw_before, len(plain[own[-1]].saw) + 1):
                yield _swapped(plain, own[-1], late, seen)


def _swapped(plain: Sequence[Told], place: int, late: int, seen: int) -> Story:
    """The two change names: what comes late was written first, and had seen no more than the one after it."""
    first, told = plain[place], plain[late]
    names = {first.number: told.number, told.number: first.number}
    story = list(plain)
    story[place] = replace(first, number=told.number)
    saw = frozenset(range(1, seen + 1))
    # Whoever lets it in answers for it, but decides nothing by it.
    story[late] = replace(told, number=first.number, saw=saw, late=True, decides=False)
    return tuple(replace(each, saw=frozenset(names.get(number, number) for number in each.saw)) for each in story)


def make_story(chance: random.Random, size: int, devices: int, tell: Any, *, late: bool = False) -> Story:
    """A story that at least one order admits: written along one order, then only the story is kept. `late`: with one
    that was held and is let in later, where there is a device with two."""
    told: list[Told] = []
    saw: dict[str, int] = {}
    for number in range(1, size + 1):
        device = f"d{chance.randrange(devices)}"
        prefix = chance.randint(saw.get(device, 0), number - 1)
        saw[device] = prefix
        values, decides, void = tell(chance, [each.values for each in told])
        seen = frozenset(range(1, prefix + 1))
        told.append(Told(number, device, values, seen, chance.randrange(1, 6) * 10, decides, void))
    ways = list(let_in_later(told)) if late else []
    return after_what_was_seen(chance.choice(ways) if ways else told)
