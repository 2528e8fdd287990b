"""The place's time of day. Inside, time is UTC in milliseconds; people live in their own time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

ZONE: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one time zone and no summer time since 1991, so a fixed offset needs no time-zone data."""

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def local(at: int) -> datetime:
    """Milliseconds since the epoch -> the time on the wall of the place."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONE)


def start_of_day(at: int) -> int:
    """The last local midnight at or before `at`, in milliseconds."""
    return round(local(at).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000


def month_and_day(at: int) -> str:
    """`0613` for 13 June, by the place's calendar."""
    return f"{local(at):%m%d}"
