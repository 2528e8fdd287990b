"""What a WSGI server loads: `web.wsgi:make`."""

from __future__ import annotations

from flask import Flask

from api.services import EXTENSION
from web import logs, memory
from web.app import create_app
from web.config import from_environment
from web.serve import check_restored, check_shared


def make() -> Flask:
    """The app as the environment configures it, logging as JSON lines."""
    memory.lean()
    logs.configure()
    config = from_environment()
    check_restored(config.data)
    check_shared(config)
    app = create_app(config)
    # Whatever was erased is on the list that outlives the database, also if something died in between (S4).
    services = app.extensions[EXTENSION]
    services.engine.agree_on_erasures()
    memory.settle()
    memory.keep_giving_back()
    return app
