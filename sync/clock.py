"""The one place that reads the time of day."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Gives the time as milliseconds since 1970-01-01T00:00:00Z."""

    def now(self) -> int: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


class FixedClock:
    """A clock for tests and demo worlds: it stands still until it is set or moved."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def move(self, milliseconds: int) -> None:
        self.at += milliseconds


def to_text(at: int) -> str:
    """Milliseconds -> `2026-06-13T08:40:12.123Z`."""
    seconds, millis = divmod(at, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{millis:03d}Z"


def from_text(text: str) -> int:
    """`2026-06-13T08:40:12.123Z` (any RFC 3339 instant with an offset) -> milliseconds. ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text:
        raise ValueError(f"{text!r} has no time zone")
    return round(moment.timestamp() * 1000)
