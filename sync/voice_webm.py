"""Voice notes in WebM, as Chromium records them: read by our own small reader, and written anew.

Only what sounds is written again: one audio track, the Opus head, the blocks. Tags, attachments, chapters, titles,
dates, padding and whatever else a file may carry is not copied, because nothing but these elements is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sync.opus import RATE, NotAVoiceError, head, samples

EBML: Final = 0x1A45DFA3
_SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_ENTRY, _NUMBER, _KIND, _CODEC, _PRIVATE, _AUDIO = 0xAE, 0xD7, 0x83, 0x86, 0x63A2, 0xE1
_DELAY, _PREROLL, _CHANNELS, _FREQUENCY = 0x56AA, 0x56BB, 0x9F, 0xB5
_SCALE, _TIME, _SIMPLE, _GROUP, _BLOCK = 0x2AD7B1, 0xE7, 0xA3, 0xA0, 0xA1
_INSIDE_CLUSTER: Final = frozenset({_TIME, _SIMPLE, _GROUP, 0xA7, 0xAB, 0xEC, 0xBF, 0x5854})
_MILLISECOND: Final = 1_000_000
"""Nanoseconds: the scale that every browser writes, and the only one taken."""

Element = tuple[int, bytes]
Block = tuple[int, bytes]
"""(milliseconds after its cluster's time, packet)"""


@dataclass(slots=True)
class _Note:
    """What was found so far."""

    track: int = 0
    skip: int = 0
    head: bytes = b""
    clusters: list[tuple[int, list[Block]]] = field(default_factory=list)
    """(time in ms, its blocks)"""
    length: int = 0
    """in samples"""


def clean(data: bytes) -> tuple[bytes, int]:
    """(the note written anew, its length in ms). NotAVoiceError if it is none."""
    note = _Note()
    top = list(_elements(data, 0, len(data)))
    if not top or top[0][0] != EBML:
        raise NotAVoiceError("no_webm")
    for name, body in top:
        if name == _SEGMENT:
            _read_segment(note, body)
    if not note.track or not note.clusters:
        raise NotAVoiceError("nothing_to_hear")
    ms = round(max(note.length - note.skip, 0) * 1000 / RATE)
    return _write(note, ms), ms


def _number(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int, bool]:
    """(value, where it ends, are all its bits set) of an EBML number."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    if first == 0 or length > (4 if keep_marker else 8) or at + length > len(data):
        raise NotAVoiceError("cut_off")
    raw = int.from_bytes(data[at : at + length], "big")
    value = raw if keep_marker else raw & ((1 << 7 * length) - 1)
    return value, at + length, value == (1 << 7 * length) - 1


def _elements(data: bytes, at: int, end: int, *, torn: bool = False) -> Iterator[Element]:
    """The elements of one level. One of unknown length (a recording in progress) ends where its parent goes on.

    `torn`: the phone may have died while it wrote the last one, which then does not count.
    """
    while at < end:
        try:
            name, start, size = _measured(data, at, end)
        except NotAVoiceError as error:
            if torn and error.why == "cut_off":
                return
            raise
        yield name, data[start : start + size]
        at = start + size


def _measured(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """(name, where its body begins, size of that) of an element."""
    name, at, _ = _number(data, at, keep_marker=True)
    size, at, unknown = _number(data, at, keep_marker=False)
    if unknown:
        if name not in (_SEGMENT, _CLUSTER):
            raise NotAVoiceError("no_length")
        size = (end if name == _SEGMENT else _end_of_cluster(data, at, end)) - at
    if at + size > end:
        raise NotAVoiceError("cut_off")
    return name, at, size


def _end_of_cluster(data: bytes, at: int, end: int) -> int:
    """Of a cluster of unknown length; what is torn off at the end belongs to it."""
    while at < end:
        try:
            name, after, _ = _number(data, at, keep_marker=True)
            if name not in _INSIDE_CLUSTER:
                return at
            size, after, unknown = _number(data, after, keep_marker=False)
        except NotAVoiceError:
            return end
        if unknown or after + size > end:
            return end
        at = after + size
    return at


def _read_segment(note: _Note, body: bytes) -> None:
    for name, inside in _elements(body, 0, len(body), torn=True):
        if name == _INFO:
            scales = [_uint(each) for key, each in _elements(inside, 0, len(inside)) if key == _SCALE]
            if scales not in ([], [_MILLISECOND]):
                raise NotAVoiceError("odd_clock")
        elif name == _TRACKS:
            _read_tracks(note, inside)
        elif name == _CLUSTER:
            _read_cluster(note, inside)


def _read_tracks(note: _Note, body: bytes) -> None:
    entries = [each for name, each in _elements(body, 0, len(body)) if name == _ENTRY]
    if len(entries) != 1 or note.track:
        raise NotAVoiceError("more_than_sound")
    said = dict(_elements(entries[0], 0, len(entries[0])))
    if _uint(said.get(_KIND, b"")) != 2:
        raise NotAVoiceError("more_than_sound")
    if said.get(_CODEC) != b"A_OPUS":
        raise NotAVoiceError("no_opus")
    note.skip, note.head = head(said.get(_PRIVATE, b""))
    note.track = _uint(said.get(_NUMBER, b""))


def _read_cluster(note: _Note, body: bytes) -> None:
    time, blocks = 0, []
    for name, inside in _elements(body, 0, len(body), torn=True):
        if name == _TIME:
            time = _uint(inside)
        elif name == _SIMPLE:
            blocks.append(_read_block(note, inside))
        elif name == _GROUP:
            found = [each for key, each in _elements(inside, 0, len(inside)) if key == _BLOCK]
            blocks += [_read_block(note, each) for each in found]
    note.clusters.append((time, blocks))


def _read_block(note: _Note, block: bytes) -> Block:
    track, at, _ = _number(block, 0, keep_marker=False)
    if track != note.track or at + 3 > len(block):
        raise NotAVoiceError("more_than_sound")
    if block[at + 2] & 0x06:
        raise NotAVoiceError("laced")
    after = struct.unpack(">h", block[at : at + 2])[0]
    packet = block[at + 3 :]
    note.length += samples(packet)
    return after, packet


def _uint(body: bytes) -> int:
    if not 1 <= len(body) <= 8:
        raise NotAVoiceError("odd_number")
    return int.from_bytes(body, "big")


# ------------------------------------------------------------------------------------------------- writing


def _write(note: _Note, ms: int) -> bytes:
    doc = (0x4286, b"\1"), (0x42F7, b"\1"), (0x42F2, b"\4"), (0x42F3, b"\x08"), (0x4282, b"webm")
    start = _element(EBML, b"".join(_element(*each) for each in (*doc, (0x4287, b"\4"), (0x4285, b"\2"))))
    info = _whole(_SCALE, _MILLISECOND) + _element(0x4489, struct.pack(">d", float(ms)))
    named = _element(0x4D80, b"gridwalk") + _element(0x5741, b"gridwalk")
    clusters = b"".join(_cluster(time, blocks) for time, blocks in note.clusters)
    body = _element(_INFO, info + named) + _element(_TRACKS, _track(note)) + clusters
    return start + _element(_SEGMENT, body)


def _track(note: _Note) -> bytes:
    sound = _element(_FREQUENCY, struct.pack(">f", float(RATE))) + _whole(_CHANNELS, note.head[9])
    parts = _whole(_NUMBER, 1) + _whole(0x73C5, 1) + _whole(_KIND, 2) + _element(_CODEC, b"A_OPUS")
    timing = _whole(_DELAY, note.skip * 1_000_000_000 // RATE) + _whole(_PREROLL, 80_000_000)
    return _element(_ENTRY, parts + _element(_PRIVATE, note.head) + timing + _element(_AUDIO, sound))


def _cluster(time: int, blocks: list[Block]) -> bytes:
    said = (_element(_SIMPLE, b"\x81" + struct.pack(">hB", after, 0x80) + packet) for after, packet in blocks)
    return _element(_CLUSTER, _whole(_TIME, time) + b"".join(said))


def _element(name: int, body: bytes) -> bytes:
    size = len(body)
    length = next(n for n in range(1, 9) if size < (1 << 7 * n) - 1)
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (size | 1 << 7 * length).to_bytes(length, "big") + body


def _whole(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max((value.bit_length() + 7) // 8, 1), "big"))
