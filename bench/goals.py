"""What is to be reached, and whether it was: each goal as a question to the figures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Found = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Target -> measurement -> figure -> median."""
SQLITE, POSTGRESQL = "Gridwalk on SQLite", "Gridwalk on PostgreSQL"
BARE = {SQLITE: "bare Flask on SQLite", POSTGRESQL: "bare Flask on PostgreSQL"}
POUCH, KINTO = "pouchdb-server on LevelDB", "kinto on PostgreSQL"
OURS = (SQLITE, POSTGRESQL)


@dataclass(frozen=True, slots=True)
class Goal:
    """`value` gives the figure of one of OURS, or None where it was not measured; `most`: it may not be above."""

    code: str
    says: str
    bound: float
    value: Callable[[Found, str], float | None]
    most: bool = True
    unit: str = ""

    def met(self, value: float) -> bool:
        return value <= self.bound if self.most else value >= self.bound


def _get(code: str, name: str, scale: float = 1.0) -> Callable[[Found, str], float | None]:
    def value(found: Found, target: str) -> float | None:
        figure = found.get(target, {}).get(code, {}).get(name)
        return None if figure is None else figure * scale

    return value


def _against(code: str, name: str, other: Callable[[str], str]) -> Callable[[Found, str], float | None]:
    def value(found: Found, target: str) -> float | None:
        mine, theirs = _get(code, name)(found, target), _get(code, name)(found, other(target))
        return None if mine is None or not theirs else mine / theirs

    return value


def _fastest_peer(found: Found, target: str) -> float | None:
    mine = _get("B1", "seconds")(found, target)
    peers = [_get("B1", "seconds")(found, each) for each in found if each not in {*OURS, *BARE.values()}]
    known = [each for each in peers if each]
    return None if mine is None or not known else mine / min(known)


GOALS: Sequence[Goal] = (
    Goal("B1", "requests for 200 entries", 1, _get("B1", "requests")),
    Goal("B1", "bytes up", 50, _get("B1", "up", 1 / 1000), unit="kB"),
    Goal("B1", "time, against the fastest peer", 1.0, _fastest_peer, unit="×"),
    Goal("B1", "on the bad line (600 ms, 50 kB/s)", 3.0, _get("B1 bad line", "seconds"), unit="s"),
    Goal(
        "B2", "entries a second, against pouchdb-server", 4, _against("B2", "per_second", lambda _: POUCH), False, "×"
    ),
    Goal("B2", "entries a second, against kinto", 25, _against("B2", "per_second", lambda _: KINTO), False, "×"),
    Goal(
        "B2", "entries a second, against the ceiling", 0.45, _against("B2", "per_second", BARE.__getitem__), False, "×"
    ),
    Goal("B2", "server processor time an entry", 0.2, _get("B2", "cpu_ms"), unit="ms"),
    Goal("B3", "requests", 3, _get("B3", "requests")),
    Goal("B3", "bytes down", 2.2, _get("B3", "down", 1e-6), unit="MB"),
    Goal("B3", "server processor time", 0.5, _get("B3", "server_seconds"), unit="s"),
    Goal("B4", "requests", 1, _get("B4", "requests")),
    Goal("B4", "bytes up, with heads", 0.8, _get("B4", "up", 1 / 1000), unit="kB"),
    Goal("B4", "bytes down, with heads", 1.3, _get("B4", "down", 1 / 1000), unit="kB"),
    Goal("B4", "time on the bad line: connecting and one round trip", 1.35, _get("B4", "seconds"), unit="s"),
    Goal("B5", "rate, against a trivial signed-in route", 0.6, _get("B5", "ratio"), False, "×"),
    Goal("B6", "entries a second, against B2", 0.8, _get("B6", "ratio"), False, "×"),
    Goal("B7", "entries a second on a long history, against a short one", 0.85, _get("B7", "ratio"), False, "×"),
    Goal("B8", "board's p95 while B2 runs, against alone", 3, _get("B8", "ratio"), unit="×"),
    Goal("B9", "memory at the end, against after the first B2", 1.25, _get("B9", "growth"), unit="×"),
)

PHONE: Sequence[Goal] = (
    Goal("phone", "cold start without a line, until usable", 1.5, _get("phone", "start"), unit="s"),
    Goal("phone", "上报 tapped until 在手机上", 100, _get("phone", "saved_ms"), unit="ms"),
    Goal("phone", "a stairway of 32 doors opened", 200, _get("phone", "doors_ms"), unit="ms"),
    Goal("phone", "search among 10,000 doors", 100, _get("phone", "search_ms"), unit="ms"),
    Goal("phone", "a frame of scrolling among them", 50, _get("phone", "frame_ms"), unit="ms"),
    Goal("phone", "first 10,000 records until usable", 6, _get("phone", "first"), unit="s"),
    Goal("phone", "JavaScript before it can be used, gzip", 150, _get("phone", "js_kb"), unit="KB"),
    Goal("phone", "longest task after the start", 200, _get("phone", "longest_ms"), unit="ms"),
)
