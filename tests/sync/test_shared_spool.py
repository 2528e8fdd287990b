"""An unfinished transfer of which two machines know: each has a folder of its own, the store is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.blobs import Blobs, StoreDownError
from sync.shared_spool import SharedSpool
from sync.spool import UploadError

NAME = "01890a5d-ac96-774b-bcce-b302099a8057"
WHOLE = bytes(range(256)) * 40


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.folder(tmp_path / "store")


@pytest.fixture
def machines(tmp_path: Path, blobs: Blobs) -> tuple[SharedSpool, SharedSpool]:
    return SharedSpool(tmp_path / "east", blobs), SharedSpool(tmp_path / "west", blobs)


def bring(spool: SharedSpool, begin: int, end: int, told: tuple[str, bytes] | None = None) -> int:
    with spool.opened(NAME) as part:
        assert part.seek(0, 2) == begin, "it has caught up"
        return spool.append(NAME, part, len(WHOLE), [WHOLE[begin:end]], told)


def test_what_came_to_one_is_gone_on_with_on_the_other_and_back(machines: tuple[SharedSpool, SharedSpool]) -> None:
    east, west = machines
    assert bring(east, 0, 3000) == 3000
    assert (west.size(NAME), west.size_here(NAME)) == (3000, 0)
    bring(west, 3000, 5000)
    bring(east, 5000, 5100)
    assert bring(west, 5100, len(WHOLE)) == len(WHOLE)
    assert west.path(NAME).read_bytes() == WHOLE


def test_a_line_that_is_cut_leaves_on_both_what_had_come(machines: tuple[SharedSpool, SharedSpool]) -> None:
    east, west = machines

    def cut() -> Iterator[bytes]:
        yield WHOLE[:700]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError), east.opened(NAME) as part:
        east.append(NAME, part, len(WHOLE), cut(), None)
    assert east.size(NAME) == west.size(NAME) == 700
    bring(west, 700, 900)


def test_a_piece_whose_check_sum_is_wrong_is_on_neither(machines: tuple[SharedSpool, SharedSpool]) -> None:
    east, west = machines
    bring(east, 0, 100, ("sha256", hashlib.sha256(WHOLE[:100]).digest()))
    with pytest.raises(UploadError, match="wrong_checksum"):
        bring(east, 100, 300, ("sha256", b"another"))
    assert east.size(NAME) == west.size(NAME) == 100


def test_parts_that_lie_over_one_another_are_read_as_one_and_a_gap_ends_them(
    machines: tuple[SharedSpool, SharedSpool], blobs: Blobs
) -> None:
    _, west = machines
    for begin, end in ((0, 100), (0, 40), (30, 250), (400, 500)):
        blobs.put(f"parts/{NAME}/{begin:012}-{end - begin}", WHOLE[begin:end])
    assert west.size(NAME) == 250
    bring(west, 250, 260)
    assert west.path(NAME).read_bytes() == WHOLE[:260]


def test_what_is_over_leaves_nothing_in_the_store_and_starts_afresh_everywhere(
    machines: tuple[SharedSpool, SharedSpool], blobs: Blobs
) -> None:
    east, west = machines
    bring(east, 0, 3000)
    assert west.known() == {NAME}
    with west.opened(NAME) as part:
        west.restart(NAME, part)
    east.drop(NAME)
    assert west.size(NAME) == east.size(NAME) == 0
    assert blobs.names("parts") == []


def test_while_the_store_is_away_each_goes_on_with_what_it_has(
    machines: tuple[SharedSpool, SharedSpool], blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreDownError("away")

    east, west = machines
    bring(east, 0, 3000)
    with monkeypatch.context() as patch:
        patch.setattr(blobs, "names", away)
        patch.setattr(blobs, "put", away)
        assert bring(east, 3000, 4000) == 4000
        assert (east.size(NAME), west.size(NAME)) == (4000, 0)
        east.drop("another")
        assert west.known() == set()
    assert bring(east, 4000, 4500) == 4500
    assert west.size(NAME) == 4500, "what the store had not got is put there with the next"
