"""What a handler works with: made once by `create_app()`, found again by `current()`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

from flask import current_app

from api.catalogue import Catalogue
from sync.blobs import Blobs
from sync.clock import Clock
from sync.database import Database
from sync.engine import Engine
from sync.uploads import Uploads

EXTENSION: Final = "gridwalk"


class Settings(Protocol):
    """What of the configuration a handler or a job may want to know."""

    @property
    def data(self) -> Path: ...

    @property
    def demo(self) -> bool: ...

    @property
    def https(self) -> bool: ...

    @property
    def version(self) -> str: ...

    @property
    def redis_url(self) -> str: ...


class Nudging(Protocol):
    """What a handler may want to know of web push."""

    @property
    def public_key(self) -> str: ...

    def is_address(self, endpoint: str) -> bool: ...


@dataclass(frozen=True)
class Services:
    database: Database
    engine: Engine
    blobs: Blobs
    uploads: Uploads
    clock: Clock
    catalogue: Catalogue
    config: Settings
    push: Nudging


def current() -> Services:
    """The services of the app that answers the present request."""
    return cast(Services, current_app.extensions[EXTENSION])
