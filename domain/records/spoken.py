"""A voice note: what somebody would rather say than type. The same on every record that takes one."""

from __future__ import annotations

from typing import Final

from domain.words import say
from sync.types import Field

SOUND: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
WHEN: Final = "2026-06-13T08:40:12.123Z"

VOICE: Final = Field(
    "voice",
    "collect",
    "json",
    say("语音", "Voice notes"),
    "P1",
    {SOUND: {"type": "audio/webm", "bytes": 61440, "ms": 12400, "wave": [0, 7, 31, 12, 3], "taken_at": WHEN}},
    keyed=True,
    pictures=True,
    sounds=True,
    max_keys=10,
    shape={"type": "text", "bytes": "integer", "ms": "integer", "wave": "levels", "taken_at": "instant"},
)
"""SHA-256 of the recording -> what it is: at most a minute, `wave` as it is drawn."""
