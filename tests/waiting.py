"""How long a test waits before it says that something never comes. It bounds a hang and measures nothing: a busy machine
is not a fault of the app."""

from __future__ import annotations

from typing import Final

PATIENCE: Final = 60.0
"""Seconds."""
PATIENCE_MS: Final = PATIENCE * 1000
"""The same in milliseconds, as a browser wants it."""
