"""Doing a step again only when what it was made from has changed: a stamp file holds the hash of the sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tools.say import ROOT


def digest(sources: Iterable[Path], *also: str) -> str:
    """One hash over the files (folders: every file below), their names, and some words beside them."""
    total = hashlib.sha256()
    for path in sorted(_files(sources)):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for word in also:
        total.update(word.encode() + b"\0")
    return total.hexdigest()


def fresh(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def put(stamp: Path, wanted: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted, encoding="utf-8")


def _files(sources: Iterable[Path]) -> Iterable[Path]:
    for source in sources:
        if source.is_dir():
            yield from (path for path in source.rglob("*") if path.is_file())
        elif source.is_file():
            yield source
