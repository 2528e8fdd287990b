"""What can be said of Opus without decoding it: how long a packet sounds (RFC 6716), and its head (RFC 7845). Pure."""

from __future__ import annotations

from typing import Final

RATE: Final = 48_000
"""Samples a second in which Opus counts, whatever it was recorded at."""
_SILK: Final = (480, 960, 1920, 2880)
_HYBRID: Final = (480, 960)
_CELT: Final = (120, 240, 480, 960)
_LONGEST: Final = 5760
_MOST_BYTES: Final = 1275
"""Bytes of one frame."""


class NotAVoiceError(Exception):
    """The bytes are not a voice note that can be played. `why` is one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def samples(packet: bytes) -> int:
    """How long a packet sounds, in samples at RATE. NotAVoiceError if it cannot be one."""
    if not packet:
        raise NotAVoiceError("empty_packet")
    config = packet[0] >> 3
    frame = _SILK[config & 3] if config < 12 else _HYBRID[config & 1] if config < 16 else _CELT[config & 3]
    count = _frames(packet)
    if not 1 <= count <= 48 or frame * count > _LONGEST or len(packet) > (_MOST_BYTES + 2) * count + 258:
        raise NotAVoiceError("bad_packet")
    return frame * count


def _frames(packet: bytes) -> int:
    code = packet[0] & 3
    if code < 3:
        return 1 if code == 0 else 2
    return packet[1] & 0x3F if len(packet) > 1 else 0


def head(said: bytes) -> tuple[int, bytes]:
    """(samples to skip at the start, the head written anew) of an OpusHead; one or two channels, mapping family 0."""
    if len(said) < 19 or said[:8] != b"OpusHead" or said[8] >> 4 or said[9] not in (1, 2) or said[18] != 0:
        raise NotAVoiceError("no_opus")
    return int.from_bytes(said[10:12], "little"), said[:19]
