"""The server as it is, with a board on which each of its threads chalks up what it is doing.

The board is a file in memory that outlives the process, so that after a power cut it can be read what the cut hit;
and whoever wants to hit a certain moment watches it. Served by `tests.torture.traced:make` instead of `web.wsgi:make`.
"""

from __future__ import annotations

import itertools
import mmap
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy import Connection, event

from api.services import EXTENSION, Services
from web import wsgi

SLOTS: Final = 256
BOARD: Final = "board"


class Doing(IntEnum):
    """What a thread of the server is at. `READING` stands for parsing and everything before the first transaction."""

    NOTHING = 0
    READING = 1
    WRITING = 2
    COMMITTING = 3
    COMMITTED = 4
    ANSWERING = 5
    RECEIVING = 6
    KEEPING = 7


class Board:
    """One byte a thread, in `folder`."""

    def __init__(self, folder: Path) -> None:
        path = folder / BOARD
        if not path.exists():
            path.write_bytes(bytes(SLOTS))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), SLOTS)
        self._slots = itertools.count()
        self._mine = threading.local()

    def wipe(self) -> None:
        self._bytes[:] = bytes(SLOTS)

    def chalk(self, what: Doing) -> None:
        """This thread is at `what` from now on."""
        slot = getattr(self._mine, "slot", None)
        if slot is None:
            slot = self._mine.slot = next(self._slots) % SLOTS
        self._bytes[slot] = what

    def doing(self) -> set[Doing]:
        """What the threads are at, or were when they died."""
        return {Doing(each) for each in set(self._bytes[:])} - {Doing.NOTHING}

    def shows(self, what: Doing) -> bool:
        return self._bytes.find(bytes([what])) >= 0


def make() -> Flask:
    """The app of `web.wsgi`, watched."""
    app = wsgi.make()
    services: Services = app.extensions[EXTENSION]
    board = Board(Path(app.config["GRIDWALK_DATA"]))
    _watch_transactions(services, board)
    _watch_uploads(services, board)
    app.wsgi_app = _watched(app.wsgi_app, board)  # type: ignore[method-assign]
    return app


def _watched(wsgi_app: Callable[..., Iterable[bytes]], board: Board) -> Callable[..., Iterator[bytes]]:
    def serve(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        board.chalk(Doing.READING)
        answer = wsgi_app(environ, start)
        board.chalk(Doing.ANSWERING)
        return _until_sent(answer, board)

    return serve


def _until_sent(answer: Iterable[bytes], board: Board) -> Iterator[bytes]:
    try:
        yield from answer
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
        board.chalk(Doing.NOTHING)


def _watch_transactions(services: Services, board: Board) -> None:
    database = services.database
    plain = database.write
    event.listen(database.sql_engine, "commit", lambda _conn: board.chalk(Doing.COMMITTING))

    @contextmanager
    def write() -> Iterator[Connection]:
        with plain() as conn:
            board.chalk(Doing.WRITING)
            yield conn
        board.chalk(Doing.COMMITTED)

    database.write = write  # type: ignore[method-assign]


def _watch_uploads(services: Services, board: Board) -> None:
    uploads, gallery = services.uploads, services.uploads.gallery
    receive, keep = uploads.receive, gallery.keep

    def receiving(*arguments: Any) -> int:
        board.chalk(Doing.RECEIVING)
        return receive(*arguments)

    def keeping(*arguments: Any) -> None:
        board.chalk(Doing.KEEPING)
        keep(*arguments)

    setattr(uploads, "receive", receiving)  # noqa: B010 - mypy would have the same signature
    setattr(gallery, "keep", keeping)  # noqa: B010
