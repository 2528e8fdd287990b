"""The one workload, made by a seed: patrol entries of about 600 bytes, as plain JSON and as Gridwalk's own CHANGE.

In Gridwalk an entry is a `visit` with purpose 安全检查: somebody went to a door, looked at five things, wrote a line. It is
the record type of the real domain whose fields are those of the entry, with its judge, its steps and its `spent`. A
`case` would be two entries (the server answers each with a number and due times, as a change of its own).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from sync.clock import to_text

Json = dict[str, Any]
SEED: Final = 20261122
CHECKS: Final = ("gas", "wiring", "smoke_alarm", "passage", "heating")
NOTE: Final = 120
"""Characters of a note."""
_SPOKEN: Final = """
三单元 楼道 拐角 堆着 旧沙发 两个 纸箱 已经 和 住户 说好 周五 前 搬走 灶具 软管 有点 老化 答应 下周 更换 烟感 试过 会响
走廊 灯泡 坏了 一个 报给 物业 老人 在家 精神 不错 女儿 周末 回来 电瓶车 停在 楼下 车棚 没有 飞线 充电 门口 井盖 松动 已经
放了 警示牌 取暖器 离 窗帘 太近 帮忙 挪开 了 水表 箱 渗水 拍了 照片 约好 明天 上午 再来 看看 通道 畅通 安全门 能 关上
"""
_WORDS: Final = _SPOKEN.split()
START: Final = 1_780_000_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Times in milliseconds."""

    id: str
    record: str
    place: str
    at: int
    note: str
    checks: dict[str, str]


class Ids:
    """Change ids that only grow, as those of a phone do, made by a seed."""

    def __init__(self, rng: Random) -> None:
        self._rng, self._at = rng, 0

    def __call__(self, at: int) -> str:
        self._at = max(at, self._at + 1)
        return made_id(self._rng, self._at)


def made_id(rng: Random, at: int) -> str:
    """A UUIDv7 of that moment."""
    number = (at & (2**48 - 1)) << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62)
    return str(uuid.UUID(int=number))


def entries(count: int, seed: str, start: int = START) -> list[Entry]:
    """`count` entries; another seed gives others."""
    rng = Random(f"{SEED} {seed}")
    ids = Ids(rng)
    places = [made_id(rng, START - 10**9 + each) for each in range(40)]
    made = []
    for number in range(count):
        at = start + number * 1000 + rng.randrange(1000)
        checks = {each: "trouble" if rng.random() < 0.1 else "fine" for each in CHECKS}
        made.append(Entry(ids(at), made_id(rng, at), rng.choice(places), at, _note(rng), checks))
    return made


def _note(rng: Random) -> str:
    said = ""
    while len(said) < NOTE:
        said += rng.choice(_WORDS) + (rng.choice(",。") if rng.random() < 0.15 else "")
    return said[:NOTE]


def plain(entry: Entry, grid: str, author: str) -> Json:
    """The entry as anybody would write it down: what the ceiling and the peers are given."""
    return {
        "id": entry.record,
        "grid": grid,
        "author": author,
        "place": entry.place,
        "status": "done",
        "made_at": to_text(entry.at),
        "visited_at": to_text(entry.at - 60_000),
        "note": entry.note,
        "checks": entry.checks,
    }


def change(entry: Entry, grid: str, author: str, **more: Any) -> Json:
    """The same entry as the phone sends it."""
    return {
        "id": entry.id,
        "book": grid,
        "record": entry.record,
        "type": "visit",
        "schema": 1,
        "epoch": None,
        "seen": 0,
        "made_at": to_text(entry.at),
        "create": True,
        "set": {
            "place_id": entry.place,
            "purpose": "safety_check",
            "status": {"from": None, "to": "done", "cycle": 1},
            "outcome": {entry.id: {"what": "met", "by": author, "at": to_text(entry.at)}},
            "visited_at": to_text(entry.at - 60_000),
            "safety": entry.checks,
            "note": {"text": entry.note},
        },
        **more,
    }


def edit(entry: Entry, grid: str, number: str, seen: int) -> Json:
    """Somebody looks again: one check and a line more, on what they had pulled at `seen`."""
    frame = {"id": number, "book": grid, "record": entry.record, "type": "visit", "schema": 1, "epoch": None}
    written = {"safety": {CHECKS[0]: "trouble"}, "note": {"text": entry.note[::-1]}}
    return {**frame, "seen": seen, "made_at": to_text(entry.at + 5000), "create": False, "set": written}


def size(made: Sequence[bytes]) -> float:
    """The mean size of some JSON texts, in bytes."""
    return sum(map(len, made)) / max(len(made), 1)
