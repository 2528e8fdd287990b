"""The day that is played: nothing of it is lost, and more people never wait less."""

from __future__ import annotations

import pytest

from bench import growth
from bench.growth import Costs, Setup, Society

COSTS = Costs(entry=0.3, call=5.0, entry_database=0.2, call_database=1.0, up=220, down=550)
TWO = Setup("two cores", 2)


def test_the_shares_of_a_day_are_a_whole_day_and_the_morning_is_its_peak() -> None:
    shape = growth.shape()
    assert sum(shape) == pytest.approx(1)
    assert min(shape) > 0
    assert growth.MORNING <= shape.index(max(shape)) * growth.STEP < growth.MORNING + growth.RETURN


def test_more_grids_wait_longer_and_what_is_carried_is_the_edge() -> None:
    most = growth.carries(COSTS, Society(), TWO)
    waits = [
        max(each.wait for each in growth.play(COSTS, Society(), TWO, most * times)) for times in (0.5, 1, 1.3, 2.0)
    ]
    assert waits == sorted(waits)
    assert waits[1] <= growth.PATIENCE < waits[2]


def test_twice_the_cores_carry_twice_the_grids_until_the_line_is_full() -> None:
    one, two = (growth.carries(COSTS, Society(pictures=0), Setup("", cores)) for cores in (2, 4))
    assert two / one == pytest.approx(2, rel=0.02)
    thin = Setup("a thin line", 64, line=100_000)
    worst = max(growth.play(COSTS, Society(), thin, 2000), key=lambda each: each.wait)
    assert worst.part == "line"


def test_what_servers_and_database_do_apart_they_do_together_on_one_machine() -> None:
    apart = growth.demands(COSTS, Society(), Setup("", 2, 2), 100)
    together = growth.demands(COSTS, Society(), TWO, 100)
    assert together["processors"][0] == pytest.approx(apart["servers"][0] + apart["PostgreSQL"][0])


def test_the_figures_that_are_kept_can_be_played() -> None:
    lines = growth.told([])
    assert any("carries" in each for each in lines)
    assert any("cores at the peak" in each for each in lines)


def test_the_document_takes_new_figures_and_keeps_its_words() -> None:
    text = f"before\n{growth.BEGIN}\nold\n{growth.END}\nafter\n"
    once = growth.in_document(text, ["new"])
    assert "old" not in once
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert growth.in_document(once, ["new"]) == once
