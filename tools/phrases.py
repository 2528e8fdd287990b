"""What nearly every sync call and reply says anyway: the dictionary that phone and server pack small ones with.

Made from the record types: the names of their fields, what these may hold and what that is called, and the forms of
calls, replies and of the entries that are written every day. Nothing that anybody wrote. What stands last costs least,
so what is said most often comes last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

Json = Mapping[str, Any]
AT: Final = "2026-06-13T08:40:12.123Z"
ID: Final = "019f"
"""How the ids of these years begin (UUIDv7)."""

DAILY: Final[Mapping[str, Json]] = {
    "round": {
        "place_id": ID,
        "kind": "daily",
        "status": {"from": None, "to": "active", "cycle": 1},
        "members": {ID: {"at": AT}},
        "started_at": AT,
        "stops": {ID: {"at": AT, "method": "scan", "place": ID}},
        "checks": {ID: "fine"},
    },
    "shift": {
        "check_in_at": {ID: AT},
        "check_in_how": {ID: {"method": "button", "near": "yes"}},
        "log": {ID: {"at": AT, "by": ID, "kind": "jam", "text": ""}},
    },
    "task": {"status": {"from": "todo", "to": "done", "cycle": 1}, "done_at": AT, "done_by": ID, "note": {"text": ""}},
    "case": {
        "temp_no": "",
        "captured_at": AT,
        "source": "grid_worker",
        "status": {"from": None, "to": "reported", "cycle": 1},
        "severity": "normal",
        "category": "blocked_way",
        "class": "thing",
        "description": {"text": ""},
        "place_id": ID,
        "photos": {
            "": {"type": "image/jpeg", "bytes": 1, "width": 1600, "height": 1200, "taken_at": AT, "preview": ""}
        },
    },
    "visit": {
        "place_id": ID,
        "purpose": "safety_check",
        "status": {"from": None, "to": "done", "cycle": 1},
        "outcome": {ID: {"what": "met", "by": ID, "at": AT}},
        "visited_by": ID,
        "visited_at": AT,
        "safety": {"gas": "fine", "wiring": "fine", "smoke_alarm": "fine", "passage": "fine", "heating": "fine"},
        "note": {"text": ""},
    },
}
"""What is written every day, as the phone writes it; the most frequent last."""

SAID: Final = """
网格 小区 居民 住户 楼栋 单元 楼道 楼梯 楼上 楼下 门口 门卫 地下室 车库 车棚 电梯 走廊 拐角 消防通道 安全出口 灭火器 消火栓 应急灯 烟感
电瓶车 充电 飞线 电线 插座 燃气 灶具 软管 取暖器 水管 漏水 渗水 下水道 井盖 路灯 灯泡 不亮 坏了 松动 破损 开裂 老化 脱落 堵塞
垃圾 杂物 纸箱 旧家具 沙发 堆放 堆着 占道 清理 清运 搬走 打扫 干净 畅通 正常 没有 发现 问题 已经 通知 物业 社区 报修 维修 更换 处理
老人 独居 爷爷 奶奶 阿姨 师傅 孩子 女儿 儿子 家属 家里 身体 精神 不错 还好 血压 吃药 医院 陪诊 买菜 送餐 电话 打过 没人应 不在家 敲门
上午 下午 晚上 今天 明天 后天 周一 周末 下周 月底 前 回来 再来 看看 说好 约好 答应 提醒 告知 拍照 照片 上报 请 和 了 的 在 有点 一个 两个
"""
"""Words of the trade, as anybody writes them at a door."""


def phrases(described: Json) -> str:
    """The dictionary. `described`: the record types, as the phone knows them."""
    often = list(DAILY)
    types = sorted(described["types"], key=lambda each: often.index(each["type"]) if each["type"] in often else -1)
    seldom = dict.fromkeys(word for each in types if each["type"] not in DAILY for word in _words(each))
    often_said = (word for each in types if each["type"] in DAILY for word in _words(each))
    return "\n".join(["".join(SAID.split()), "".join(seldom), "".join(often_said), *_forms(described)]) + "\n"


def _words(described: Json) -> Iterator[str]:
    """The type, its fields, and what each may hold."""
    yield f'"{described["type"]}",'
    for name, field in described["fields"].items():
        yield f'"{name}":'
        for choice in field.get("choices") or ():
            called = choice["labels"]["zh-CN"] if described["type"] in DAILY else ""
            yield f'"{choice["value"]}",{called}'


def _forms(described: Json) -> Iterator[str]:
    mark = {"value": "", "by": ID, "at": AT, "change": ID}
    yield _dump({"void": True, "moved_to": ID, "conflicts": {"": [mark]}, "others": {"": [mark]}})
    receipt = {
        "index": 0,
        "id": ID,
        "outcome": "conflict",
        "seq": 1,
        "fields": {"": "kept_other"},
        "reason": "",
        "errors": {"": [""]},
    }
    yield _dump([receipt, {**receipt, "outcome": "merged", "fields": {"status": "merged"}}])
    applied = {**receipt, "outcome": "applied", "fields": {}, "reason": None, "errors": None}
    rules = {
        each["type"]: {name: field["rule"] for name, field in each["fields"].items()} for each in described["types"]
    }
    records = [
        _record(name, {field: _shown(value, rules[name][field]) for field, value in set_.items()})
        for name, set_ in DAILY.items()
    ]
    page = {
        "book": ID,
        "cursor": [1, ID, ""],
        "head": 1,
        "restart": False,
        "erased": [],
        "forget": [],
        "records": records,
    }
    reply = {"protocol": 1, "epoch": ID, "server_time": AT, "receipts": [applied], "books": [page]}
    yield _dump({**reply, "dropped": [], "busy": [], "reoffer": False, "more": False})
    head = {"protocol": 1, "device": ID, "epoch": ID, "last": ID, "newest": ID, "cursors": {ID: [1, ID, ""]}}
    yield _dump({**head, "changes": [_change(*each) for each in DAILY.items()], "limit": 5000, "missing": True})


def _record(name: str, fields: Json) -> Json:
    head = {"id": ID, "type": name, "book": ID, "seq": 1, "schema": 1}
    return {**head, "fields": fields, "by": ID, "made_at": AT, "changed_at": AT, "void": False}


def _change(name: str, written: Json) -> Json:
    head = {"id": ID, "book": ID, "record": ID, "type": name, "schema": 1, "epoch": ID, "seen": 0, "made_at": AT}
    return {**head, "create": True, "set": written}


def _shown(value: Any, rule: str) -> Any:
    """A value as a record shows it, from what a change says."""
    if rule == "furthest":
        return {"status": value["to"], "cycle": value["cycle"]}
    return [{**value, "by": ID, "at": AT, "change": ID}] if rule == "keep_all" else value


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
