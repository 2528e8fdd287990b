"""Several people with a phone each, who write apart and come together: the worked conflicts, on real phones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sync.clock import SystemClock, to_text
from tests.phone.colleague import IDS, Colleague, Json
from tests.phone.handset import Handset
from tests.phone.street import Street


class Crew:
    """The phones of a street by login, each signed in once; `at_the_door` writes for somebody without a screen."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self._phones: dict[str, Handset] = {}
        self._colleagues: dict[str, Colleague] = {}

    def __getitem__(self, login: str) -> Handset:
        if login not in self._phones:
            self._phones[login] = self.street.phone(login)
        return self._phones[login]

    def at_the_door(self, login: str) -> Colleague:
        if login not in self._colleagues:
            self._colleagues[login] = Colleague(self.street.server.base_url, login)
        return self._colleagues[login]

    def put_away(self) -> None:
        faults = self.street.put_away()
        self._phones.clear()
        assert faults == []

    def has(self, login: str, record: str, seq: int) -> None:
        """Wait until this phone holds the record as of `seq`."""
        phone = self[login]
        phone.open()
        phone.nudge()
        phone.until(lambda: _seq(phone, record) >= seq, f"{login} never got the record")

    def loses_its_line(self, login: str) -> None:
        """Once no round is under way: what was asked for before would still be answered, with what others write next."""
        self[login].rests()
        self[login].context.set_offline(True)

    @contextmanager
    def apart(self, record: str, *logins: str) -> Iterator[list[Handset]]:
        """These phones hold the record and lose their line; afterwards they get it back one by one, in this order."""
        seq = int(self.at_the_door("supervisor").record(record)["seq"])
        for login in logins:
            self.has(login, record, seq)
            self.loses_its_line(login)
        yield [self[login] for login in logins]
        for login in logins:
            phone = self[login]
            phone.context.set_offline(False)
            phone.pocket()
            phone.until(lambda phone=phone: phone.stored("outbox") == [], f"{login} never sent it")  # type: ignore[misc]

    def agree(self, record: str, *logins: str) -> Json:
        """Every one of these phones ends with what the server has. Returns the record as the server has it."""
        standing = self.at_the_door("supervisor").record(record)
        for login in logins:
            self.has(login, record, standing["seq"])
            assert held(self[login], record)["fields"] == standing["fields"], login
        return standing


def held(phone: Handset, record: str) -> dict[str, Any]:
    """The record as it was pulled to this phone."""
    found = [row["body"]["plain"] for row in phone.stored("records") if row["id"] == record]
    return dict(found[0]) if found else {}


def _seq(phone: Handset, record: str) -> int:
    return int(held(phone, record).get("seq", -1))


def new_case(colleague: Colleague, book: str, **more: Any) -> str:
    """A report that is in the book already. Returns its id."""
    record, now = IDS.new(), to_text(SystemClock().now())
    base = {"book": book, "record": record, "type": "case", "schema": 1, "seen": 0, "made_at": now, "create": True}
    status = {"from": None, "to": "reported", "cycle": 1}
    written = {"captured_at": now, "source": "grid_worker", "category": "garbage", "status": status, **more}
    epoch = colleague.sync(limit=0)["epoch"]
    (receipt,) = colleague.sync({**base, "id": IDS.new(), "epoch": epoch, "set": written}, limit=0)["receipts"]
    assert receipt["outcome"] == "applied", receipt
    return record


def book_of(colleague: Colleague, name: str) -> str:
    return next(str(each["book"]) for each in colleague.books if each["name"] == name)
