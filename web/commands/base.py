"""What every command works with: the configuration, the services, and words in the terminal's language."""

from __future__ import annotations

import locale
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final, NoReturn

import click

from api.catalogue import Catalogue
from domain.accounts import AccountError
from domain.places import PlaceError
from sync.clock import SystemClock
from sync.database import Database, connect
from web import revision
from web.config import ROOT, Config, from_environment

if TYPE_CHECKING:
    from api.services import Services

SECTION: Final = "terminal"
CATALOGUE: Final = ROOT / "web" / "catalogue"


def language() -> str:
    """zh-CN where the terminal is set to Chinese, else en: a plain terminal cannot always show Chinese."""
    name = locale.getlocale()[0] or ""
    return "zh-CN" if name.lower().startswith("zh") else "en"


@cache
def _texts() -> Catalogue:
    return Catalogue.load(CATALOGUE)


def say_in(spoken: str, key: str, /, **values: object) -> str:
    return _texts().say(spoken, f"{SECTION}.{key}", **values)


def say(key: str, /, **values: object) -> str:
    return say_in(language(), key, **values)


def stop(key: str, /, **values: object) -> NoReturn:
    """End the command with exit code 1 and a sentence that says what to do."""
    raise click.ClickException(say(key, **values))


def config(**given: str) -> Config:
    """The configuration: of the command's own options, else of `gridwalk --data …`, else of the environment."""
    context = click.get_current_context(silent=True)
    above = context.find_root().obj if context else None
    return from_environment(given={**(above or {}), **given})


def services(of: Config | None = None) -> Services:
    """The services of the configured instance. Stops if its database is not at this version's form."""
    # Here, not above: `gridwalk --help` should not load the whole web.
    from web.app import make_services

    chosen = of or config()
    if revision.present(chosen.database_url) != revision.newest():
        stop("not_migrated")
    engine = connect(chosen.database_url)
    context = click.get_current_context(silent=True)
    if context:
        context.find_root().call_on_close(engine.dispose)
    return make_services(chosen, Database(engine), SystemClock())


@contextmanager
def sentences() -> Iterator[None]:
    """Turn an error of the domain into a sentence and exit code 1."""
    try:
        yield
    except (AccountError, PlaceError) as error:
        stop(f"refused.{error.code}")
