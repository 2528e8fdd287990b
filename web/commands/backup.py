"""`gridwalk backup FILE`, `gridwalk restore FILE`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from sync.clock import SystemClock
from web import serve
from web.backup.archive import BackupError
from web.backup.restoring import Told, Wishes
from web.commands import base
from web.commands.base import say
from web.config import Config

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@contextmanager
def _both_languages() -> Iterator[None]:
    """What cannot be done is said in both: whoever restores at night may not be who chose the terminal's language."""
    try:
        yield
    except BackupError as error:
        said = (base.say_in(each, f"backup.{error.code}", **error.values) for each in ("zh-CN", "en"))
        raise click.ClickException("\n".join(said)) from error
    except serve.CannotStart as error:
        base.stop(f"cannot_start.{error.code}", **error.values)


@click.command("backup", help="Write everything into one FILE, while the server runs or not.")
@FILE
def backup(file: Path) -> None:
    from web.backup import making

    with _both_languages():
        made = making.make(base.services(), file)
    click.echo(say("backup.made", file=file, rows=made.rows, pictures=made.pictures))
    if made.missing:
        click.echo(say("backup.missing", count=made.missing))


@click.command("restore", help="Make this instance what it was when FILE was made. Stop the server first.")
@FILE
@click.option("--replace", is_flag=True, help="There are data: keep them aside, and put the backup in their place.")
@click.option("--keep-sessions", is_flag=True, help="Leave signed in who was. Only if nobody was shut out since.")
@click.option("--without-erasures", is_flag=True, help="The list of erasures is lost: what was erased may come back.")
@click.option("--check", is_flag=True, help="Only read the file through and say whether it is whole.")
def restore(file: Path, replace: bool, keep_sessions: bool, without_erasures: bool, check: bool) -> None:
    from web.backup import restoring

    with _both_languages():
        if check:
            head = restoring.check(file)
            click.echo(say("backup.whole", file=file, made_at=head.made_at, version=head.version))
            return
        config = base.config()
        with serve.alone_in(config.data):
            told = restoring.restore(config, file, Wishes(replace, keep_sessions, without_erasures), SystemClock())
    _tell(config, told, keep_sessions)


def _tell(config: Config, told: Told, keep_sessions: bool) -> None:
    figures = {"rows": told.rows, "pictures": told.pictures, "erased": told.erased}
    click.echo(say("backup.restored", made_at=told.head.made_at, **figures))
    if told.aside:
        click.echo(say("backup.aside", aside=told.aside))
    click.echo(say("backup.next_kept" if keep_sessions else "backup.next", data=config.data))
