"""What a WSGI server loads: `web.wsgi:make`."""

from __future__ import annotations

from flask import Flask

from web import logs
from web.app import create_app
from web.config import from_environment


def make() -> Flask:
    """The app as the environment configures it, logging as JSON lines."""
    logs.configure()
    return create_app(from_environment())
