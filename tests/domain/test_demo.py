"""The demo worlds: their sums, their shape, that they come out the same again, and that nobody in them is real."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from PIL import Image
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import func, select

from domain import accounts, boards, campaigns, demo, news
from domain import notices as board
from domain.access import Person
from domain.case_rows import Filters
from domain.days import start_of_day
from domain.demo import people, survey, town
from domain.demo.scenes import SCENES
from domain.demo.script import MIX
from domain.people import load_person
from domain.places import PlaceCodes
from domain.records import record_types
from domain.records.case_steps import RANK
from sync.blobs import Blobs
from sync.clock import FixedClock, from_text
from sync.database import Database, connect
from sync.engine import Engine
from sync.ids import derived
from sync.tables import named, parked, record
from sync.uploads import Uploads
from tests.domain.world import all_tables

AFTERNOON = from_text("2026-11-20T08:45:00.000Z")
SHOWN = (
    "worker",
    "worker2",
    "outsider",
    "captain",
    "captain2",
    "guard",
    "head",
    "supervisor",
    "handler",
    "command",
    "admin",
)

WHOLE = {"building", "unit", "household", "case", "visit"}


class Loaded:
    def __init__(self, world: str, sql: SqlEngine, folder: Path, now: int = AFTERNOON) -> None:
        self.database = Database(sql)
        clock = FixedClock(now)
        self.engine = Engine(self.database, record_types(PlaceCodes(self.database)), clock)
        self.uploads = Uploads(self.database, Blobs.folder(folder / "blobs"), folder / "parts", clock, self.engine.ids)
        self.loaded = demo.load(world, self.engine, self.database, self.uploads)

    def fields(self, type: str) -> dict[str, dict[str, Any]]:
        with self.database.read() as conn:
            rows = conn.execute(select(record.c.id, record.c.fields).where(record.c.type == type))
            return {row.id: row.fields for row in rows}

    def person(self, login: str) -> Person:
        with self.database.read() as conn:
            device = derived("demo", "device", login)
            found = load_person(conn, derived("demo", "account", login), device, AFTERNOON)
        assert found is not None
        return found


def fresh(folder: Path) -> SqlEngine:
    engine = connect(f"sqlite:///{folder / 'books'}")
    all_tables().create_all(engine)
    return engine


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("small")
    engine = fresh(folder)
    yield Loaded("small", engine, folder)
    engine.dispose()


def test_the_sums_of_the_two_estates() -> None:
    assert town.ESTATE_A.doors == 608 == 19 * 32
    assert town.ESTATE_B.doors == 379 == 11 * 32 + 27
    assert town.ESTATE_A.doors + town.ESTATE_B.doors == 987
    assert len(town.ESTATE_A.units) + len(town.ESTATE_B.units) == 31


def test_the_sums_of_a_day() -> None:
    assert sum(demo.PER_HOUR.values()) == 44
    assert sum(count for hour, count in demo.PER_HOUR.items() if hour <= 16) == 36 == sum(MIX.values())
    midnight = start_of_day(AFTERNOON)
    times = demo.times_of_day(Random(1), midnight)
    assert len(times) == 44
    assert sum(at < midnight + demo.LAST_BEFORE * 60_000 for at in times) == 36


def test_small_has_987_doors_in_31_stairways_and_60_cases(small: Loaded) -> None:
    assert small.loaded.doors == 987 == len(small.fields("household"))
    assert len(small.fields("unit")) == 31
    assert small.loaded.cases == 60 == len(small.fields("case"))


def test_every_stairway_has_a_captain(small: Loaded) -> None:
    with small.database.read() as conn:
        where = accounts.membership.c.role == "building_captain"
        units = conn.execute(select(accounts.membership.c.unit_id).where(where)).scalars().all()
    assert sorted(units) == sorted(small.fields("unit"))
    assert len(units) == 31


def test_the_eleven_shown_accounts_sign_in_in_demo_mode_only(small: Loaded) -> None:
    with small.database.read() as conn:
        for login in SHOWN:
            assert accounts.check_sign_in(conn, login, people.PASSWORD, demo_mode=True), login
        assert accounts.check_sign_in(conn, "worker", people.PASSWORD, demo_mode=False) is None
        everybody = conn.execute(select(accounts.account.c.demo)).scalars().all()
    assert all(everybody)
    assert len(everybody) == small.loaded.accounts


def test_nobody_is_real(small: Loaded) -> None:
    with small.database.read() as conn:
        names = conn.execute(select(accounts.account.c.name)).scalars().all()
    assert all("示例" in name for name in names)
    for household in small.fields("household").values():
        assert re.fullmatch(r"000-0000-\d{4}", household.get("contact_phone", "000-0000-0000"))
        assert "示例" in household.get("contact_name", "示例")


def test_everybody_with_the_whole_grid_sees_the_same_records(small: Loaded) -> None:
    book = derived("demo", "place", "LW1")
    seen = []
    for login in ("worker", "worker2", "head", "supervisor"):
        person = small.person(login)
        call = {"protocol": 1, "device": person.device, "epoch": None, "last": None, "newest": None, "cursors": {}}
        reply = small.engine.sync(person, {**call, "changes": [], "only": [book], "limit": 5000})
        # An agreement about care is before its carers only.
        seen.append([orjson.dumps(each) for each in reply["books"][0]["records"] if each["type"] in WHOLE])
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert len(seen[0]) > 608


def test_every_case_went_the_declared_way_and_none_lies_in_the_future(small: Loaded) -> None:
    for fields in small.fields("case").values():
        assert fields["status"]["status"] in RANK
        assert fields["no"]
        assert from_text(fields["captured_at"]) <= AFTERNOON
    ended = [fields for fields in small.fields("case").values() if fields["status"]["status"] == "closed"]
    assert all(from_text(fields["closed_at"]) <= AFTERNOON for fields in ended)
    assert any(fields["status"]["cycle"] == 2 for fields in small.fields("case").values())


def test_the_survey_is_under_way_at_987_doors_and_reaches_the_captains(small: Loaded) -> None:
    supervisor = small.person("supervisor")
    with small.database.read() as conn:
        campaign = campaigns.one(conn, supervisor, survey.CAMPAIGN)
        assert campaign is not None
        found = campaigns.totals(conn, campaign.id, campaign.book, campaign.fields)
    assert (campaign.state, found.tally.doors, found.tally.over, found.tally.not_home) == ("open", 987, 203, 80)
    assert (found.answered, found.undecided, found.to_look) == (199, 0, 0)
    assert [len(line.name) > 0 for line in found.lines] == [True] * 31
    captain = small.person("captain5").account
    mine = [each for each in small.fields("task").values() if captain in each["assignees"]]
    assert len(mine) == 32


def test_something_waits_for_a_decision(small: Loaded) -> None:
    with small.database.read() as conn:
        told = news.headline(conn, small.person("supervisor"), AFTERNOON)
        held = conn.execute(select(func.count()).select_from(parked).where(parked.c.state == "held")).scalar_one()
        torn = boards.cases(conn, small.person("supervisor"), Filters(undecided=True), now=AFTERNOON).rows
    assert (told.undecided, told.held) == (2, 2)
    assert held == 2
    assert len(torn) == 2
    assert told.valid == told.closed + told.working + told.overdue > 0


def test_every_named_picture_is_there_drawn_and_small(small: Loaded) -> None:
    with small.database.read() as conn:
        hashes = set(conn.execute(select(named.c.sha256)).scalars())
    assert hashes
    for sha256 in hashes:
        full, preview = small.uploads.bytes_of(sha256, "full"), small.uploads.bytes_of(sha256, "preview")
        assert full is not None
        assert preview is not None
        assert len(full) <= 60_000
        assert len(preview) <= 20_000
        with Image.open(io.BytesIO(full)) as image:
            assert image.format == "JPEG"


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_as_found_differs_from_the_scene_as_mended(name: str) -> None:
    found, mended = (SCENES[name](Random(1), state).tobytes() for state in (False, True))
    assert found != mended


def test_the_same_seed_makes_the_same_world(small: Loaded, tmp_path: Path) -> None:
    engine = fresh(tmp_path)
    again = Loaded("small", engine, tmp_path)

    def told(world: Loaded, type: str) -> str:
        without = {id: {key: value for key, value in fields.items() if key != "description"}
                   for id, fields in world.fields(type).items()}  # fmt: skip
        said = {
            id: [each["text"] for each in fields.get("description", [])] for id, fields in world.fields(type).items()
        }
        return json.dumps([_plain(without), said], sort_keys=True)

    for type in ("household", "case"):
        assert told(again, type) == told(small, type)
    engine.dispose()


def _plain(records: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Without the change ids that `resolution` carries: those are made anew."""
    for fields in records.values():
        fields["resolution"] = [each["text"] for each in fields.get("resolution", [])]
    return records


