"""Who sees and writes what: everything is refused that is not allowed somewhere."""

from __future__ import annotations

from typing import Any

import pytest

from domain import access, accounts, roles
from domain.access import Person
from domain.people import load_person
from domain.places import Place
from domain.powers import Power
from domain.records import TYPES
from sync.ids import derived
from tests.domain.world import World

LOGINS = ("worker", "worker2", "outsider", "volunteer", "captain", "captain2", "guard", "head", "supervisor", "handler",
          "command", "admin", "resident")  # fmt: skip
WHOLE_GRID = {"worker", "worker2", "head", "supervisor", "command"}


def nobody() -> Person:
    return Person("a", "d", "n", "en", {}, {})


def test_somebody_without_a_membership_sees_and_writes_nothing() -> None:
    who = nobody()
    sight: dict[str, Any] = {"by": "somebody", "place": None, "assignees": [], "visibility": "public_wall"}
    assert who.books() == {}
    for name in TYPES:
        assert not who.sees("book", name, sight)
        assert not who.entitled("book", name, sight)
        assert not who.entitled("book", name, None)
    assert who.roles("book", "case", sight) == {"self:a"}


@pytest.mark.parametrize("predicate", [each for each in dir(access) if each.startswith("can_")])
def test_every_predicate_refuses_somebody_without_a_membership(predicate: str) -> None:
    check = getattr(access, predicate)
    wants_book = "book" in check.__annotations__
    assert check(nobody(), "book") is False if wants_book else check(nobody()) is False


def test_books_of_each_role(world: World) -> None:
    names = {id: name for name, id in world.places.items()}

    def books(login: str) -> dict[str, str]:
        return {names[book]: access for book, access in world.person(login).books().items()}

    above = {"community": "read", "town": "read"}
    for login in ("worker", "worker2", "volunteer", "captain", "head"):
        assert books(login) == {"one": "write", **above}, login
    assert books("outsider") == {"two": "write", **above}
    assert books("guard") == {"post": "write", **above}
    own = {"community": "write", "one": "write", "two": "write", "post": "write", "town": "read"}
    assert books("supervisor") == books("handler") == own
    assert books("command") == dict.fromkeys(names.values(), "write")
    assert books("admin") == books("resident") == {}


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_rule_18_an_administrator_sees_nothing_of_any_type(world: World, kind: str) -> None:
    admin, who = world.person("admin"), world.account("worker")
    everywhere = set(world.places.values())
    for sight in ({"by": who, "open": False, "assignees": []}, {"by": who, "visibility": "internal", "assignees": []}):
        assert not any(admin.sees(book, kind, sight) for book in everywhere if not TYPES[kind].bulletin)
        assert not any(admin.entitled(book, kind, sight) for book in everywhere)
        assert world.person("worker").sees(world.places["one"], kind, sight)


def test_a_narrow_scope_is_told_with_the_book(world: World) -> None:
    def scopes(login: str) -> list[object]:
        return [each.get("scope") for each in world.person(login).book_entries() if each["access"] == "write"]

    assert scopes("captain") == [{"unit": world.units["1-1"], "name": "1-1"}]
    assert scopes("handler") == [{"assigned": True}] * 4
    assert scopes("volunteer") == [{"own": True}]
    for login in WHOLE_GRID:
        assert set(scopes(login)) == {None}


def test_who_sees_an_internal_case_of_the_open_grid(world: World) -> None:
    case = world.report("worker2")
    assert {login for login in LOGINS if world.sees(login, case)} == WHOLE_GRID


def test_who_sees_a_case_in_a_captains_stairway(world: World) -> None:
    for place in (world.units["1-1"], world.doors["1-1"][0]):
        case = world.report("worker", place_id=place)
        assert {login for login in LOGINS if world.sees(login, case)} == WHOLE_GRID | {"captain"}


def test_everybody_sees_their_own_case_and_what_they_are_sent_to(world: World) -> None:
    mine = world.report("volunteer")
    assert world.sees("volunteer", mine)
    assert not world.sees("handler", mine)
    world.bring(mine, "accepted", "assigned")
    assert world.sees("handler", mine)


def test_a_case_at_the_school_post_is_the_guards_and_the_supervisors(world: World) -> None:
    case = world.report("guard", book="post")
    assert {login for login in LOGINS if world.sees(login, case)} == {"guard", "supervisor", "command"}


def test_restricted_is_for_assignees_supervisor_command_and_the_finder(world: World) -> None:
    case = world.report("worker", visibility="restricted")
    assert {login for login in LOGINS if world.sees(login, case)} == {"worker", "supervisor", "command"}
    world.bring(case, "accepted", "assigned")
    assert world.sees("handler", case)


