"""How the C library hands out memory: many threads that each take a little for a moment shall not keep it for ever."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
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


SEARCH_AFTER: Final = (50_000, 20, 50)
"""New objects after which Python looks for rings of things that nobody holds. By itself it does after 700, and a call of
fifty entries makes twenty thousand objects, none of them in a ring."""


def settle() -> None:
    """What is there once the app stands stays: it need not be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SEARCH_AFTER)


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


GIVE_BACK_EVERY: Final = 20.0
"""Seconds. What is freed below something that stays would otherwise be kept until the server ends: a storm leaves
megabytes of such holes (decision 0132). Looking for them takes a few milliseconds, without the interpreter."""


def keep_giving_back(every: float = GIVE_BACK_EVERY) -> bool:
    """Give back from now on, every so many seconds, whatever is free; False where the C library cannot."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return False
    never = threading.Event()

    def work() -> None:
        while not never.wait(every):
            trim(0)

    threading.Thread(target=work, name="memory", daemon=True).start()
    return True
