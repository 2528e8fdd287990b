"""Voice notes in Ogg, as Firefox records them: read page by page, and written anew without anybody's comments."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from sync.opus import RATE, NotAVoiceError, head, samples

MAGIC: Final = b"OggS"
_MIRROR: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_SERIAL: Final = 1
_TAGS: Final = b"OpusTags" + struct.pack("<I", 8) + b"gridwalk" + struct.pack("<I", 0)


def clean(data: bytes) -> tuple[bytes, int]:
    """(the note written anew, its length in ms). NotAVoiceError if it is none."""
    packets = list(_packets(data))
    if len(packets) < 3 or not packets[1].startswith(b"OpusTags"):
        raise NotAVoiceError("nothing_to_hear")
    skip, opus_head = head(packets[0])
    sound = packets[2:]
    lengths = [samples(each) for each in sound]
    ms = round(max(sum(lengths) - skip, 0) * 1000 / RATE)
    return _write(opus_head, sound, lengths), ms


def _crc(page: bytes) -> int:
    """Ogg's check sum, which is zlib's read in a mirror."""
    mirrored = zlib.crc32(page.translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def _packets(data: bytes) -> Iterator[bytes]:
    """The packets of the one stream that the file must be."""
    at, open_packet, serial, ended = 0, b"", None, False
    while at < len(data):
        head_end = at + 27
        if data[at : at + 4] != MAGIC or head_end > len(data) or ended:
            raise NotAVoiceError("no_ogg" if at == 0 else "more_than_sound")
        kind, mine, told, count = data[at + 5], data[at + 14 : at + 18], data[at + 22 : at + 26], data[at + 26]
        lacing = data[head_end : head_end + count]
        end = head_end + count + sum(lacing)
        if len(lacing) < count or end > len(data):
            raise NotAVoiceError("cut_off")
        if serial not in (None, mine):
            raise NotAVoiceError("more_than_sound")
        if _crc(data[at : at + 22] + bytes(4) + data[at + 26 : end]) != int.from_bytes(told, "little"):
            raise NotAVoiceError("damaged")
        serial, ended, piece = mine, bool(kind & 4), head_end + count
        for size in lacing:
            open_packet += data[piece : piece + size]
            piece += size
            if size < 255:
                yield open_packet
                open_packet = b""
        at = end
    if open_packet:
        raise NotAVoiceError("cut_off")


def _write(opus_head: bytes, sound: list[bytes], lengths: list[int]) -> bytes:
    pages = [_page([opus_head], 0, 2, 0), _page([_TAGS], 0, 0, 1)]
    at, first = 0, 0
    while first < len(sound):
        last, laced = first, 0
        while last < len(sound) and laced + len(sound[last]) // 255 + 1 <= 255:
            laced += len(sound[last]) // 255 + 1
            last += 1
        if last == first:
            raise NotAVoiceError("bad_packet")
        at += sum(lengths[first:last])
        pages.append(_page(sound[first:last], at, 4 if last == len(sound) else 0, len(pages)))
        first = last
    return b"".join(pages)


def _page(packets: list[bytes], granule: int, kind: int, number: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(each) // 255) + bytes([len(each) % 255]) for each in packets)
    start = MAGIC + struct.pack("<BBqII", 0, kind, granule, _SERIAL, number)
    rest = bytes([len(lacing)]) + lacing + b"".join(packets)
    return start + struct.pack("<I", _crc(start + bytes(4) + rest)) + rest
