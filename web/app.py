"""create_app(): wiring, and nothing else."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from api import door, identity
from api.services import EXTENSION, Services
from domain.places import PlaceCodes
from domain.records import record_types
from sync.blobs import Blobs
from sync.clock import Clock, SystemClock
from sync.database import Database
from sync.engine import Engine
from sync.erasures import ErasureList
from sync.uploads import Uploads
from web import console, db, errors, i18n, jobs, logs, packing, pages, security
from web.config import Config
from web.patience import Patience
from web.pushing import Push, kept_key


def create_app(config: Config, clock: Clock | None = None) -> Flask:
    """The app of one instance. The database must be at this version's migrations (see `gridwalk run`)."""
    app = Flask("web", root_path=str(Path(__file__).parent), static_folder=None)
    app.static_folder = str(config.static)
    app.add_url_rule("/static/<path:filename>", "static", pages.static)
    app.config.update(TESTING=config.testing, GRIDWALK_DATA=str(config.data))
    database = db.install(app, config.database_url)
    app.extensions[EXTENSION] = make_services(config, database, clock or SystemClock())
    logs.install(app)
    errors.install(app)
    packing.install(app)
    security.install(app, config)
    identity.install(app)
    i18n.init_texts(app)
    door.install(app, config.version)
    app.register_blueprint(pages.blp)
    console.install(app)
    app.wsgi_app = Patience(app.wsgi_app, config.port, config.longest_body)  # type: ignore[method-assign]
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies)  # type: ignore[method-assign]
    return app


def make_services(config: Config, database: Database, clock: Clock) -> Services:
    """Everything that handlers, jobs and the command line work with."""
    blobs = blobs_of(config)
    erasures = ErasureList(config.erasures)
    engine = Engine(database, record_types(PlaceCodes(database)), clock, erasures=erasures)
    # Some threads are left to those who bring no pictures: text never waits for them (P1).
    at_once = max(config.threads_each * 2 // 3, 2)
    uploads = Uploads(database, blobs, config.data / "uploads", clock, engine.ids, at_once)
    push = Push(config.push_key or kept_key(config.data), config.push_contact, near=config.testing)
    services = Services(database, engine, blobs, uploads, clock, i18n.texts(), config, push)
    uploads.gallery.on_kept = jobs.Later(services).make_sizes
    return services


def blobs_of(config: Config) -> Blobs:
    """Where the bytes of pictures and voice notes are."""
    return Blobs.at(config.blobs_url) if config.blobs_url else Blobs.folder(config.data / "blobs")
