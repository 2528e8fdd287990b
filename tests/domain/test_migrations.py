"""The migrations make the database that the declarations describe, and can be taken back."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect, make_url, select, text
from sqlalchemy.schema import CreateIndex

from domain.accounts import account
from sync import tables
from sync.database import Database, connect
from tests.domain.world import all_tables
from web import upgrade
from web.revision import present

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
}
OPTIONS = {
    "sqlite": "SELECT 1, 1 WHERE false",
    "postgresql": "SELECT relname, reloptions FROM pg_class WHERE relkind = 'r' AND reloptions IS NOT NULL"
    " AND relnamespace = 'public'::regnamespace",
}
Shape = tuple[dict[str, Any], dict[str, str], dict[str, Any]]


def shape(url: str) -> Shape:
    """(columns by table, index statements by name, how the rows of a table are stored) as the database tells them."""
    engine = connect(url)
    try:
        columns = {
            table: [(each["name"], str(each["type"]), each["nullable"]) for each in inspect(engine).get_columns(table)]
            for table in inspect(engine).get_table_names()
            if table != "alembic_version"
        }
        with engine.connect() as conn:
            found = conn.execute(text(INDEXES[engine.dialect.name]))
            indexes = {name: " ".join(sql.replace('"', "").split()) for name, sql in found}
            options = {row[0]: row[1] for row in conn.execute(text(OPTIONS[engine.dialect.name]))}
    finally:
        engine.dispose()
    return columns, indexes, options


def test_the_migrations_make_exactly_the_declared_tables_and_indexes(database_url: str) -> None:
    upgrade.upgrade(database_url)
    migrated = shape(database_url)
    upgrade.downgrade(database_url, "base")
    assert shape(database_url) == ({}, {}, {})
    engine = connect(database_url)
    all_tables().create_all(engine)
    engine.dispose()
    assert migrated == shape(database_url)


@pytest.mark.parametrize("name_of_it", ["sqlite", "postgresql"])
def test_queries_and_indexes_say_the_same_expression_in_both_databases(name_of_it: str) -> None:
    """A planner knows an expression index again only by its words."""
    path = upgrade.ROOT / "migrations" / "versions" / "0008_lean_indexes.py"
    last = importlib.util.module_from_spec(spec := _spec(path))
    spec.loader.exec_module(last)  # type: ignore[union-attr]
    dialect = make_url("sqlite://" if name_of_it == "sqlite" else "postgresql+psycopg://").get_dialect()()
    words = last.IN_SQLITE if name_of_it == "sqlite" else last.IN_POSTGRESQL
    for name, what in last.AFTER.items():
        declared = next(index for index in tables.record.indexes if index.name == name)
        said = " ".join(str(CreateIndex(declared).compile(dialect=dialect)).split())
        assert said.replace('"', "") == f"CREATE INDEX {name} ON record {what.format_map(words)}".replace('"', "")


def _spec(path: Path) -> ModuleSpec:
    found = importlib.util.spec_from_file_location("last_of_indexes", path)
    assert found is not None
    return found


def revisions() -> list[str]:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(upgrade._config())
    return [each.revision for each in reversed(list(script.walk_revisions()))]


@pytest.mark.parametrize("revision", revisions())
def test_each_migration_goes_up_and_down_with_data(database_url: str, revision: str) -> None:
    url = database_url
    upgrade.upgrade(url, revision)
    upgrade.upgrade(url, revision)
    before = shape(url)
    fill(url)
    upgrade.downgrade(url, "base" if revision == "0001" else f"{int(revision) - 1:04d}")
    if revision == "0001":
        assert shape(url) == ({}, {}, {})
    upgrade.upgrade(url, revision)
    assert shape(url) == before
    assert present(url) == revision


def fill(url: str) -> None:
    engine = connect(url)
    try:
        with Database(engine).write() as conn:
            conn.execute(insert(tables.book).values(id="b", head=1, head_change="c"))
            row = {"id": "a", "login": "a", "name": "a", "password_hash": "-", "language": "en"}
            conn.execute(insert(account).values(**row, demo=False, created_at=0))
        with Database(engine).read() as conn:
            assert conn.execute(select(tables.book.c.head)).scalar_one() == 1
    finally:
        engine.dispose()
