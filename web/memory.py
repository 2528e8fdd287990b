"""How the C library hands out memory: many threads that each take a little for a moment shall not keep it for ever."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
_TRIM_THRESHOLD: Final = -1
"""Numbers of `mallopt(3)`."""

ARENAS: Final = 1
"""Heaps for all threads together. By itself the C library opens eight for each processor, and each keeps its highest tide;
Python lets one thread at a time ask for memory anyhow."""
LARGE: Final = 128 * 1024
"""Bytes: what is larger is given back as soon as nobody needs it. Saying so also stops the C library from raising this
to 32 MB after the first large picture, whose room would then stay full of holes."""


def lean() -> bool:
    """Ask for it; False where the C library does not understand (another system than Linux, musl)."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    wanted = ((_ARENA_MAX, ARENAS), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, LARGE))
    return all(bool(mallopt(option, value)) for option, value in wanted)
