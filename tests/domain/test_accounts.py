"""Accounts, passwords, devices."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain import accounts, places
from domain.accounts import AccountError
from domain.places import PlaceError
from tests.domain.world import World


def add(world: World, login: str = "zhang", **more: object) -> str:
    with world.database.write() as conn:
        hashed = accounts.hash_password("correct horse")
        values = {"login": login, "name": "张三(示例)", "password_hash": hashed, "at": 0, **more}
        return accounts.create_account(conn, world.ids, **values)  # type: ignore[arg-type]


def test_a_password_is_kept_as_argon2id_and_nothing_else(world: World) -> None:
    id = add(world)
    with world.database.read() as conn:
        stored = conn.execute(select(accounts.account).where(accounts.account.c.id == id)).one()
    assert stored.password_hash.startswith("$argon2id$")
    assert "correct horse" not in str(stored)


@pytest.mark.parametrize(
    ("login", "password", "demo_mode", "may"),
    [
        ("zhang", "correct horse", False, True),
        ("  ZHANG ", "correct horse", False, True),
        ("zhang", "wrong horse", False, False),
        ("nobody", "correct horse", False, False),
        ("zhang", "", False, False),
        ("zhang", "\ud800", False, False),
    ],
)
def test_signing_in_needs_login_and_password(
    world: World, login: str, password: str, demo_mode: bool, may: bool
) -> None:
    add(world)
    with world.database.read() as conn:
        found = accounts.check_sign_in(conn, login, password, demo_mode=demo_mode)
    assert (found is not None) is may


def test_a_demo_account_signs_in_in_demo_mode_only(world: World) -> None:
    add(world, demo=True)
    with world.database.read() as conn:
        assert accounts.check_sign_in(conn, "zhang", "correct horse", demo_mode=False) is None
        assert accounts.check_sign_in(conn, "zhang", "correct horse", demo_mode=True) is not None
        assert accounts.has_demo_accounts(conn)


def test_a_disabled_account_does_not_sign_in(world: World) -> None:
    id = add(world)
    with world.database.write() as conn:
        accounts.disable(conn, id, 1)
        assert accounts.check_sign_in(conn, "zhang", "correct horse", demo_mode=False) is None


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("login_taken", {"login": "Worker"}),
        ("bad_login", {"login": " "}),
        ("bad_login", {"login": "a\nb"}),
        ("bad_language", {"language": "French, please"}),
        ("bad_phone", {"work_phone": "ask at the desk"}),
    ],
)
def test_an_account_that_cannot_be_says_why(world: World, code: str, wrong: dict[str, str]) -> None:
    with pytest.raises(AccountError) as caught:
        add(world, **wrong)
    assert caught.value.code == code


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(AccountError):
        accounts.hash_password(password)


@pytest.mark.parametrize(
    ("code", "role", "place"),
    [
        ("bad_role", "king", "one"),
        ("bad_place", "grid_worker", "town"),
        ("bad_place", "school_guard", "one"),
        ("needs_unit", "building_captain", "one"),
    ],
)
def test_a_membership_that_cannot_be_says_why(world: World, code: str, role: str, place: str) -> None:
    id = add(world)
    with world.database.write() as conn, pytest.raises(AccountError) as caught:
        accounts.add_membership(conn, world.ids, account_id=id, role=role, place_id=world.places[place], at=0)
    assert caught.value.code == code


def test_an_own_earlier_device_is_taken_again_and_no_other(world: World) -> None:
    with world.database.write() as conn:

        def take(login: str, wanted: str | None = None) -> str:
            who = world.account(login)
            return accounts.take_device(
                conn, world.ids, account_id=who, name="phone", kind="phone", at=5, wanted=wanted
            )

        first = take("worker")
        assert take("worker", first) == first
        assert take("worker2", first) != first
        accounts.revoke_device(conn, first, 9)
        assert take("worker", first) != first
        assert take("worker", "not an id") != first


@pytest.mark.parametrize(
    ("code", "kind", "parent", "spoken"),
    [
        ("bad_kind", "planet", "town", "P1"),
        ("bad_parent", "grid", "town", "P1"),
        ("bad_parent", "town", "community", "P1"),
        ("bad_parent", "grid", None, "P1"),
        ("code_taken", "grid", "community", "LW1"),
    ],
)
def test_a_place_that_cannot_be_says_why(world: World, code: str, kind: str, parent: str | None, spoken: str) -> None:
    above = world.places[parent] if parent else None
    with world.database.write() as conn, pytest.raises(PlaceError) as caught:
        places.create_place(conn, world.engine, kind=kind, name="x", parent=above, code=spoken)
    assert caught.value.code == code


def test_the_tree_is_read_downwards_and_upwards(world: World) -> None:
    names = {id: name for name, id in world.places.items()}
    with world.database.read() as conn:
        down = [names[each] for each in places.below(conn, [world.places["community"]])]
        up = [names[each] for each in places.above(conn, [world.places["one"]])]
    assert down == ["community", "one", "two", "post"]
    assert up == ["town", "community", "one"]
