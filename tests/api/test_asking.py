"""What a phone may ask after it has synced: did everything arrive, and may a person look at what was refused."""

from __future__ import annotations

from typing import Any

from sync.changes import canonical, digest_of
from sync.proof import digest_of_entries
from tests.api import world
from tests.api.phone import Json, Phone, report


def span(*changes: Json) -> Json:
    entries = [(each["id"], digest_of(canonical(each))) for each in changes]
    until = max(each["id"] for each in changes)
    return {"after": None, "until": until, "count": len(changes), "digest": digest_of_entries(entries)}


def test_the_proof_says_that_everything_has_arrived_or_what_has(worker: Phone) -> None:
    arrived, lost = [report(), report(severity="terrible")], report()
    worker.sync(*arrived)
    asked = {"device": worker.device, "books": {world.GRID: span(*arrived)}}
    assert worker.post("/proof", asked).json == {"books": {world.GRID: {"same": True, "count": 2}}}
    answer = worker.post("/proof", {**asked, "books": {world.GRID: span(*arrived, lost)}}).json
    assert answer["books"][world.GRID]["same"] is False  # type: ignore[index]
    assert {each for each, _ in answer["books"][world.GRID]["entries"]} == {each["id"] for each in arrived}  # type: ignore[index]


def test_the_proof_is_each_devices_own(worker: Phone, supervisor: Phone) -> None:
    sent = report()
    worker.sync(sent)
    stolen = {"device": worker.device, "books": {world.GRID: span(sent)}}
    refused = supervisor.post("/proof", stolen)
    assert (refused.status_code, refused.json["code"]) == (403, "wrong_device")
    asked = {"device": supervisor.device, "books": {world.GRID: span(sent)}}
    assert supervisor.post("/proof", asked).json["books"][world.GRID]["count"] == 0


def test_a_proof_that_asks_nonsense_is_told_what_is_wrong(worker: Phone) -> None:
    nonsense: list[Any] = [{"no book": {}}, {world.GRID: {"until": 5}}, {world.GRID: None}, []]
    for books in nonsense:
        answer = worker.post("/proof", {"device": worker.device, "books": books})
        assert (answer.status_code, answer.json["code"]) == (422, "invalid"), books


def test_a_refused_change_can_be_given_to_the_people_of_its_book(worker: Phone, supervisor: Phone) -> None:
    bad = report(severity="terrible")
    worker.sync(bad)
    path = f"/parked/{bad['id']}/ask"
    assert supervisor.post(path, {"book": world.GRID}).status_code == 404
    assert worker.post(path, {"book": world.OTHER_GRID}).status_code == 404
    answer = worker.post(path, {"book": world.GRID})
    assert [each["state"] for each in answer.json["changes"]] == ["asked"]
    assert answer.json == worker.get("/parked").json
