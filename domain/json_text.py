"""Looking into a JSON column, written so that SQLite and PostgreSQL both find an index made of it.

A planner takes an expression index only if query and index say the same expression; so the path is written out as a
literal in both, not bound as a parameter.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_PATH = re.compile(r"[a-z_]+(\.[a-z_]+)*")


class JsonText(FunctionElement[str]):
    """The text at a path inside a JSON object; NULL where there is none. Make it with `json_text`."""

    type = String()
    inherit_cache = True
    name = "json_text"


class JsonHasKey(FunctionElement[bool]):
    """Has the object at a path this key? Make it with `json_has_key`."""

    type = Boolean()
    inherit_cache = True
    name = "json_has_key"


def json_text(column: ColumnElement[Any], path: str) -> JsonText:
    """`json_text(record.c.fields, "status.status")`. The path is a program's, never a person's: ValueError else."""
    return JsonText(column, _path(path))


def json_has_key(column: ColumnElement[Any], path: str, key: str) -> JsonHasKey:
    """`json_has_key(record.c.fields, "assignees", account)`; the key is bound."""
    return JsonHasKey(column, _path(path), literal(key))


def _path(path: str) -> ColumnElement[Any]:
    if not _PATH.fullmatch(path):
        raise ValueError(f"not a path of plain names: {path!r}")
    return literal_column(path)


@compiles(JsonText, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _text_in_sqlite(element: JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    column, path = element.clauses
    return f"json_extract({compiler.process(column, **kw)}, '$.{path}')"


@compiles(JsonText)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _text_in_postgresql(element: JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    column, path = element.clauses
    *outer, last = str(path).split(".")
    steps = "".join(f" -> '{part}'" for part in outer)
    return f"({compiler.process(column, **kw)}{steps} ->> '{last}')"


@compiles(JsonHasKey, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _key_in_sqlite(element: JsonHasKey, compiler: SQLCompiler, **kw: Any) -> str:
    column, path, key = element.clauses
    said = compiler.process(key, **kw)
    return f"""(json_type({compiler.process(column, **kw)}, '$.{path}."' || {said} || '"') IS NOT NULL)"""


@compiles(JsonHasKey)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _key_in_postgresql(element: JsonHasKey, compiler: SQLCompiler, **kw: Any) -> str:
    column, path, key = element.clauses
    return f"coalesce(jsonb_exists({compiler.process(column, **kw)} -> '{path}', {compiler.process(key, **kw)}), false)"
