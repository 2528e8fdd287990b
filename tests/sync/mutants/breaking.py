"""One broken engine in a child process: a module of `sync` is imported with one place of its source changed.

The parent has never imported `sync`, only what `sync` stands on, so a child is quick: fork, import, ask, die.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

# What the engine stands on is imported once, before the forks.
import orjson  # noqa: F401
import pytest  # noqa: F401
import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite  # noqa: F401

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 15
"""Seconds of computing after which an engine that finds no answer to a question counts as noticed."""


@dataclass(frozen=True)
class Mutant:
    """In the module `sync.<module>`, `old` (which must stand there exactly once) becomes `new`."""

    name: str
    module: str
    old: str
    new: str

    @property
    def path(self) -> Path:
        return ROOT / "sync" / f"{self.module}.py"

    def source(self) -> str:
        text = self.path.read_text(encoding="utf-8")
        count = text.count(self.old)
        if count != 1:
            raise LookupError(f"{self.name}: its place stands {count} times in sync/{self.module}.py")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Noticed:
    """What a question said of an engine: `by` is the question, or "" where none noticed; `how` the first words."""

    by: str
    how: str
    seconds: float


class _Changed(importlib.abc.MetaPathFinder):
    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = name, path, source

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        loader = _Loader(name, str(self.path))
        loader.changed = self.source
        return importlib.util.spec_from_file_location(name, self.path, loader=loader)


class _Loader(importlib.machinery.SourceFileLoader):
    changed = ""

    def get_code(self, fullname: str) -> Any:
        return compile(self.changed, self.path, "exec")


def ask(module: str, source: str | None, questions: Sequence[str], *, all_of_them: bool = False) -> list[Noticed]:
    """Ask in a child, with `sync.<module>` made from `source` (None: as it is), one question after the other, until
    one notices; `all_of_them`: go on then. Without one that notices the list ends with one that says so."""
    assert "sync.rules" not in sys.modules, "the parent must not have imported the engine"
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(writer, module, source, questions, all_of_them)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    found: list[Noticed] = pickle.loads(told) if told else [Noticed(questions[0], "it hangs, or dies", PATIENCE)]
    return found


def _child(writer: int, module: str, source: str | None, questions: Sequence[str], all_of_them: bool) -> None:
    """Never returns."""
    signal.signal(signal.SIGVTALRM, _enough)
    if source is not None:
        sys.meta_path.insert(0, _Changed(f"sync.{module}", ROOT / "sync" / f"{module}.py", source))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    found: list[Noticed] = []
    for question in questions:
        began = time.process_time()
        how = _answer(question)
        if how is not None:
            found.append(Noticed(question, how, round(time.process_time() - began, 3)))
            if not all_of_them:
                break
    os.write(writer, pickle.dumps(found or [Noticed("", "", 0)]))
    os._exit(0)


def _enough(_number: int, _frame: object) -> None:
    raise TimeoutError("finds no end")


def _answer(question: str) -> str | None:
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        from tests.sync.mutants import questions

        questions.put(question)
    except BaseException as error:
        invariant = getattr(error, "invariant", None)
        last = traceback.extract_tb(error.__traceback__)[-1]
        return invariant or f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {str(error)[:80]}"
    return None
