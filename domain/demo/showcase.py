"""Nine stories worth telling, after newspaper reports: each a case of 柳湾一网格 from the find to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from domain.days import DAY, HOUR, MINUTE, start_of_day
from domain.demo.lives import Crew
from domain.demo.pictures import Album
from domain.demo.story import Act, Story
from sync.clock import to_text
from sync.ids import derived

_HANDLER: Final = "handler"


@dataclass(frozen=True, slots=True)
class Tale:
    """`days` before today at `minute` of the day; `place`: number of the unit, None for the open grid."""

    name: str
    days: int
    minute: int
    finder: str
    category: str
    severity: str
    scene: str | None
    told: str
    done: str
    spot: str = ""
    place: int | None = None
    source: str = "grid_worker"
    menders: tuple[str, ...] = (_HANDLER,)
    added: tuple[tuple[str, str], ...] = ()
    """(login, text) said while it was being worked on."""
    hours: float = 3.0
    """From dispatch to resolution."""
    again: str | None = None
    """What was done the second time, of a case that came back."""


TALES: Final = (
    Tale("drain", 1, 8 * 60 + 5, "worker", "drainage", "serious", "drain", "昨晚大风,一根树枝插进下水口,巷子里积水没过鞋面",
         "树枝取出,清掏了两个口子,水一刻钟退完", "柳湾里东巷口", hours=1.5),
    Tale("bin", 2, 7 * 60 + 40, "captain", "garbage", "normal", "garbage", "8号楼下面的垃圾桶裂了,污水流到路上",
         "换了新桶,地面冲洗过", "8号楼下", 0, "building_captain", hours=5),
    Tale("planters", 3, 9 * 60 + 15, "worker2", "facility", "normal", "planters", "桥头三个花箱倒了两个,土撒在人行道上",
         "花箱扶正,补了土,和桥栏绑在一起", "柳湾桥头", hours=4),
    Tale("pothole", 0, 6 * 60 + 50, "worker", "road", "serious", "pothole", "南门外路上有个坑,早上有电动车绊了一下,人没事",
         "冷补料填平,当天通车", "南门外", hours=2),
    Tale("noodles", 6, 10 * 60 + 30, "worker", "noise", "serious", "noodles", "面馆后厨的水和油烟都朝巷子里排,地上滑",
         "三个部门一起到场:接了隔油池,装了净化器,营业时间贴在门上", "柳湾路面馆后门", menders=(_HANDLER, "handler2", "head"),
         added=(("handler2", "城管:约了店主下午三点"), ("head", "店主愿意改,缺一节管子"), (_HANDLER, "环保:净化器已到")), hours=46),
    Tale("exhaust", 9, 20 * 60 + 10, "worker2", "noise", "normal", None, "夜里有摩托车改了排气,几户都睡不好",
         "议事会上说开了,车主自己把消声器装了回去", "3号楼前", source="council", hours=60),
    Tale("wages", 11, 14 * 60, "supervisor", "dispute", "serious", None, "装修工和东家为尾款争起来,差五百块",
         "两边坐下来算清了,五百块当场结清,写了条子", "社区接待室", source="reception", hours=20),
    Tale("door", 5, 18 * 60 + 25, "captain", "lamp_door", "normal", "door", "单元门老有人用砖头顶着,风一大就响,夜里也关不上",
         "砖拿走了,门扇调平", "1号楼1单元门口", 0, "building_captain", hours=20, again="装了新闭门器,轻推就关"),
    Tale("smoke", 4, 16 * 60 + 5, "guard", "help", "urgent", "wires", "放学时看见三楼窗口冒烟,已打119,人都下来了",
         "消防到场十分钟处理完,是充电线过热;第二天全楼做了疏散演练", "学校东门对面", source="school_guard", hours=1),
)  # fmt: skip


def showcase(grid: Crew, post: Crew, album: Album, now: int) -> list[Story]:
    """The nine stories, as far as each has come by now; a tale of today that lies ahead is told of yesterday."""
    hall = grid.hall or grid
    crews = {**dict.fromkeys(post.finders, post), **dict.fromkeys(hall.finders, hall)}
    return [_told(tale, crews.get(tale.finder, grid), album, now) for tale in TALES]


def _told(tale: Tale, crew: Crew, album: Album, now: int) -> Story:
    at = start_of_day(now) - tale.days * DAY + tale.minute * MINUTE
    at -= DAY if at > now - HOUR else 0
    story = Story(derived("demo", "showcase", tale.name), crew.book)
    story.acts = [Act(at, tale.finder, _report(tale, crew, album, at))]
    _dispatched(story, tale, crew, at)
    end = at + round((tale.hours + 0.7) * HOUR)
    _answered(story, tale, crew, album, end)
    return replace(story, acts=[act for act in story.acts if act.at <= now])


def _picture(tale: Tale, album: Album, at: int, *, mended: bool) -> dict[str, Any]:
    if tale.scene is None:
        return {}
    drawn = album.of(tale.scene, mended=mended)
    return {"photos": {drawn.sha256: drawn.entry("after" if mended else "before", at)}}


def _report(tale: Tale, crew: Crew, album: Album, at: int) -> dict[str, Any]:
    placed = {} if tale.place is None else {"place_id": crew.places[tale.place]}
    return {
        "class": "event" if tale.category in ("noise", "dispute", "help") else "thing",
        "category": tale.category,
        "severity": tale.severity,
        "description": {"text": tale.told},
        "place_guess": crew.book,
        "place_note": tale.spot,
        **placed,
        "source": tale.source,
        "captured_at": to_text(at),
        **({"visibility": "restricted"} if tale.category == "dispute" else {}),
        **_step(None, "reported"),
        **_picture(tale, album, at, mended=False),
    }


def _step(come_from: str | None, to: str, cycle: int = 1) -> dict[str, Any]:
    return {"status": {"from": come_from, "to": to, "cycle": cycle}}


def _dispatched(story: Story, tale: Tale, crew: Crew, at: int) -> None:
    sent = {crew.ids[who]: {"as": "owner" if number == 0 else "helper"} for number, who in enumerate(tale.menders)}
    first = tale.menders[0]
    story.acts += [
        Act(at + 14 * MINUTE, "supervisor", {**_step("reported", "accepted"), "seen_at": to_text(at + 14 * MINUTE)}),
        Act(at + 19 * MINUTE, "supervisor", {**_step("accepted", "assigned"), "assignees": sent}),
        Act(at + 40 * MINUTE, first, {**_step("assigned", "working"), "handler": crew.ids[first]}),
    ]
    for number, (who, text) in enumerate(tale.added, 1):
        key = derived(story.id, "added", str(number))
        story.acts.append(Act(at + HOUR * (1 + number * 5), who, {"additions": {key: {"text": text}}}))


def _answered(story: Story, tale: Tale, crew: Crew, album: Album, end: int) -> None:
    after = _picture(tale, album, end, mended=True)
    mender, cycle = tale.menders[0], 1
    story.acts.append(Act(end, mender, {**_step("working", "resolved"), "resolution": {"text": tale.done}, **after}))
    if tale.again:
        end, cycle = end + 22 * HOUR, 2
        bad = {"verify": {crew.ids[tale.finder]: {"ok": False, "at": to_text(end)}}}
        story.acts.append(Act(end, tale.finder, {**_step("resolved", "working", 2), **bad}))
        end += 20 * HOUR
        more = {"resolution": {"text": tale.again}}
        story.acts.append(Act(end, mender, {**_step("working", "resolved", 2), **more}))
    end += 3 * HOUR
    mine = crew.ids[tale.finder]
    good = {"verify": {mine: {"ok": True, "at": to_text(end)}}, "satisfaction": {mine: "good"}}
    story.acts.append(Act(end, tale.finder, {**_step("resolved", "closed", cycle), **good}))


def undecided(crew: Crew, album: Album, now: int) -> list[Story]:
    """What waits for a person: two phones that named two places, an end against an end, a suggestion, and
    something by somebody whose grid it is not."""
    at = now - 5 * HOUR
    rng = Random(now // DAY)  # noqa: S311 - a demo
    where = Story(derived("demo", "undecided", "place"), crew.book)
    where.acts = [
        Act(at, "worker", _plain("garbage", "楼下堆了两张床垫", crew, at, album, "garbage")),
        Act(at + HOUR, "worker", {"place_id": crew.places[2], **_seen_there(album, "corridor", at + HOUR)}),
        Act(
            at + HOUR + MINUTE,
            "worker2",
            {"place_id": rng.choice(crew.places[3:6]), **_seen_there(album, "noodles", at + HOUR + MINUTE)},
            blind=True,
        ),
        Act(
            at + 2 * HOUR,
            "outsider",
            {"additions": {derived(where.id, "beside"): {"text": "我从桥那边过来,路口也堆了一张"}}},
            held=True,
        ),
    ]
    ends = Story(derived("demo", "undecided", "ends"), crew.book)
    rejected = {**_step("reported", "rejected"), "rejection": {"reason": "属于物业", "instead": "物业服务中心"}}
    merged = {**_step("reported", "merged"), "merged_into": where.id}
    ends.acts = [
        Act(at, "worker2", _plain("facility", "宣传栏玻璃裂了一条", crew, at, album, "planters")),
        Act(at + HOUR, "supervisor", rejected),
        Act(at + HOUR + 9 * MINUTE, "head", merged, blind=True),
    ]
    wish = Story(derived("demo", "undecided", "wish"), crew.book)
    wish.acts = [
        Act(at, "worker", _plain("help", "三楼老人说水龙头拧不动", crew, at, album, "leak")),
        Act(at + HOUR, "head", {**_step("reported", "accepted"), "seen_at": to_text(at + HOUR)}),
        Act(at + 2 * HOUR, "worker", {"category": "water_leak"}, held=True),
    ]
    return [where, ends, wish]


def _seen_there(album: Album, scene: str, at: int) -> dict[str, Any]:
    """A picture that goes with what was written: both letters show theirs."""
    drawn = album.of(scene, mended=False)
    return {"photos": {drawn.sha256: drawn.entry("before", at)}}


def _plain(category: str, text: str, crew: Crew, at: int, album: Album, scene: str) -> Mapping[str, Any]:
    tale = Tale("", 0, 0, "", category, "normal", scene, text, "")
    return _report(tale, crew, album, at) | {"place_note": "柳湾里"}


def count(stories: Sequence[Story]) -> int:
    """How many of them have begun."""
    return sum(bool(story.acts) for story in stories)
