"""What is looked at on a round, kind by kind: data, from which the phone's lists are made too (`make types`).

An item is a thing that one can see, never a person. Once issued, the name of an item keeps its meaning for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from domain.words import choices, say
from sync.types import Choice, Labels

KINDS: Final = choices(
    {
        "daily": ("日常", "Everyday"),
        "fire": ("消防", "Fire safety"),
        "night": ("夜巡", "Night round"),
        "campus": ("校园周边", "Around the school"),
        "flood": ("防汛", "Flood watch"),
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at, as it should be; `category` is that of a case about it."""

    labels: Labels
    category: str


CHECKLISTS: Final[Mapping[str, Mapping[str, Item]]] = MappingProxyType(
    {
        "daily": {
            "ground": Item(say("地面、楼道干净", "Ground and stairs clean"), "garbage"),
            "lamps": Item(say("路灯、楼道灯亮", "Lamps work"), "lamp_door"),
            "manholes": Item(say("井盖不缺不翘", "Manhole covers in place"), "road"),
            "bins": Item(say("垃圾桶没满", "Bins not full"), "garbage"),
            "fittings": Item(say("栏杆、健身器材不晃", "Railings and equipment firm"), "facility"),
            "ways": Item(say("通道没有占用", "Ways kept free"), "blocked_way"),
        },
        "fire": {
            "stairway": Item(say("楼道没有堆东西", "Stairway free of things"), "blocked_way"),
            "fire_lane": Item(say("消防车道畅通", "Fire lane free"), "blocked_way"),
            "extinguishers": Item(say("灭火器在、没过期", "Extinguishers there and in date"), "facility"),
            "hydrant": Item(say("消火栓箱好用", "Hydrant box in order"), "facility"),
            "exit_lamps": Item(say("应急灯、指示牌亮", "Emergency lamps and signs lit"), "lamp_door"),
            "fire_doors": Item(say("防火门关好", "Fire doors closed"), "lamp_door"),
            "ebikes": Item(say("电动车没进楼", "No e-bikes inside"), "ebike"),
            "wiring": Item(say("没有乱拉电线", "No loose wiring"), "ebike"),
        },
        "night": {
            "lamps": Item(say("路灯、楼道灯亮", "Lamps work"), "lamp_door"),
            "gates": Item(say("单元门、门禁关好", "Doors and gates closed"), "lamp_door"),
            "charging": Item(say("充电棚没有异味、发热", "Charging shed: no smell, no heat"), "ebike"),
            "ways": Item(say("通道没有占用", "Ways kept free"), "blocked_way"),
            "sites": Item(say("工地围挡、警示灯好", "Building site fenced and lit"), "facility"),
        },
        "campus": {
            "crossing": Item(say("斑马线、标牌清楚", "Crossing and signs clear"), "road"),
            "signals": Item(say("红绿灯正常", "Traffic lights work"), "facility"),
            "railings": Item(say("护栏、隔离墩在位", "Railings and posts in place"), "facility"),
            "parking": Item(say("门口没有停车挡路", "No parked cars in the way"), "blocked_way"),
            "pavement": Item(say("人行道平整", "Pavement even"), "road"),
            "stalls": Item(say("摊位没有占道", "Stalls leave the way free"), "blocked_way"),
        },
        "flood": {
            "drains": Item(say("雨水口没有堵", "Drains free"), "drainage"),
            "manholes": Item(say("井盖不缺不翘", "Manhole covers in place"), "road"),
            "barriers": Item(say("挡水板、沙袋备好", "Flood boards and sandbags ready"), "facility"),
            "garage": Item(say("地下车库没进水", "No water in the garage"), "drainage"),
            "low_ground": Item(say("低洼处没有积水", "No water on low ground"), "drainage"),
            "signboards": Item(say("树枝、广告牌牢固", "Branches and signboards firm"), "greenery"),
            "walls": Item(say("围墙、边坡没有裂", "Walls and slopes without cracks"), "facility"),
        },
    }
)
"""kind -> its items by name."""

CHECKS: Final = choices(
    {"unseen": ("没看", "Not looked at"), "fine": ("正常", "Fine"), "bad": ("有问题", "Something wrong")}
)
CHECK_ORDER: Final = ("unseen", "fine", "bad")
_KEY: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[a-z_]{1,40}")


def check_key(place: str, item: str) -> str:
    """The key of `checks` for one item at one stop."""
    return f"{place}:{item}"


def is_check_key(key: str) -> bool:
    """Has it the form that `check_key` makes? Which items there are is the writer's matter: a later version has more."""
    return _KEY.fullmatch(key) is not None


def described() -> dict[str, Any]:
    """`{"kinds": [{"value", "labels", "items": [{"value", "labels", "category"} …]} …]}`, all JSON, in the order in which they are
    shown."""
    return {"kinds": [_kind(each) for each in KINDS]}


def _kind(kind: Choice) -> dict[str, Any]:
    items = [
        {"value": name, "labels": dict(item.labels), "category": item.category}
        for name, item in CHECKLISTS[kind.value].items()
    ]
    return {"value": kind.value, "labels": dict(kind.labels), "items": items}
