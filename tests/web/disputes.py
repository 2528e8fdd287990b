"""Two phones in one grid that disagree, and what a desk makes of it."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.api.phone import Json, Phone, change, report
from tests.web.desk import Desk, Page

HERE = "0191d1f0-0000-7000-8000-00000000000a"
THERE = "0191d1f0-0000-7000-8000-00000000000b"
ELSEWHERE = "0191d1f0-0000-7000-8000-00000000000c"


def two_places(app: Flask, worker: Phone, *, values: tuple[Any, Any] = (HERE, THERE), **more: Any) -> str:
    """A case of which two phones, unseen by each other, say where it is; gives its id."""
    return disagree(app, worker, "place_id", values, **more)


def disagree(app: Flask, worker: Phone, field: str, values: tuple[Any, Any], **more: Any) -> str:
    """A case whose `field` two phones wrote differently; `more` is written by the first beside it."""
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record = str(sent["record"])
    write(worker, record, seq, {field: values[0], **more})
    write(Phone(app).sign_in("worker2"), record, seq, {field: values[1]})
    return record


def write(phone: Phone, record: str, seen: int, written: Json, **more: Any) -> Json:
    return phone.push(change(record, seen, written, **more))


def one(page: Page, how: str, record: str, n: int = 0) -> dict[str, Any]:
    """The form of a button of a conflict of this record; the n-th of those with the same name."""
    found = [form for name, form in page.forms.items() if name.startswith(f"{how}-{record}")]
    assert len(found) > n, (how, list(page.forms))
    return found[n]


def press(desk: Desk, page: Page, how: str, record: str, n: int = 0) -> Page:
    """Press a button as this page showed it."""
    form = one(page, how, record, n)
    return desk.post(form["action"], **form["fields"])
