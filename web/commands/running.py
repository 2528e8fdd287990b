"""`gridwalk run`, `jobs`, `migrate`: the instance itself."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path

import click
import segno

from domain import accounts
from sync.clock import SystemClock
from sync.database import Database, connect
from web import revision, serve
from web.commands import base, demo
from web.commands.base import say, stop
from web.config import Config

LAN_PAGE_OFFSET = 1
"""The page that offers the certificate is on the next port."""


@click.command("migrate", help="Bring the database to the form that this version needs.")
@click.option(
    "--to", default="head", show_default=True, help="A revision; an earlier one goes back, `base` to nothing."
)
@click.option("--new", "message", help="For developers: write a migration for what the tables in the code have more.")
def migrate(to: str, message: str | None) -> None:
    from web import upgrade

    url = base.config().database_url
    if message:
        upgrade.new(url, message)
        return
    before = revision.present(url)
    if to == "base" or (to.isdigit() and before is not None and to < before):
        upgrade.downgrade(url, to)
    else:
        upgrade.upgrade(url, to)
    click.echo(say("migrated", before=before or "-", after=revision.present(url) or "-"))


@click.command("jobs", help="Do the work that goes by the clock, until ended. `gridwalk run` starts it by itself.")
def jobs() -> None:
    from web import jobs as work
    from web import logs

    logs.configure()
    work.consume(base.services())


@click.command("run", help="Start the server and the jobs, until Ctrl-C.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--data", type=click.Path(path_type=Path), help="The folder for everything that is kept.")
@click.option("--demo", "is_demo", is_flag=True, help="The demo world, with its accounts. Never for real work.")
@click.option("--world", type=click.Choice(demo.WORLDS), default=demo.WORLDS[-1], show_default=True)
@click.option("--lan", "for_phones", is_flag=True, help="HTTPS for phones in the same network.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen, without --lan.")
def run(port: int, data: Path | None, is_demo: bool, world: str, for_phones: bool, host: str) -> None:
    given = {"GRIDWALK_PORT": str(port), "GRIDWALK_HOST": "0.0.0.0" if for_phones else host}  # noqa: S104
    if data:
        given["GRIDWALK_DATA"] = str(data)
    if is_demo:
        given["GRIDWALK_DEMO"] = "1"
    config = base.config(**given)
    try:
        with serve.alone_in(config.data):
            _run(replace(config, https=config.https or for_phones), world, for_phones)
    except serve.CannotStart as trouble:
        stop(f"cannot_start.{trouble.code}", **trouble.values)


def _run(config: Config, world: str, for_phones: bool) -> None:
    serve.check_port(config.host, config.port)
    _ready(config, world)
    address = serve.Address(config)
    log = config.data / "server.log" if config.demo else None
    with ExitStack() as stack:
        if for_phones:
            address, page = _for_phones(config)
            stack.callback(page.shutdown)
        family = stack.enter_context(serve.children(config, log))
        family.start(serve.server_command(address))
        if serve.answers(address, family):
            _tell(address, log)
            family.start(serve.jobs_command())
        ended = family.wait()
        click.echo(say("ending"))
    if ended:
        stop("ended_by_itself", log=_last_lines(log))


def _ready(config: Config, world: str) -> None:
    """The database in its form, the demo world in it on the first run; and no demo accounts where work is real."""
    serve.check_restored(config.data)
    serve.check_shared(config)
    if revision.present(config.database_url) != revision.newest():
        from web import upgrade

        click.echo(say("migrating"))
        upgrade.upgrade(config.database_url)
    if config.demo:
        demo.load_once(config, world)
        return
    engine = connect(config.database_url)
    with Database(engine).read() as conn:
        demo_data = accounts.has_demo_accounts(conn)
    engine.dispose()
    if demo_data:
        raise serve.CannotStart("demo_data", data=config.data)


def _for_phones(config: Config) -> tuple[serve.Address, ThreadingHTTPServer]:
    from web import lan, lan_page

    serve.check_port(config.host, config.port + LAN_PAGE_OFFSET)
    authority = lan.Authority(config.data / "authority", SystemClock())
    names = lan.addresses()
    if len(names) == 1:
        _both("lan.no_network")
    address = serve.Address(config, authority.serve(names), names[0])
    offer = lan_page.Offer(address.url, authority.offered(), authority.fingerprint())
    page = lan_page.serve(offer, config.port + LAN_PAGE_OFFSET)
    where = f"http://{names[0]}:{config.port + LAN_PAGE_OFFSET}/"
    _both("lan.first", page=where, fingerprint=authority.fingerprint())
    _square(where)
    return address, page


def _tell(address: serve.Address, log: Path | None) -> None:
    """Where it is, who may sign in, and a QR; in both languages, for whoever stands at the terminal."""
    click.echo()
    _both("open", url=address.url)
    if address.config.demo:
        click.echo(demo.who())
    _both("in_network" if address.certificate else "this_machine")
    _square(address.url)
    if log:
        click.echo(say("log_in", log=log))
    click.echo(say("how_to_end"))


def _both(key: str, **values: object) -> None:
    for language in ("zh-CN", "en"):
        click.echo("  " + base.say_in(language, key, **values))


def _square(text: str) -> None:
    segno.make(text, error="l").terminal(compact=True, border=2)


def _last_lines(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
