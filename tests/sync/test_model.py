"""The island once more, driven by Hypothesis: it looks for the shortest story that breaks an invariant.

The acts and the invariants are those of the simulation; only the choices are Hypothesis's, so that it can shrink them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.sync.invariants import watch
from tests.sync.island import Island
from tests.sync.memory import MemoryWorld
from tests.sync.watch import Broken

THOROUGH = os.environ.get("GRIDWALK_TESTS") == "torture"
EXAMPLES, STEPS = (1500, 60) if THOROUGH else (220, 25)
Chosen = TypeVar("Chosen")
met: Counter[str] = Counter()
"""How often each act was done, and how many states were seen, over all examples."""
states: set[int] = set()


class Drawn:
    """A Chance whose choices Hypothesis makes."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def pick(self, options: Sequence[Chosen]) -> Chosen:
        return options[self.below(len(options))]

    def below(self, limit: int) -> int:
        return self._data.draw(st.integers(0, limit - 1)) if limit > 1 else 0

    def often(self, percent: int) -> bool:
        return self._data.draw(st.integers(0, 99)) >= 100 - percent


def act(name: str) -> Callable[..., None]:
    """One act of the island as a rule of the model, with every invariant asked after it."""

    def step(self: Weather, data: st.DataObject) -> None:
        met[name] += 1
        getattr(self.island, name)(Drawn(data))
        self.watch.after_step()
        states.add(self.watch.state())

    return rule(data=st.data())(step)


class Weather(RuleBasedStateMachine):
    """Phones, a server and a bad line."""

    world = MemoryWorld()

    @initialize()
    def begin(self) -> None:
        self.world.begin_again()
        self.island = Island(self.world)
        self.watch = watch(self.island)

    write = act("write")
    write_more = act("write")
    sync = act("sync")
    sync_more = act("sync")
    edit_on_the_console = act("edit_on_the_console")
    at_the_desk = precondition(lambda self: self.world.look("SELECT id FROM parked LIMIT 1"))(act("at_the_desk"))
    deliver_late = precondition(lambda self: self.island.ghosts)(act("deliver_late"))
    jump = act("jump")
    move_person = act("move_person")
    open_eyes = act("open_eyes")
    erase = precondition(lambda self: self.world.look("SELECT id FROM record LIMIT 1"))(act("erase"))
    move_record = precondition(lambda self: self.world.look("SELECT id FROM record LIMIT 1"))(act("move_record"))
    rescue = precondition(lambda self: any(phone.outbox for phone in self.island.phones))(act("rescue"))
    back_up = act("back_up")
    restore = precondition(lambda self: self.island.backups)(act("restore"))
    copy_a_phone = act("copy_a_phone")

    def teardown(self) -> None:
        if hasattr(self, "watch"):
            met["stories"] += 1
            self.island.calm()
            self.watch.at_the_end()


def explore(examples: int, steps: int, phases: Sequence[Phase] = tuple(Phase)) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=phases,
        deadline=None,
        derandomize=not THOROUGH,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Weather, settings=chosen)  # type: ignore[no-untyped-call]


def test_M8_the_model_of_phones_server_and_line_holds(capsys: pytest.CaptureFixture[str]) -> None:
    explore(EXAMPLES, STEPS)
    steps = sum(met.values()) - met["stories"]
    with capsys.disabled():
        print(f" model: {met['stories']} stories, {steps} steps, {len(states)} states of the books", end="")
    assert all(
        met[name] for name in ("write", "sync", "restore", "erase", "move_record", "copy_a_phone", "at_the_desk")
    )
    assert met["stories"] >= EXAMPLES // 2


def test_the_model_notices_a_broken_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cursors that name no change: the model stumbles over them (tests/sync/mutants shows the same of every invariant)."""
    monkeypatch.setattr("sync.pull.Page._change_at", lambda *_: None)
    with pytest.raises(Broken, match="cursors_are_of_this_book"):
        explore(50, 20, phases=[Phase.generate])
