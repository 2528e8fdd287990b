"""Notices of the demo worlds: bulletins of the town and the community, and one of safety that some have said 知道了 to.

In the small world only captains of the second grid have not said so, and nothing else hangs: homes begin without news.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.days import DAY, HOUR, start_of_day
from domain.demo.people import Login
from domain.demo.story import Act, Story
from domain.demo.town import Town
from domain.records.notice import NOTICE, NOTICE_ACK
from domain.roles import BUILDING_CAPTAIN
from sync.clock import to_text
from sync.ids import derived

Fields = dict[str, Any]
_PUBLISHED: Final = {"from": None, "to": "published", "cycle": 1}
SAFETY: Final = derived("demo", "notice", "storm")
QUICK: Final = 3
"""Of so many people, all but one have said that they know."""
SHOWN: Final = 11
"""So many accounts are shown on the sign-in page: in the large world their homes still ask."""


@dataclass(frozen=True, slots=True)
class Board:
    """Where things are hung up, and who there is."""

    town: Town
    people: tuple[Login, ...]
    now: int

    @property
    def community(self) -> str:
        return self.town.communities[0].place.id

    def story(self, key: str, book: str, *acts: Act) -> Story:
        return Story(derived("demo", "notice", key), book, list(acts), NOTICE)


def stories(world: str, board: Board, ids: Mapping[str, str]) -> list[Story]:
    """All of it before `board.now`. `ids`: login -> account."""
    whole = world == "demo"
    asked = _safety(board)
    known = list(_known(asked, board, ids, whole=whole))
    return [asked, _over(board), _written(board), *(_bulletins(board) if whole else []), *known]


def _safety(board: Board) -> Story:
    at = start_of_day(board.now) - DAY + 17 * HOUR
    words = "台风「示例」今晚过境。阳台上的花盆请搬进屋,楼下的车停到高处,护学岗明早看广播。"
    english = "The storm passes tonight. Take flower pots in, park on high ground."
    fields = {
        **_words("safety", "台风今晚到", words),
        "needs_ack": True,
        "translations": {"en": {"title": "A storm tonight", "body": english}},
        "status": _PUBLISHED,
    }
    return board.story("storm", board.community, Act(at, "supervisor", fields))


def _known(asked: Story, board: Board, ids: Mapping[str, str], *, whole: bool) -> Iterator[Story]:
    """One word each, in the book of the reader's own place, under the id that follows from notice and reader."""
    below = {each.place.id for each in board.town.communities[0].grids} | {each.id for each in board.town.posts}
    below |= {asked.book}
    first = asked.acts[0].at
    second = board.town.communities[0].grids[1].place.id
    for number, each in enumerate(board.people):
        late = number % QUICK == 0 or number < SHOWN if whole else (each.place, each.role) == (second, BUILDING_CAPTAIN)
        if late or each.place not in below or each.login == "supervisor":
            continue
        at = first + (number + 1) * HOUR // 8
        if at > board.now:
            continue
        word = {"notice": asked.id, "author": ids["supervisor"], "at": to_text(at)}
        yield Story(derived(NOTICE_ACK, asked.id, each.id), each.place, [Act(at, each.login, word)], NOTICE_ACK)


def _over(board: Board) -> Story:
    """It hung until it was over."""
    at = start_of_day(board.now) - 12 * DAY + 9 * HOUR
    until = at + 4 * DAY
    fields = {
        **_words("service", "周六上午义诊", "周六上午9点到11点,社区一楼量血压、测血糖,不收钱。"),
        "status": _PUBLISHED,
    }
    down = {"status": {"from": "published", "to": "expired", "cycle": 1}}
    said = Act(at, "supervisor", {**fields, "expire_at": to_text(until)})
    return board.story("clinic", board.community, said, Act(until, "server", down))


def _written(board: Board) -> Story:
    """Nobody but those who publish there sees it yet."""
    fields = {"kind": "general", "title": "下周一楼道灯检修", "draft": {"text": "下周一下午检修3号楼楼道灯,约一小时。"}}
    step = {"status": {"from": None, "to": "draft", "cycle": 1}}
    return board.story("lamps", board.community, Act(board.now - 3 * HOUR, "supervisor", {**fields, **step}))


def _bulletins(board: Board) -> list[Story]:
    midnight = start_of_day(board.now)
    water = {
        **_words("service", "明天8点到12点停水", "柳湾路换水管,请提前存水。12点前来水早开。"),
        "status": _PUBLISHED,
    }
    english = {
        "title": "Waste station moves to the south gate",
        "body": "From Saturday, 7:00 to 9:00 and 18:00 to 20:00.",
    }
    moved = {
        **_words("general", "垃圾站搬到南门", "周六起在南门投放,早7点到9点,晚6点到8点。老人搬不动的,跟楼长说一声。"),
        "translations": {"en": english},
        "status": _PUBLISHED,
    }
    later = {
        **_words("general", "年货节报名", "想摆摊的街坊,下周三前到社区报名。"),
        "publish_at": to_text(midnight + DAY + 8 * HOUR),
        "status": {"from": None, "to": "scheduled", "cycle": 1},
    }
    wrong = {**_words("general", "周日停电", "周日上午检修线路。"), "status": _PUBLISHED}
    back = {"status": {"from": "published", "to": "withdrawn", "cycle": 1}}
    days = {"water": board.now - 2 * HOUR, "waste": midnight - 3 * DAY + 10 * HOUR, "later": board.now - 4 * HOUR}
    power = midnight - 5 * DAY + 9 * HOUR
    return [
        board.story("water", board.community, Act(days["water"], "supervisor", water)),
        board.story("waste", board.town.place.id, Act(days["waste"], "command", moved)),
        board.story("fair", board.community, Act(days["later"], "supervisor", later)),
        board.story("power", board.community, Act(power, "supervisor", wrong), Act(power + HOUR, "supervisor", back)),
    ]


def _words(kind: str, title: str, body: str) -> Fields:
    return {"kind": kind, "title": title, "body": body}
