"""How a migration meets the database: on the connection that `web.upgrade` brings, inside its transaction."""

from __future__ import annotations

from alembic import context

from web.upgrade import tables


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("call `gridwalk migrate`: it brings the connection and the transaction")
    context.configure(
        connection=connection,
        target_metadata=tables(),
        # SQLite changes a table by copying it.
        render_as_batch=True,
        compare_type=True,
        user_module_prefix="sync.database.",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
