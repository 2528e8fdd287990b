"""`gridwalk account …`, `gridwalk member …`: real people, made by hand."""

from __future__ import annotations

import secrets
from typing import Final

import click
from sqlalchemy import Connection, select

from api.catalogue import DEFAULT, LANGUAGES
from domain import accounts, places, sessions
from domain.roles import ROLES
from sync.clock import to_text
from web.commands.base import say, sentences, services, stop

# No letters and digits that look alike: a password is read from a screen and typed on a phone.
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """Sixteen characters in groups of four."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def choose_password(generate: bool) -> str:
    if generate:
        return new_password()
    words = say("account.password"), say("account.again")
    typed: str = click.prompt(words[0], hide_input=True, confirmation_prompt=words[1])
    return typed


def show_password(password: str, generated: bool) -> None:
    """Once, when everything else has worked; it is kept nowhere."""
    if generated:
        click.echo(say("account.made_password", password=password))


def find_account(conn: Connection, login: str) -> str:
    """The id of the account with this login; stops the command if there is none."""
    wanted = accounts.account.c.login == accounts.fold_login(login)
    found: str | None = conn.execute(select(accounts.account.c.id).where(wanted)).scalar()
    if found is None:
        stop("account.unknown", login=login)
    return found


def find_place(conn: Connection, code: str) -> places.Place:
    found = next((each for each in places.every(conn).values() if code in {each.code, each.id, each.name}), None)
    if found is None:
        stop("place.unknown", place=code)
    return found


@click.group("account", help="Accounts: who may sign in.")
def account_group() -> None:
    pass


@account_group.command("add", help="Make an account. Asks for the password, or makes one.")
@click.argument("login")
@click.option("--name", required=True, help="The work name that others see.")
@click.option("--language", type=click.Choice(LANGUAGES), default=DEFAULT, show_default=True)
@click.option("--phone", help="The work telephone, where the person gives it for colleagues to ring.")
@click.option("--generate", is_flag=True, help="Make a password and print it once.")
def account_add(login: str, name: str, language: str, phone: str | None, generate: bool) -> None:
    at = services()
    password = choose_password(generate)
    with sentences():
        hashed = accounts.hash_password(password)
        with at.database.write() as conn:
            accounts.create_account(
                conn,
                at.engine.ids,
                login=login,
                name=name,
                password_hash=hashed,
                at=at.clock.now(),
                language=language,
                work_phone=phone,
            )
    show_password(password, generate)
    click.echo(say("account.added", login=login))


@account_group.command("disable", help="Nobody signs in with it any more; its sessions end at once.")
@click.argument("login")
def account_disable(login: str) -> None:
    at = services()
    with at.database.write() as conn:
        found = find_account(conn, login)
        accounts.disable(conn, found, at.clock.now())
        sessions.end_all(conn, account=found)
    click.echo(say("account.disabled", login=login))


@account_group.command("phone", help="The work telephone that colleagues may ring; without NUMBER it is taken away.")
@click.argument("login")
@click.argument("number", required=False)
def account_phone(login: str, number: str | None) -> None:
    at = services()
    with sentences(), at.database.write() as conn:
        accounts.set_work_phone(conn, find_account(conn, login), number)
    click.echo(say("account.phone_set" if number else "account.phone_gone", login=login))


@account_group.command("password", help="Set a new password; every session of the account ends.")
@click.argument("login")
@click.option("--generate", is_flag=True, help="Make a password and print it once.")
def account_password(login: str, generate: bool) -> None:
    at = services()
    with at.database.read() as conn:
        found = find_account(conn, login)
    password = choose_password(generate)
    with sentences():
        hashed = accounts.hash_password(password)
    with at.database.write() as conn:
        accounts.set_password(conn, found, hashed)
        sessions.end_all(conn, account=found)
    show_password(password, generate)
    click.echo(say("account.password_set", login=login))


@account_group.command("list", help="Every account with what it is, where.")
def account_list() -> None:
    at = services()
    account, membership = accounts.account, accounts.membership
    with at.database.read() as conn:
        known = places.every(conn)
        held = conn.execute(select(membership).where(accounts.valid_at(at.clock.now()))).all()
        people = conn.execute(select(account).order_by(account.c.login)).all()
    for person in people:
        mine = [f"{each.role} {known[each.place_id].code}" for each in held if each.account_id == person.id]
        gone = f" ({say('account.is_disabled', at=to_text(person.disabled_at))})" if person.disabled_at else ""
        click.echo(f"{person.login}  {person.name}  {', '.join(mine) or '-'}{gone}")


@click.group("member", help="Memberships: who is what, where, from when to when.")
def member_group() -> None:
    pass


@member_group.command("add", help="Make LOGIN a ROLE at PLACE (its code, as `gridwalk place list` shows it).")
@click.argument("login")
@click.argument("role", type=click.Choice(sorted(ROLES)))
@click.argument("place")
@click.option("--unit", help="A building captain's stairway: the id of the unit record.")
def member_add(login: str, role: str, place: str, unit: str | None) -> None:
    at = services()
    with sentences(), at.database.write() as conn:
        accounts.add_membership(
            conn,
            at.engine.ids,
            account_id=find_account(conn, login),
            role=role,
            place_id=find_place(conn, place).id,
            at=at.clock.now(),
            unit_id=unit,
        )
    click.echo(say("member.added", login=login, role=role, place=place))


@member_group.command("end", help="From now on LOGIN is no ROLE at PLACE any more; what was done stays.")
@click.argument("login")
@click.argument("role", type=click.Choice(sorted(ROLES)))
@click.argument("place")
def member_end(login: str, role: str, place: str) -> None:
    at = services()
    table = accounts.membership
    with at.database.write() as conn:
        mine = table.c.account_id == find_account(conn, login)
        there = table.c.place_id == find_place(conn, place).id
        query = select(table.c.id).where(mine, there, table.c.role == role, accounts.valid_at(at.clock.now()))
        found = conn.execute(query).scalars().all()
        for each in found:
            accounts.end_membership(conn, each, at.clock.now())
    if not found:
        stop("member.none", login=login, role=role, place=place)
    click.echo(say("member.ended", login=login, role=role, place=place))
