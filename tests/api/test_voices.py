"""Voice notes: taken as what browsers really record, kept without anything beside the sound, served as sound only."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from sync import voice_webm, voices
from sync.voices import LONGEST, MAX_VOICE, NotAVoiceError
from tests.api import world
from tests.api.phone import Phone, drawing, report

FOLDER = Path(__file__).parent / "voices"
NOTES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.is_file()}
"""note.* were made by FFmpeg's encoders with a title, an author and a comment; chromium.* by a real MediaRecorder."""
TYPES = {".webm": "audio/webm", ".ogg": "audio/ogg", ".m4a": "audio/mp4", ".mp4": "audio/mp4"}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def kind_of(name: str) -> str:
    return TYPES[Path(name).suffix]


def told(data: bytes, kind: str = "audio/webm") -> Any:
    entry = {"type": kind, "bytes": len(data), "ms": 2000, "wave": [0, 12, 31, 7], "taken_at": "2026-06-13T08:40:12Z"}
    return report(voice={sha(data): entry})


@pytest.mark.parametrize("name", NOTES)
def test_P3_a_real_note_is_kept_without_its_title_and_author(name: str) -> None:
    found = voices.clean(NOTES[name])
    assert found.type == kind_of(name)
    assert 1_900 <= found.ms <= 2_100
    assert b"Secret" not in found.data
    assert (b"Secret" in NOTES[name]) is not name.startswith("chromium")
    assert voices.clean(found.data) == found  # what is clean stays as it is


@pytest.mark.parametrize("name", ["chromium.webm", "note.ogg", "fragments.m4a"])
def test_P3_a_note_goes_up_and_is_heard_as_sound_by_those_who_see_the_case(
    app: Flask, worker: Phone, name: str
) -> None:
    data = NOTES[name]
    worker.push(told(data, kind_of(name)))
    assert worker.upload(data).status_code == 204
    answer = Phone(app).sign_in("supervisor").get(f"/voices/{sha(data)}")
    assert (answer.status_code, answer.mimetype) == (200, kind_of(name))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert voices.clean(answer.data).data == answer.data
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    part = worker.get(f"/voices/{sha(data)}", headers={"Range": "bytes=0-1"})  # how Safari begins
    assert (part.status_code, part.data) == (206, answer.data[:2])
    assert Phone(app).sign_in("outsider").get(f"/voices/{sha(data)}").status_code == 404
    assert worker.get(f"/photos/{sha(data)}").status_code == 404


