"""Pictures on their way in: tus 1.0.0, core and creation."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, Final

from flask import Response, request, url_for

from api import identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import public, signed_in
from api.problems import ProblemError
from api.services import current
from domain.access import Person
from sync.pictures import TYPES
from sync.protocol import MAX_PICTURE
from sync.uploads import Upload, UploadError

blp = Door("uploads", __name__, url_prefix="/api/v1", description="Resumable uploads of pictures, tus 1.0.0")

VERSION: Final = "1.0.0"
OFFSET_TYPE: Final = "application/offset+octet-stream"
_PIECE: Final = 64 * 1024
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_COUNT: Final = re.compile(r"[0-9]{1,15}")


def _header(name: str, example: str, **schema: Any) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": True, "schema": {"type": "string", **schema}, "example": example}


_EXAMPLE: Final = f"sha256 {base64.b64encode(b'5f' * 32).decode()},filetype {base64.b64encode(b'image/jpeg').decode()}"
TUS: Final = _header("Tus-Resumable", VERSION, enum=[VERSION])
OFFSETS: Final = {"Upload-Offset": {"schema": {"type": "integer"}, "description": "bytes that are here"}}
CREATION: Final = [
    TUS,
    _header("Upload-Length", "204800", pattern="^[0-9]+$"),
    {
        **_header("Upload-Metadata", _EXAMPLE, pattern="^sha256 [A-Za-z0-9+/]{86}==(,filetype [A-Za-z0-9+/=]+)?$"),
        "description": "`sha256` (base64 of the hash in hex), `filetype` (base64 of the media type)",
    },
]
PIECE: Final = [TUS, _header("Upload-Offset", "0", pattern="^[0-9]+$")]
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
PIECE_BODY: Final = {
    "description": f"Bytes of the picture as `{OFFSET_TYPE}`; any other type is answered 415.",
    # The range is for tools that cannot send tus's own type: they are answered, too.
    "content": {OFFSET_TYPE: _BYTES, "application/*": _BYTES},
}


@blp.after_request
def _speak_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    return response


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise ProblemError("tus_version", version=VERSION)


@blp.route("/uploads", methods=["OPTIONS"])
@public
@blp.response(204)
def offer() -> Response:
    """What this server's uploads can do."""
    headers = {"Tus-Version": VERSION, "Tus-Extension": "creation", "Tus-Max-Size": str(MAX_PICTURE)}
    return Response(status=204, headers=headers)


@blp.post("/uploads")
@signed_in
@blp.response(201, headers={"Location": {"schema": {"type": "string"}}, **OFFSETS})
@fails(*SIGNED_IN, "malformed", "missing_header", "not_named", "tus_version", "too_large", "unsupported_type")
@blp.doc(parameters=CREATION)
def create() -> Response:
    """Begin an upload, or go on with the one begun. `Upload-Offset` says how much is here already."""
    _check_version()
    person = identity.person()
    length = _count("Upload-Length")
    if length > MAX_PICTURE:
        raise ProblemError("too_large", limit=MAX_PICTURE)
    sha256 = _named(person, _metadata())
    found = _tried(current().uploads.create, person.account, sha256, length)
    where = url_for("uploads.send", upload_id=found.id)
    return Response(status=201, headers={"Location": where, "Upload-Offset": str(found.offset)})


@blp.route("/uploads/<string:upload_id>", methods=["HEAD"])
@signed_in
@blp.response(200, headers={**OFFSETS, "Upload-Length": {"schema": {"type": "integer"}}})
@fails(*SIGNED_IN, "tus_version", "not_found", "upload_busy")
@blp.doc(parameters=[TUS])
def offset(upload_id: str) -> Response:
    """How much of an upload is here. As much as its length: it is checked and kept."""
    _check_version()
    found = _mine(upload_id)
    return Response(headers={"Upload-Offset": str(found.offset), "Upload-Length": str(found.length)})


@blp.patch("/uploads/<string:upload_id>")
@signed_in
@blp.response(204, headers=OFFSETS)
@fails(
    *SIGNED_IN,
    *("malformed", "missing_header", "tus_version", "not_found", "wrong_offset", "too_large", "unsupported_type"),
    *("upload_busy", "wrong_hash", "not_a_picture"),
)
@blp.doc(parameters=PIECE, requestBody=PIECE_BODY)
def send(upload_id: str) -> Response:
    """Send the next bytes. With the last one the hash and the picture are checked."""
    _check_version()
    if request.mimetype != OFFSET_TYPE:
        raise ProblemError("unsupported_type", expected=OFFSET_TYPE)
    at = _count("Upload-Offset")
    found = _mine(upload_id)
    if at + (request.content_length or 0) > found.length:
        raise ProblemError("too_large", limit=found.length)
    now = _tried(current().uploads.receive, found, at, _pieces())
    return Response(status=204, headers={"Upload-Offset": str(now)})


def _pieces() -> Iterator[bytes]:
    while piece := request.stream.read(_PIECE):
        yield piece


def _mine(upload_id: str) -> Upload:
    found: Upload | None = _tried(current().uploads.find, identity.person().account, upload_id)
    if found is None:
        raise ProblemError("not_found")
    return found


def _tried(action: Any, *arguments: Any) -> Any:
    """The action's answer; its error as a problem."""
    try:
        return action(*arguments)
    except UploadError as error:
        headers = {"Upload-Offset": str(error.details["offset"])} if "offset" in error.details else {}
        raise ProblemError(error.code, headers, **error.details) from error


def _count(name: str) -> int:
    value = request.headers.get(name, "")
    if not _COUNT.fullmatch(value) or (name == "Upload-Length" and int(value) == 0):
        raise ProblemError("malformed", key=name)
    return int(value)


def _metadata() -> dict[str, str]:
    """`Upload-Metadata: name base64,name base64` -> {name: text}."""
    found = {}
    for pair in filter(None, request.headers.get("Upload-Metadata", "").split(",")):
        name, _, value = pair.strip().partition(" ")
        try:
            raw = base64.b64decode(value.strip(), validate=True)
            found[name] = raw.hex() if name == "sha256" and len(raw) == 32 else raw.decode()
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise ProblemError("malformed", key="Upload-Metadata") from error
    return found


def _named(person: Person, facts: dict[str, str]) -> str:
    """The hash of the picture, which a change of this account must name (P3)."""
    sha256 = facts.get("sha256", "").lower()
    if not _SHA256.fullmatch(sha256):
        raise ProblemError("malformed", key="sha256")
    if facts.get("filetype", "image/jpeg") not in TYPES.values():
        raise ProblemError("unsupported_type", expected=", ".join(sorted(set(TYPES.values()))))
    if not current().engine.may_upload(person.account, sha256):
        raise ProblemError("not_named", sha256=sha256)
    return sha256