def test_a_captain_pulls_the_own_unit_its_building_and_its_doors_and_no_others(world: World) -> None:
    seen = {place: world.sees("captain", place) for place in (world.building, *world.units.values())}
    assert seen == {world.building: True, world.units["1-1"]: True, world.units["1-2"]: False}
    assert all(world.sees("captain", door) for door in world.doors["1-1"])
    assert not any(world.sees("captain", door) for door in world.doors["1-2"])


def test_a_households_contact_goes_to_the_grids_own_people_and_to_nobody_else(world: World) -> None:
    door = world.doors["1-1"][0]
    assert "contact_phone" in world.fields(door)
    assert {login for login in LOGINS if world.sees(login, door)} == {
        "worker",
        "worker2",
        "captain",
        "head",
        "supervisor",
    }


def test_the_tree_without_contacts_goes_to_all_who_need_names(world: World) -> None:
    seeing = {login for login in LOGINS if world.sees(login, world.units["1-1"])}
    assert seeing == WHOLE_GRID | {"volunteer", "captain"}


def test_the_scope_changes_when_a_door_joins_the_unit_and_only_then(world: World) -> None:
    book = world.places["one"]
    before = world.person("captain").scope(book)
    others = world.person("captain2").scope(book)
    assert before != others
    world.make_place("household", derived("household", world.units["1-1"], "1-1-201"), "1-1-201", world.units["1-1"])
    assert world.person("captain").scope(book) != before
    assert world.person("captain2").scope(book) == others


def test_a_membership_holds_from_its_beginning_to_its_end(world: World) -> None:
    now = world.clock.now()
    with world.database.write() as conn:
        later = accounts.add_membership(
            conn, world.ids, account_id=world.account("outsider"), role=roles.GRID_HEAD, place_id=world.places["one"],
            at=now + 1000, to_at=now + 9000,
        )  # fmt: skip
    assert world.places["one"] not in world.person("outsider").books()
    world.clock.move(1000)
    assert world.person("outsider").books()[world.places["one"]] == "write"
    with world.database.write() as conn:
        accounts.end_membership(conn, later, now + 2000)
    world.clock.move(1000)
    assert world.places["one"] not in world.person("outsider").books()


def test_a_disabled_account_is_nobody(world: World) -> None:
    who = world.person("worker")
    with world.database.write() as conn:
        accounts.disable(conn, who.account, world.clock.now())
        assert load_person(conn, who.account, who.device, world.clock.now()) is None


def test_another_persons_device_is_nobodys(world: World) -> None:
    who, other = world.person("worker"), world.person("worker2")
    with world.database.read() as conn:
        assert load_person(conn, who.account, other.device, world.clock.now()) is None


def test_a_phone_follows_forty_books_at_most_those_it_may_write_first() -> None:
    places = {str(n): Place(str(n), None, "grid", "", "", str(n), n) for n in range(60)}
    powers = {str(n): (Power(roles.COMMAND_ROOM),) for n in range(10, 60)}
    followed = Person("a", "d", "n", "en", places, powers).books()
    assert len(followed) == 40
    assert set(followed.values()) == {"write"}


def test_places_are_proposed_by_the_field_and_approved_by_the_supervisor(world: World) -> None:
    unit, worker, supervisor = world.units["1-1"], world.person("worker"), world.person("supervisor")
    door = derived("household", unit, "1-1-301")
    proposed = {"label": "1-1-301", "parent_id": unit, "status": {"from": None, "to": "proposed", "cycle": 1}}
    assert world.write(worker, door, proposed, type="household", create=True)["outcome"] == "applied"
    assert world.write(worker, door, {"label": "1-1-303"}, type="household")["outcome"] == "applied"
    active = {"status": {"from": "proposed", "to": "active", "cycle": 1}}
    assert world.write(worker, door, active, type="household")["reason"] == "not_allowed"
    assert world.write(supervisor, door, active, type="household")["outcome"] == "applied"
    assert world.write(worker, door, {"label": "1-1-304"}, type="household")["reason"] == "suggestion"
    assert world.write(worker, door, {"occupancy": "empty"}, type="household")["outcome"] == "applied"
    assert world.write(supervisor, door, {"label": "1-1-304"}, type="household")["outcome"] == "applied"
    assert world.fields(door)["code"]


def test_the_same_door_made_on_two_phones_is_one_door(world: World) -> None:
    unit = world.units["1-1"]
    door = derived("household", unit, "1-1-401")
    proposed = {"label": "1-1-401", "parent_id": unit, "status": {"from": None, "to": "proposed", "cycle": 1}}
    first = world.write(world.person("worker"), door, proposed, type="household", create=True, seen=0)
    second = world.write(world.person("worker2"), door, proposed, type="household", create=True, seen=0)
    assert first["outcome"] == "applied"
    assert second["outcome"] in {"applied", "merged", "held"}
    assert world.conflicts(door) == {}
