"""The console: what supervisors, grid heads, departments and the command room open at a desk."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Put the console's pages into the app."""
    from web.console import account, admin, cases, decide, lists, missing, notices, parked, rescue  # noqa: F401 - each adds its pages to the blueprint
    from web.console.blueprint import blp

    app.register_blueprint(blp)
