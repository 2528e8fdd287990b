"""Rescue files as a phone saves them, and as nobody should."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from sync.clock import SystemClock, to_text
from tests.api.phone import Json, Phone
from tests.web.desk import HEADERS, Desk, Page


def facts(phone: Phone, changes: Sequence[Any], **more: Any) -> Json:
    """The text of a rescue file."""
    return {
        "format": "gridwalk-rescue",
        "version": 1,
        "account": phone.account,
        "device": phone.device,
        "epoch": None,
        "made_at": to_text(SystemClock().now()),
        "changes": list(changes),
        **more,
    }


def saved(phone: Phone, changes: Sequence[Any], *pictures: bytes, **more: Any) -> bytes:
    """A rescue file as the phone makes it."""
    named = {f"pictures/{hashlib.sha256(each).hexdigest()}": each for each in pictures}
    return zipped({"rescue.json": json.dumps(facts(phone, changes, **more)).encode(), **named})


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def hand_in(desk: Desk, data: bytes, name: str = "gridwalk-rescue-20260613-0840.zip") -> Page:
    """Choose the file on the page and press the button."""
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(data), name)})
    kind = f"multipart/form-data; boundary={boundary}"
    return Page(desk.http.post("/console/rescue", data=body, headers=HEADERS, content_type=kind))
