"""Ids: UUIDv7 for what somebody makes, UUIDv5 for what two people may make alike (M9)."""

from __future__ import annotations

import re
import secrets
import threading
import uuid
from collections.abc import Callable
from typing import Final

from sync.clock import Clock

NAMESPACE: Final = uuid.UUID("6d5f0f0e-9a55-5c0b-8e1e-0b4a6f1c2d3e")
_V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_ANY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Ids:
    """Makes UUIDv7s that only grow, whatever the clock does (X7). Safe to share between threads."""

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._last = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """The next id, lower case with dashes (RFC 9562, 48 bits of milliseconds, 74 of counter and chance)."""
        with self._lock:
            fresh = (self._clock.now() << 74) | self._random_bits(74)
            # An id made in the same millisecond, or under a clock set back, follows its predecessor closely.
            self._last = fresh if fresh > self._last else self._last + 1 + self._random_bits(24)
            millis, low = self._last >> 74, self._last & ((1 << 74) - 1)
        value = (millis << 80) | (0x7 << 76) | ((low >> 62) << 64) | (0b10 << 62) | (low & ((1 << 62) - 1))
        return str(uuid.UUID(int=value))


def derived(*parts: str) -> str:
    """The id of the thing that `parts` name together: the same parts, the same id, on every device."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


def is_change_id(value: object) -> bool:
    """Is it a UUIDv7 in lower case?"""
    return isinstance(value, str) and _V7.fullmatch(value) is not None


def is_id(value: object) -> bool:
    """Is it a UUID of any version, in lower case?"""
    return isinstance(value, str) and _ANY.fullmatch(value) is not None
