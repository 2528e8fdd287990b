"""`gridwalk init`: an empty instance for real work, with its town and its first administrator."""

from __future__ import annotations

import click
from sqlalchemy import func, select

from domain import accounts, places
from domain.roles import ADMIN
from web.commands import base
from web.commands.base import say, sentences, services, stop
from web.commands.people import choose_password, show_password


@click.command("init", help="Set up an empty instance for real work: its town and its first administrator.")
@click.option("--town", prompt="Name of the town · 镇(街道)的名称")
@click.option("--login", prompt="Login of the first administrator · 管理员的登录名", default="admin")
@click.option("--name", prompt="The administrator's name as others see it · 姓名或称呼")
@click.option("--generate", is_flag=True, help="Make the password and print it once.")
def init(town: str, login: str, name: str, generate: bool) -> None:
    config = base.config()
    if config.demo:
        stop("init.not_in_demo_mode")
    from web import upgrade

    upgrade.upgrade(config.database_url)
    at = services(config)
    with at.database.read() as conn:
        if conn.execute(select(func.count()).select_from(accounts.account)).scalar_one():
            stop("init.not_empty", data=config.data)
    password = choose_password(generate)
    with sentences():
        hashed = accounts.hash_password(password)
        with at.database.write() as conn:
            made = places.create_place(conn, at.engine, kind="town", name=town)
            now, ids = at.clock.now(), at.engine.ids
            account = accounts.create_account(conn, ids, login=login, name=name, password_hash=hashed, at=now)
            accounts.add_membership(conn, ids, account_id=account, role=ADMIN, place_id=made.id, at=now)
    show_password(password, generate)
    click.echo(say("init.done", town=town, code=made.code, login=login))
