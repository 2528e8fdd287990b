"""A client that is not ours (tuspy) on a real server: it uploads, is cut, and resumes; also over the death of the server."""

from __future__ import annotations

import hashlib
import io
import threading
from typing import Any

import pytest
from PIL import Image
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from tests.api.line import Line
from tests.api.phone import drawing, report
from tests.server import Server

CHUNK = 40_000


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def noise(seed: int, edge: int = 700) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((edge, edge), 50 + seed).save(out, "JPEG", quality=95)
    return out.getvalue()


def client(line: Line) -> TusClient:
    return TusClient(f"http://127.0.0.1:{line.port}/api/v1/uploads", headers={"X-Gridwalk": "1", "Cookie": line.cookie})


class Stays(io.BytesIO):
    """tuspy closes what it has read once; it reads it again later."""

    def close(self) -> None:
        self.seek(0)


def uploader(line: Line, data: bytes, **more: Any) -> Any:
    facts = {"sha256": sha(data), "filetype": "image/jpeg"}
    return client(line).uploader(
        file_stream=Stays(data), chunk_size=CHUNK, metadata=facts, **{"retries": 2, "retry_delay": 0.2, **more}
    )


def test_P1_tuspy_uploads_in_pieces(server: Server) -> None:
    line, data = Line(server).sign_in("worker"), noise(1)
    line.sync(report(data))
    sending = uploader(line, data, upload_checksum=True)
    sending.upload()
    assert sending.offset == len(data)
    assert line.get(f"/api/v1/photos/{sha(data)}").status == 200


class Notebook:
    """Where tuspy notes at which address it was; it writes it down itself and asks for it again."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def get_item(self, key: str) -> str | None:
        return self._places.get(key)

    def set_item(self, key: str, value: str) -> None:
        self._places[key] = value

    def remove_item(self, key: str) -> None:
        self._places.pop(key, None)


def test_P2_tuspy_resumes_where_it_stopped_after_the_server_was_killed(stored_server: Server) -> None:
    line, data, places = Line(stored_server).sign_in("worker"), noise(2), Notebook()
    line.sync(report(data))
    first = uploader(line, data, store_url=True, url_storage=places, retries=0)
    first.upload_chunk()
    first.upload_chunk()
    where = first.url
    stored_server.kill()
    with pytest.raises((OSError, TusCommunicationError, TusUploadFailed)):
        first.upload_chunk()
    stored_server.start()
    second = uploader(line, data, store_url=True, url_storage=places)
    assert (second.url, second.offset) == (where, 2 * CHUNK)
    second.upload()
    assert line.get(f"/api/v1/photos/{sha(data)}").status == 200


def test_P2_what_a_dead_server_had_taken_it_serves_and_never_half(own_server: Server) -> None:
    """Killed at many moments of many uploads: each picture is either served whole or not at all, and goes on."""
    line = Line(own_server).sign_in("worker")
    pictures = [drawing(400 + number, (1200, 900), quality=90) for number in range(12)]
    line.sync(*(report(each) for each in pictures))
    for moment in (0.05, 0.15, 0.3):
        cut = threading.Timer(moment, own_server.kill)
        cut.start()
        for each in pictures:
            try:
                sending = uploader(line, each)
                sending.upload()
            except (OSError, TusCommunicationError, TusUploadFailed):
                break
        cut.join()
        own_server.start()
        for each in pictures:
            for size in ("full", "preview"):
                answer = line.get(f"/api/v1/photos/{sha(each)}?size={size}")
                assert answer.status in (200, 404)
                if answer.status == 200:
                    with Image.open(io.BytesIO(answer.data)) as image:
                        image.load()
    for each in pictures:
        uploader(line, each).upload()
        assert line.get(f"/api/v1/photos/{sha(each)}").status == 200
    assert line.sync(limit=0, missing=True)["missing"] == []
