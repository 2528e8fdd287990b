"""Flask-SQLAlchemy on the project's one metadata. Sessions of models only read; the engine's `Database` commits."""

from __future__ import annotations

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from sync.database import Database, engine_options, metadata, prepare

db = SQLAlchemy(metadata=metadata)


def install(app: Flask, url: str) -> Database:
    """Bind the app to the database at `url`."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
        return Database(db.engine)
