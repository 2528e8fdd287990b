"""Voice notes in MP4, as Safari records them, whole or in fragments.

Where the sound lies is said by its place in the file, so nothing may move: boxes that are not needed to play are made
into free space in place, filled with zeros, and so is every byte of the media that no sample claims.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sync.opus import RATE, NotAVoiceError, samples

FIRST: Final = b"ftyp"
_INSIDE: Final[Mapping[bytes, frozenset[bytes]]] = {
    b"": frozenset({FIRST, b"moov", b"moof", b"mdat"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex"}),
    b"mvex": frozenset({b"mehd", b"trex"}),
    b"trak": frozenset({b"tkhd", b"mdia", b"edts"}),
    b"edts": frozenset({b"elst"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"smhd", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset({b"stsd", b"stts", b"stsc", b"stsz", b"stco", b"co64", b"sgpd", b"sbgp"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sgpd", b"sbgp"}),
}
"""box -> what is kept inside it; whatever is not here becomes free space."""
_DATED: Final = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_SMALL: Final[Mapping[bytes, int]] = {FIRST: 64, b"stsd": 640, b"hdlr": 128, b"dref": 64}
"""box -> the most bytes that it honestly needs."""
_AAC_SAMPLES: Final = 1024
_HIGHEST_RATE: Final = 96_000
_MOST_SAMPLES: Final = 30_000
_MOST_PIECES: Final = 200
"""More than a minute can have; a reader must not be kept busy by tables that say otherwise."""


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    start: int
    body: int
    end: int


@dataclass(slots=True)
class _Note:
    data: bytearray
    codec: bytes = b""
    rate: int = 0
    tables: dict[bytes, _Box] = field(default_factory=dict)
    media: list[_Box] = field(default_factory=list)
    found: list[tuple[int, int]] = field(default_factory=list)
    """(where, how long) of every sample"""
    default_size: int = 0
    moof: int = 0


def clean(data: bytes) -> tuple[bytes, int]:
    """(the note with nothing beside the sound, its length in ms). NotAVoiceError if it is none."""
    note = _Note(bytearray(data))
    _walk(note, b"", 0, len(data))
    if b"mdhd" not in note.tables or not note.codec:
        raise NotAVoiceError("no_sound")
    note.found += _samples_of_tables(note)
    _blank_unclaimed(note)
    return bytes(note.data), _length(note)


def _int(data: bytearray, at: int, size: int = 4) -> int:
    if at < 0 or at + size > len(data):
        raise NotAVoiceError("cut_off")
    return int.from_bytes(data[at : at + size], "big")


def _boxes(data: bytearray, at: int, end: int) -> Iterator[_Box]:
    while at < end:
        size, name, body = _int(data, at), bytes(data[at + 4 : at + 8]), at + 8
        if size == 1:
            size, body = _int(data, at + 8, 8), at + 16
        if size < body - at or at + size > end:
            raise NotAVoiceError("cut_off")
        yield _Box(name, at, body, at + size)
        at += size


def _walk(note: _Note, parent: bytes, at: int, end: int) -> None:
    for box in _boxes(note.data, at, end):
        if box.name not in _INSIDE[parent]:
            note.data[box.start + 4 : box.start + 8] = b"free"
            _blank(note.data, box.body, box.end)
            continue
        if box.end - box.start > _SMALL.get(box.name, len(note.data)):
            raise NotAVoiceError("more_than_sound")
        if box.name == b"moof":
            note.moof = box.start
        if box.name in _INSIDE:
            _walk(note, box.name, box.body, box.end)
        else:
            _read(note, box)


def _read(note: _Note, box: _Box) -> None:
    if box.name in _DATED:
        size = 16 if note.data[box.body] == 1 else 8
        _blank(note.data, box.body + 4, box.body + 4 + size)  # when it was made
    if box.name == b"hdlr":
        if note.data[box.body + 8 : box.body + 12] != b"soun":
            raise NotAVoiceError("more_than_sound")
        _blank(note.data, box.body + 12, box.end)  # who made the program
    elif box.name == b"stsd":
        _read_codec(note, box)
    elif box.name == b"mdat":
        note.media.append(box)
    elif box.name == b"trex":
        note.default_size = _int(note.data, box.body + 16)
    elif box.name == b"tfhd":
        _read_fragment(note, box)
    elif box.name == b"trun":
        note.found += _samples_of_run(note, box)
    elif box.name in note.tables and box.name not in {b"sgpd", b"sbgp", b"mfhd", b"tfdt"}:
        raise NotAVoiceError("more_than_sound")
    note.tables[box.name] = box


def _read_codec(note: _Note, box: _Box) -> None:
    if _int(note.data, box.body + 4) != 1:
        raise NotAVoiceError("more_than_sound")
    note.codec = bytes(note.data[box.body + 12 : box.body + 16])
    if note.codec not in (b"mp4a", b"Opus"):
        raise NotAVoiceError("unknown_codec")
    note.rate = _int(note.data, box.body + 8 + 32, 2)


def _samples_of_tables(note: _Note) -> Iterator[tuple[int, int]]:
    """The samples of a whole file, by its chunk tables."""
    chunks, sizes, runs = note.tables.get(b"stco") or note.tables.get(b"co64"), note.tables.get(b"stsz"), note.tables
    if not chunks or not sizes or b"stsc" not in runs:
        return
    data, wide = note.data, 8 if chunks.name == b"co64" else 4
    same, total = _int(data, sizes.body + 4), _count(note, sizes.body + 8)
    per_chunk = _per_chunk(note, runs[b"stsc"])
    sample = 0
    for number in range(_count(note, chunks.body + 4)):
        at = _int(data, chunks.body + 8 + number * wide, wide)
        for _ in range(per_chunk(number + 1)):
            if sample >= total:
                return
            size = same or _int(data, sizes.body + 12 + sample * 4)
            yield at, size
            at, sample = at + size, sample + 1


def _per_chunk(note: _Note, box: _Box) -> _PerChunk:
    first, counts = [], []
    for n in range(_count(note, box.body + 4)):
        first.append(_int(note.data, box.body + 8 + n * 12))
        counts.append(_int(note.data, box.body + 12 + n * 12))
    return _PerChunk(first, counts)


@dataclass(frozen=True, slots=True)
class _PerChunk:
    first: list[int]
    counts: list[int]

    def __call__(self, chunk: int) -> int:
        """How many samples a chunk has, counted from 1."""
        at = bisect_right(self.first, chunk)
        return min(self.counts[at - 1], _MOST_SAMPLES) if at else 0


def _count(note: _Note, at: int) -> int:
    count = _int(note.data, at)
    if count > _MOST_SAMPLES:
        raise NotAVoiceError("too_long")
    return count


def _read_fragment(note: _Note, box: _Box) -> None:
    flags, at = _int(note.data, box.body) & 0xFFFFFF, box.body + 8
    if flags & 1:
        note.moof = _int(note.data, at, 8)
    at += 8 * (flags & 1) + 4 * (flags >> 1 & 1) + 4 * (flags >> 3 & 1)
    if flags & 0x10:
        note.default_size = _int(note.data, at)


def _samples_of_run(note: _Note, box: _Box) -> Iterator[tuple[int, int]]:
    flags, count = _int(note.data, box.body) & 0xFFFFFF, _count(note, box.body + 4)
    at = box.body + 8
    if not flags & 1:
        raise NotAVoiceError("no_place")
    where = note.moof + int.from_bytes(note.data[at : at + 4], "big", signed=True)
    at += 4 + 4 * (flags >> 2 & 1)
    before_size = 4 * (flags >> 8 & 1)
    step = before_size + 4 * sum(flags >> bit & 1 for bit in (9, 10, 11))
    for number in range(count):
        size = _int(note.data, at + number * step + before_size) if flags & 0x200 else note.default_size
        yield where, size
        where += size


def _blank_unclaimed(note: _Note) -> None:
    """Every byte of the media that no sample claims; NotAVoiceError if a sample lies outside of it."""
    if len(note.found) > _MOST_SAMPLES or len(note.media) > _MOST_PIECES:
        raise NotAVoiceError("too_long")
    claimed = sorted(note.found)
    for box in note.media:
        at = box.body
        for start, size in claimed:
            if box.body <= start < box.end:
                _blank(note.data, at, start)
                at = max(at, start + size)
        _blank(note.data, at, box.end)
    inside = [any(box.body <= start and start + size <= box.end for box in note.media) for start, size in claimed]
    if not claimed or not all(inside):
        raise NotAVoiceError("cut_off")


def _blank(data: bytearray, start: int, end: int) -> None:
    if end > start:
        data[start:end] = bytes(end - start)


def _length(note: _Note) -> int:
    if note.codec == b"Opus":
        total = sum(samples(bytes(note.data[at : at + size])) for at, size in note.found)
        return round(total * 1000 / RATE)
    rate = min(note.rate, _HIGHEST_RATE)
    if rate < 7_000:
        raise NotAVoiceError("odd_clock")
    return round(len(note.found) * _AAC_SAMPLES * 1000 / rate)
