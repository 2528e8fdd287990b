"""One text out of a JSON column, written so that SQLite and PostgreSQL both find an index made of it.

A planner takes an expression index only if query and index say the same expression; so the path is written out as a
literal in both, not bound as a parameter.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, String, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_PATH = re.compile(r"[a-z_]+(\.[a-z_]+)*")


class JsonText(FunctionElement[str]):
    """The text at a path inside a JSON object; NULL where there is none. Make it with `json_text`."""

    type = String()
    inherit_cache = True
    name = "json_text"


def json_text(column: ColumnElement[Any], path: str) -> JsonText:
    """`json_text(record.c.fields, "status.status")`. The path is a program's, never a person's: ValueError else."""
    if not _PATH.fullmatch(path):
        raise ValueError(f"not a path of plain names: {path!r}")
    return JsonText(column, literal_column(path))


@compiles(JsonText, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _sqlite(element: JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    column, path = element.clauses
    return f"json_extract({compiler.process(column, **kw)}, '$.{path}')"


@compiles(JsonText)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _postgresql(element: JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    column, path = element.clauses
    *outer, last = str(path).split(".")
    steps = "".join(f" -> '{part}'" for part in outer)
    return f"({compiler.process(column, **kw)}{steps} ->> '{last}')"
