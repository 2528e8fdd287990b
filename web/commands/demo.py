"""`gridwalk demo load …`: the demo worlds, which exist in demo mode only."""

from __future__ import annotations

import time
from typing import Final

import click
from sqlalchemy import func, select

from domain import accounts
from sync.database import Database, connect
from web.commands import base
from web.commands.base import say, stop
from web.config import Config

WORLDS: Final = ("small", "demo")
PASSWORD: Final = "gridwalk"  # noqa: S105 - shown to everybody, on purpose


@click.group("demo", help="The demo worlds. Only where GRIDWALK_DEMO=1 is set: never beside real data.")
def demo_group() -> None:
    pass


@demo_group.command("load", help="Load a demo world into an empty instance in demo mode.")
@click.argument("world", type=click.Choice(WORLDS))
def load(world: str) -> None:
    config = base.config()
    if not config.demo:
        stop("demo.only_in_demo_mode")
    if not load_once(config, world):
        stop("demo.not_empty")


def load_once(config: Config, world: str) -> bool:
    """Load a world if the instance is empty; True if it was. Stops where there are real accounts."""
    begun = config.data / "demo.loading"
    if begun.exists():
        _start_over(config)
    demo, people = _counted(config)
    if demo:
        return False
    if people:
        stop("demo.real_accounts")
    at = base.services(config)
    from domain.demo import load as load_world

    begun.touch()
    click.echo(say("demo.loading", world=world))
    began = time.perf_counter()
    load_world(world, at.engine, at.database, at.uploads)
    begun.unlink()
    click.echo(say("demo.loaded", seconds=f"{time.perf_counter() - began:.1f}"))
    return True


def _start_over(config: Config) -> None:
    """The last loading was cut short: half a world is no world. Only what loading itself has begun is taken away."""
    from web import upgrade

    click.echo(say("demo.cut_short"))
    upgrade.downgrade(config.database_url, "base")
    upgrade.upgrade(config.database_url)


def _counted(config: Config) -> tuple[bool, int]:
    """(are there demo accounts, how many accounts are there) of an instance: asked at every start, so kept light."""
    engine = connect(config.database_url)
    with Database(engine).read() as conn:
        people = conn.execute(select(func.count()).select_from(accounts.account)).scalar_one()
        demo = accounts.has_demo_accounts(conn)
    engine.dispose()
    return demo, people


def who() -> str:
    """The demo accounts, one line each, for the terminal."""
    return say("demo.accounts", password=PASSWORD)