def test_the_part_of_the_town_has_its_grids_and_its_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(demo.HISTORY_DAYS, "demo", 2)
    engine = fresh(tmp_path)
    world = Loaded("demo", engine, tmp_path)
    command = world.person("command")
    kinds = [place.kind for place in command.places.values()]
    assert (kinds.count("community"), kinds.count("grid"), kinds.count("post")) == (4, 2 + 3 * 8, 12)
    assert len(command.books()) == 40 < len(kinds), "a phone follows forty books; the desk shows them all"
    today = [fields for fields in world.fields("case").values()
             if start_of_day(AFTERNOON) <= from_text(fields["captured_at"])]  # fmt: skip
    told = {derived("demo", "undecided", name) for name in ("place", "ends", "wish")}
    assert len(today) == 36 + len(told) + 1
    the_month_has_its_310_rounds(world)
    engine.dispose()


def the_month_has_its_310_rounds(whole: Loaded) -> None:
    """Seven stops each, or as many as there are houses; at a tenth of them something is wrong; no track."""
    walked = [each for each in whole.fields("round").values() if each["status"]["status"] == "done"]
    assert len(walked) == 310
    assert max(len(each["stops"]) for each in walked) == 7
    stops = sum(len(each["stops"]) for each in walked)
    wrong = sum(list(each["checks"].values()).count("bad") for each in walked)
    assert 0.05 < wrong / stops < 0.13
    assert whole.fields("track") == {}


def test_the_small_world_has_a_few_rounds_and_one_that_is_planned(small: Loaded) -> None:
    states = sorted(each["status"]["status"] for each in small.fields("round").values())
    assert states == ["done"] * 8 + ["planned"]


def test_of_the_notice_of_safety_somebody_has_not_heard_yet_and_its_author_reads_who(small: Loaded) -> None:
    person = small.person("supervisor")
    with small.database.read() as conn:
        found = board.in_sight(conn, person)
        (asked,) = [each for each in found if each.fields.get("needs_ack")]
        known = {person.places[each.place].name: each for each in board.coverage(conn, person, asked, AFTERNOON)}
    assert sorted(each.status for each in found) == ["draft", "expired", "published"]
    assert (known["柳湾一网格"].said, known["柳湾一网格"].of) == (23, 23)
    assert (known["柳湾二网格"].said, known["柳湾二网格"].of) == (2, 14)
    assert len(known["柳湾二网格"].open) == 12
