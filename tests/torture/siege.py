"""Phones that write and sync, and a server that dies under them again and again."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.api import world
from tests.torture.audit import Audit
from tests.torture.handset import Handset, Json
from tests.torture.sprung import SprungServer
from tests.torture.traced import Board, Doing
from web.config import Config

PHONES: Final = (
    ("worker", (world.GRID,)),
    ("worker", (world.GRID,)),
    ("worker2", (world.GRID,)),
    ("head", (world.GRID,)),
    ("captain", (world.GRID,)),
    ("outsider", (world.OTHER_GRID,)),
    ("guard", (world.POST,)),
    ("supervisor", (world.COMMUNITY, world.GRID, world.OTHER_GRID, world.POST)),
)
AIMS: Final = (None, None, *(each for each in Doing if each is not Doing.NOTHING))
"""None: at whatever moment. The others: as soon as somebody is at it."""
_AIM_FOR: Final = 1.0
_EVERY: Final = 50
"""Cuts between two looks at everything."""

Also = Callable[[random.Random], str | None]
"""What else may be broken in a cut (a database server): says what it did, or None."""


class Siege:
    """`cuts` power cuts, by a seed. (The same seed aims at the same moments; what it hits is up to the machine.)"""

    def __init__(self, config: Config, seed: int, also: Also | None = None) -> None:
        self.config, self.chance, self.also = config, random.Random(seed), also
        self.server = SprungServer(config)
        self.board = Board(Path(config.data))
        self.audit = Audit(config)
        self.phones = [Handset(config.port, login, books, seed + n) for n, (login, books) in enumerate(PHONES)]
        self.met: Counter[str] = Counter()
        self._troubles: list[BaseException] = []

    def run(self, cuts: int, say: Callable[[str], None] = lambda _text: None) -> None:
        """Survive them, or raise what went wrong first."""
        try:
            self._up()
            for phone in self.phones:
                phone.sign_in().write(4)
            for start in range(0, cuts, _EVERY):
                with self._alive():
                    for number in range(start, min(start + _EVERY, cuts)):
                        self._cut()
                        self.met["cuts"] = number + 1
                self._look_at_everything()
                say(f"{self.met['cuts']} cuts: {self.tell()}")
            self._send_everything_again(None)
        finally:
            self.server.close()
            self.audit.close()
            for phone in self.phones:
                phone.wire.hang_up()

    # -- one cut --------------------------------------------------------------------------------------------------

    def _cut(self) -> None:
        if self.chance.random() < 0.1:
            self._cut_while_it_starts()
        aim = self.chance.choice(AIMS)
        time.sleep(self.chance.random() * (0.4 if aim is None else 0.15))
        self._wait_for(aim)
        other = self.also(self.chance) if self.also else None
        self.met[other or "server"] += 1
        if other is None or self.chance.random() < 0.5:
            self._down()
            self._up()
        self._raise_troubles()

    def _wait_for(self, aim: Doing | None) -> None:
        deadline = time.monotonic() + _AIM_FOR
        while aim is not None and not self.board.shows(aim) and time.monotonic() < deadline:
            time.sleep(0)

    def _cut_while_it_starts(self) -> None:
        self._down()
        self.server.spring()
        time.sleep(self.chance.random() * 0.25)
        self.server.kill()
        self.met["cut while starting"] += 1
        self._up()

    def _down(self) -> None:
        for phone in self.phones:
            phone.is_up.clear()
        self.server.kill()
        for each in self.board.doing():
            self.met[f"somebody was {each.name}"] += 1
        if self.chance.random() < 0.3:
            self.met.update(self.audit.quick(self.phones))

    def _up(self) -> None:
        self.board.wipe()
        plainly = self.chance.random() < 0.03
        self.met["started from nothing"] += plainly
        self.server.start(plainly=plainly)
        for phone in self.phones:
            phone.is_up.set()

    # -- the phones -----------------------------------------------------------------------------------------------

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """While this lasts, every phone lives its life in a thread of its own."""
        over = threading.Event()
        threads = [threading.Thread(target=self._live, args=(phone, over)) for phone in self.phones]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for phone in self.phones:
                phone.is_up.set()
            for thread in threads:
                thread.join()
        self._raise_troubles()

    def _live(self, phone: Handset, over: threading.Event) -> None:
        try:
            phone.live(over)
        except BaseException as trouble:
            self._troubles.append(trouble)

    def _raise_troubles(self) -> None:
        if self._troubles:
            raise self._troubles[0]

    # -- when everybody is quiet ----------------------------------------------------------------------------------

    def _look_at_everything(self) -> None:
        for phone in self.phones:
            phone.drain()
        for phone in self.phones:
            while phone.pull_more():
                pass
        self.audit.whole(self.phones)
        self._send_everything_again(200)
        for phone in self.phones:
            _agree(phone.login, phone.keeps.records, phone.pull_all())
        self.met["looked at everything"] += 1

    def _send_everything_again(self, newest: int | None) -> None:
        """X2: the same change again gets the same receipt, and nothing comes of it."""
        for phone in self.phones:
            mine = list(phone.keeps.written.values())[-newest if newest else 0 :]
            for start in range(0, len(mine), 200):
                batch = mine[start : start + 200]
                phone.take(phone.answer_of(changes=batch, limit=0), batch)
        self.audit.quick(self.phones)

    # -- what happened --------------------------------------------------------------------------------------------

    def story(self) -> Counter[str]:
        return sum((phone.story for phone in self.phones), Counter()) + self.met

    def tell(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in sorted(self.story().items()))


def _agree(login: str, phone: dict[str, Json], server: dict[str, Json]) -> None:
    wrong = [each for each in sorted(phone.keys() | server.keys()) if phone.get(each) != server.get(each)]
    assert not wrong, f"O3: {login} has {[(phone.get(each), server.get(each)) for each in wrong[:3]]}"


def seen_by(phones: Sequence[Handset]) -> int:
    """How many changes were written in all."""
    return sum(len(phone.keeps.written) for phone in phones)