def test_a_part_of_a_note_its_mark_and_its_name_are_answered_as_those_of_pictures_are(worker: Phone) -> None:
    data = NOTES["note.m4a"]
    worker.push(told(data, "audio/mp4"))
    worker.upload(data)
    address = f"/voices/{sha(data)}"
    whole = worker.get(address)
    mark, length = whole.headers["ETag"], len(whole.data)
    middle = worker.get(address, headers={"Range": "bytes=100-199", "If-Range": mark})
    assert (middle.status_code, middle.data) == (206, whole.data[100:200])
    assert middle.headers["Content-Range"] == f"bytes 100-199/{length}"
    assert worker.get(address, headers={"Range": "bytes=-5"}).data == whole.data[-5:]
    assert worker.get(address, headers={"Range": "bytes=100-199", "If-Range": '"another"'}).data == whole.data
    assert worker.get(address, headers={"Range": f"bytes={length}-"}).status_code == 416
    again = worker.get(address, headers={"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    assert worker.http.head(f"/api/v1{address}").headers["Content-Length"] == str(length)
    (case,) = worker.sync(only=[world.GRID])["books"][0]["records"]
    number = case["fields"]["no"]
    name = worker.get(f"{address}?download=1").headers["Content-Disposition"]
    assert name == f'attachment; filename="{number}-{sha(data)[:8]}.m4a"'


def test_P3_sound_is_not_taken_for_a_picture_nor_a_picture_for_sound(worker: Phone) -> None:
    sound, shown = NOTES["note.webm"], drawing(61)
    worker.push(report(sound))
    assert worker.upload(sound).json["code"] == "not_a_picture"
    worker.push(told(shown))
    assert worker.upload(shown).json["code"] == "not_a_voice"


def test_a_picture_is_not_served_as_sound(worker: Phone) -> None:
    data = drawing(62)
    worker.push(report(data))
    worker.upload(data)
    assert worker.get(f"/voices/{sha(data)}").status_code == 404


def test_what_a_phone_that_died_while_recording_had_written_is_a_note_as_far_as_it_goes() -> None:
    whole, longest = NOTES["chromium.webm"], voices.clean(NOTES["chromium.webm"]).ms
    lengths = []
    for end in range(len(whole) // 4, len(whole), 97):
        found = voices.clean(whole[:end])
        assert voices.clean(found.data) == found
        lengths.append(found.ms)
    assert lengths == sorted(lengths)
    assert 0 < lengths[0] < longest / 2
    assert longest - 100 <= lengths[-1] <= longest


def hostile() -> dict[str, bytes]:
    webm, ogg, mp4 = NOTES["note.webm"], NOTES["note.ogg"], NOTES["note.m4a"]
    return {
        "half a webm": webm[: len(webm) // 2],
        "half an ogg": ogg[: len(ogg) // 2],
        "half an mp4": mp4[: len(mp4) // 2],
        "an ogg with a flipped bit": ogg[:2000] + bytes([ogg[2000] ^ 1]) + ogg[2001:],
        "an ogg with a page behind it": ogg + b"<script>alert(1)</script>",
        "two oggs": ogg + ogg,
        "a webm that is only a head": webm[:40],
        "an mp4 that is only a head": b"\0\0\0\x14ftypisom\0\0\0\0isom",
        "a page that begins as an mp4": b"\0\0\0\x20ftyp<script>alert(1)</script>",
        "a page that begins as a webm": b"\x1a\x45\xdf\xa3<script>alert(1)</script>",
        "a page that begins as an ogg": b"OggS<script>alert(1)</script>",
    }


@pytest.mark.parametrize("name", hostile())
def test_P3_what_is_no_note_is_refused_and_never_served(worker: Phone, name: str) -> None:
    data = hostile()[name]
    worker.push(told(data))
    answer = worker.upload(data)
    assert (answer.status_code, answer.json["code"]) == (422, "not_a_voice")
    assert worker.get(f"/voices/{sha(data)}").status_code == 404


def test_P3_what_hides_in_an_mp4_between_the_samples_is_blanked() -> None:
    note = bytearray(NOTES["note.m4a"])
    at = note.index(b"mdat") - 4
    size = int.from_bytes(note[at : at + 4], "big")
    hidden = b"<script>SecretTail</script>"
    note[at : at + 4] = (size + len(hidden)).to_bytes(4, "big")
    changed = bytes(note[: at + size]) + hidden + bytes(note[at + size :])
    assert b"Secret" in changed
    assert b"Secret" not in voices.clean(changed).data


def long_note(ms: int) -> bytes:
    """A WebM note of any length, with our own writer: the same packet over and over."""
    note = voice_webm._Note()
    head = b"OpusHead\x01\x01" + (0).to_bytes(2, "little") + (48_000).to_bytes(4, "little") + bytes(3)
    note.track, note.head = 1, head
    blocks = [(20 * number, b"\x08\xff\xfe") for number in range(50)]
    note.clusters = [(1000 * second, blocks) for second in range(ms // 1000)]
    return voice_webm._write(note, ms)


def test_a_note_of_a_minute_is_taken_and_a_longer_one_is_not() -> None:
    assert voices.clean(long_note(LONGEST)).ms == LONGEST
    with pytest.raises(NotAVoiceError, match="too_long"):
        voices.clean(long_note(LONGEST + 3000))


def test_a_note_may_not_be_larger_than_a_note_is(worker: Phone) -> None:
    data = NOTES["note.webm"]
    worker.push(told(data))
    kind = "filetype YXVkaW8vd2VibTtjb2RlY3M9b3B1cw=="  # audio/webm;codecs=opus
    facts = worker.upload_headers(data)["Upload-Metadata"].partition(",")[0] + f",{kind}"
    over = worker.begin_upload(data, **{"Upload-Metadata": facts, "Upload-Length": str(MAX_VOICE + 1)})
    assert (over.status_code, over.json["limit"]) == (413, MAX_VOICE)
    assert worker.begin_upload(data, **{"Upload-Metadata": facts}).status_code == 201


@given(name=st.sampled_from(sorted(NOTES)), at=st.floats(0, 1), bits=st.integers(1, 255), cut=st.floats(0.1, 1))
def test_P3_a_damaged_note_is_refused_or_cleaned_and_never_an_accident(
    name: str, at: float, bits: int, cut: float
) -> None:
    data = bytearray(NOTES[name])
    data = data[: max(int(len(data) * cut), 16)]
    data[int(at * (len(data) - 1))] ^= bits
    assert said_of(bytes(data)) != "unreadable"  # our readers know what they do not understand


def said_of(data: bytes) -> str:
    try:
        return voices.clean(data).type
    except NotAVoiceError as error:
        return error.why


@given(st.binary(max_size=300), st.sampled_from([b"\x1a\x45\xdf\xa3", b"OggS", b"\0\0\0\x18ftyp"]))
def test_P3_noise_is_never_a_note(noise: bytes, start: bytes) -> None:
    with pytest.raises(NotAVoiceError):
        voices.clean(start + noise)


def test_the_wave_is_at_most_sixty_four_small_numbers(worker: Phone) -> None:
    odd: list[Any] = [[32], [-1], [0] * 65, ["1"], [True], "12", {}]
    for wave in odd:
        sent = told(b"x")
        sent["set"]["voice"][sha(b"x")]["wave"] = wave
        receipt = worker.sync(sent, limit=0)["receipts"][0]
        assert (receipt["outcome"], receipt["reason"]) == ("refused", "invalid"), wave
    sent = told(b"y")
    sent["set"]["voice"][sha(b"y")]["wave"] = [31] * 64
    assert worker.push(sent)["outcome"] == "applied"
