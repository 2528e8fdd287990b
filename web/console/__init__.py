"""The console: what supervisors, grid heads, departments and the command room open at a desk."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Put the console's pages into the app."""
    from web.console import (  # noqa: F401 - each adds its pages to the blueprint
        account,
        admin,
        campaign_paper,
        campaign_photos,
        campaigns,
        cases,
        decide,
        feedback,
        lists,
        missing,
        notices,
        parked,
        rescue,
        roster,
        rounds,
        visits,
    )
    from web.console.blueprint import blp

    app.register_blueprint(blp)
