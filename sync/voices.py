"""What counts as a voice note, and what of it is kept: the sound, nothing else (P3).

Three containers, as phones record them: WebM and Ogg with Opus, MP4 with AAC or Opus. Read by our own small readers,
which cannot be made to do anything but read; what they do not know is not kept. Docs: decision 0095.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sync import voice_mp4, voice_ogg, voice_webm
from sync.opus import NotAVoiceError

__all__ = ["LONGEST", "MAX_VOICE", "TYPES", "NotAVoiceError", "Voice", "clean", "looks_like_one"]

TYPES: Final = frozenset({"audio/webm", "audio/ogg", "audio/mp4"})
"""What a voice note may be, and is served as."""

MAX_VOICE: Final = 2 * 1024 * 1024
"""Bytes: a minute at 256 kbit/s, more than any browser takes unasked."""

LONGEST: Final = 60_000
_SLACK: Final = 1_500
"""Milliseconds that a recorder may run on after it was told to stop."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Clean bytes of a voice note, what it is served as, its length in milliseconds."""

    data: bytes
    type: str
    ms: int


def looks_like_one(start: bytes) -> bool:
    """Could a file that begins so (12 bytes are enough) be a voice note? If not, it may be a picture."""
    return start[:4] in (voice_ogg.MAGIC, voice_webm.EBML.to_bytes(4, "big")) or start[4:8] == voice_mp4.FIRST


def clean(data: bytes) -> Voice:
    """The voice note without anything beside the sound. NotAVoiceError if there is none, or it is too long."""
    try:
        kept, kind, ms = _clean(data)
    except NotAVoiceError:
        raise
    except Exception as error:  # whatever a hostile file makes a reader trip over
        raise NotAVoiceError("unreadable") from error
    if ms > LONGEST + _SLACK:
        raise NotAVoiceError("too_long")
    if ms <= 0:
        raise NotAVoiceError("nothing_to_hear")
    return Voice(kept, kind, ms)


def _clean(data: bytes) -> tuple[bytes, str, int]:
    if len(data) > MAX_VOICE:
        raise NotAVoiceError("too_large")
    if data[:4] == voice_ogg.MAGIC:
        return _named(voice_ogg.clean(data), "audio/ogg")
    if data[4:8] == voice_mp4.FIRST:
        return _named(voice_mp4.clean(data), "audio/mp4")
    return _named(voice_webm.clean(data), "audio/webm")


def _named(found: tuple[bytes, int], kind: str) -> tuple[bytes, str, int]:
    return found[0], kind, found[1]
