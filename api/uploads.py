"""Pictures and voice notes on their way in: tus 1.0.0 with creation, expiration, checksum and termination."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.http import http_date

from api import identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import public, signed_in
from api.problems import RETRY_AFTER, ProblemError
from api.services import current
from sync import voices
from sync.pictures import TYPES
from sync.protocol import MAX_PICTURE
from sync.spool import ALGORITHMS, Checksum
from sync.uploads import Upload, UploadError
from sync.values import is_sha256

blp = Door("uploads", __name__, url_prefix="/api/v1", description="Resumable uploads of pictures and voice, tus 1.0.0")

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,expiration,checksum,termination"
OFFSET_TYPE: Final = "application/offset+octet-stream"
TAKEN: Final = frozenset(TYPES.values()) | voices.TYPES
_MOST_METADATA: Final = 1024
"""Bytes of `Upload-Metadata`; a hash and a type need 150."""
_PIECE: Final = 16 * 1024
"""Bytes: more than this a server that is killed never loses of what has come."""
_COUNT: Final = re.compile(r"[0-9]{1,15}")


def _header(name: str, example: str, **schema: Any) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": True, "schema": {"type": "string", **schema}, "example": example}


_EXAMPLE: Final = f"sha256 {base64.b64encode(b'5f' * 32).decode()},filetype {base64.b64encode(b'image/jpeg').decode()}"
TUS: Final = _header("Tus-Resumable", VERSION, enum=[VERSION])
OFFSETS: Final = {"Upload-Offset": {"schema": {"type": "integer"}, "description": "bytes that are here"}}
EXPIRES: Final = {
    "Upload-Expires": {"schema": {"type": "string"}, "description": "until when it can be gone on with, if unfinished"},
    "Upload-Waiting": {
        "schema": {"type": "string", "enum": ["1"]},
        "description": "no change of yours names these bytes yet: keep them, and ask again once the text is here",
    },
}
CREATION: Final = [
    TUS,
    _header("Upload-Length", "204800", pattern="^[0-9]+$"),
    {
        **_header("Upload-Metadata", _EXAMPLE, pattern="^sha256 [A-Za-z0-9+/]{86}==(,filetype [A-Za-z0-9+/=]+)?$"),
        "description": "`sha256` (base64 of the hash in hex), `filetype` (base64 of the media type), `early` (no value:"
        " the text comes later, the bytes are kept until then)",
    },
]
CHECKSUM: Final = {
    **_header("Upload-Checksum", "", pattern="^(sha1|sha256) [A-Za-z0-9+/]+=*$"),
    "required": False,
    "description": f"one of {', '.join(ALGORITHMS)}, and the base64 of the digest of this piece",
}
PIECE: Final = [TUS, _header("Upload-Offset", "0", pattern="^[0-9]+$"), CHECKSUM]
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
PIECE_BODY: Final = {
    "description": f"Bytes of the picture as `{OFFSET_TYPE}`; any other type is answered 415.",
    # The range is for tools that cannot send tus's own type: they are answered, too.
    "content": {OFFSET_TYPE: _BYTES, "application/*": _BYTES},
}
RECEIVING: Final = (
    *("malformed", "missing_header", "tus_version", "not_found", "wrong_offset", "too_large", "unsupported_type"),
    *("upload_busy", "upload_expired", "wrong_checksum", "wrong_hash", "not_a_picture", "not_a_voice"),
    *("no_room", "store_down", "busy"),
)
CREATING: Final = ("not_named", "too_many_uploads")


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
    headers = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(MAX_PICTURE)}
    return Response(status=204, headers={**headers, "Tus-Checksum-Algorithm": ",".join(ALGORITHMS)})


@blp.post("/uploads")
@signed_in
@blp.response(201, headers={"Location": {"schema": {"type": "string"}}, **OFFSETS, **EXPIRES})
@fails(*SIGNED_IN, *CREATING, *RECEIVING)
@blp.doc(parameters=CREATION)
def create() -> Response:
    """Begin an upload, or go on with the one begun. `Upload-Offset` says how much is here already. The first bytes
    may come along (creation-with-upload)."""
    _check_version()
    account, length, facts = identity.person().account, _count("Upload-Length"), _metadata()
    sha256 = _wanted(account, facts, length)
    brings = request.mimetype == OFFSET_TYPE and request.content_length != 0
    told = _checksum() if brings else None
    if brings and (request.content_length or 0) > length:
        raise ProblemError("too_large", limit=length)
    found: Upload = _tried(current().uploads.create, account, sha256, length)
    if brings and found.offset == 0:
        _tried(current().uploads.receive, found, 0, _pieces(), told)
        found = _mine(found.id)
    return _state(found, 201, Location=url_for("uploads.send", upload_id=found.id))


@blp.route("/uploads/<string:upload_id>", methods=["HEAD"])
@signed_in
@blp.response(200, headers={**OFFSETS, **EXPIRES, "Upload-Length": {"schema": {"type": "integer"}}})
@fails(*SIGNED_IN, "tus_version", "not_found", "upload_busy", "upload_expired", "store_down")
@blp.doc(parameters=[TUS])
def offset(upload_id: str) -> Response:
    """How much of an upload is here. As much as its length: it is checked and kept."""
    _check_version()
    found = _mine(upload_id)
    return _state(found, 200, **{"Upload-Length": str(found.length)})


@blp.patch("/uploads/<string:upload_id>")
@signed_in
@blp.response(204, headers={**OFFSETS, **EXPIRES})
@fails(*SIGNED_IN, *RECEIVING)
@blp.doc(parameters=PIECE, requestBody=PIECE_BODY)
def send(upload_id: str) -> Response:
    """Send the next bytes. With the last one the hash and the real format are checked."""
    _check_version()
    if request.mimetype != OFFSET_TYPE:
        raise ProblemError("unsupported_type", expected=OFFSET_TYPE)
    at, told = _count("Upload-Offset"), _checksum()
    found = _mine(upload_id)
    if at + (request.content_length or 0) > found.length:
        raise ProblemError("too_large", limit=found.length)
    _tried(current().uploads.receive, found, at, _pieces(), told)
    return _state(_mine(upload_id), 204)


@blp.delete("/uploads/<string:upload_id>")
@signed_in
@blp.response(204)
@fails(*SIGNED_IN, "missing_header", "tus_version", "not_found", "upload_busy", "upload_expired")
@blp.doc(parameters=[TUS])
def terminate(upload_id: str) -> Response:
    """Give an upload up: what has come so far is thrown away. What was taken already stays with its record."""
    _check_version()
    if not _tried(current().uploads.terminate, identity.person().account, upload_id):
        raise ProblemError("not_found")
    return Response(status=204)


@blp.post("/uploads/<string:upload_id>")
@signed_in
@blp.response(204)
@fails(*SIGNED_IN, *RECEIVING, "method_not_allowed")
@blp.doc(parameters=[TUS], requestBody=PIECE_BODY)
def instead(upload_id: str) -> Response:
    """PATCH or DELETE for those behind something that lets neither through: say it in `X-HTTP-Method-Override`."""
    meant = {"PATCH": send, "DELETE": terminate}.get(request.headers.get("X-HTTP-Method-Override", "").upper())
    if meant is None:
        raise ProblemError("method_not_allowed", {"Allow": "HEAD, PATCH, DELETE"}, allowed="HEAD, PATCH, DELETE")
    answer: Response = meant(upload_id)
    return answer


def _state(found: Upload, status: int, **headers: str) -> Response:
    """How far it has come, in tus's headers."""
    said = {"Upload-Offset": str(found.offset), **headers}
    if not found.done:
        said["Upload-Expires"] = http_date(found.expires_at / 1000)
    if found.waiting:
        said["Upload-Waiting"] = "1"
    return Response(status=status, headers=said)


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
        if error.code == "busy":
            raise ProblemError("busy", {"Retry-After": str(RETRY_AFTER)}, wait=RETRY_AFTER) from error
        raise ProblemError(error.code, headers, **error.details) from error


def _count(name: str) -> int:
    value = request.headers.get(name, "")
    if not _COUNT.fullmatch(value) or (name == "Upload-Length" and int(value) == 0):
        raise ProblemError("malformed", key=name)
    return int(value)


def _checksum() -> Checksum | None:
    """`Upload-Checksum: sha1 base64` -> (algorithm, digest)."""
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return None
    name, _, value = said.partition(" ")
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except binascii.Error as error:
        raise ProblemError("malformed", key="Upload-Checksum") from error
    if name not in ALGORITHMS or not digest:
        raise ProblemError("malformed", key="Upload-Checksum")
    return name, digest


def _metadata() -> dict[str, str]:
    """`Upload-Metadata: name base64,name base64` -> {name: text}. What is not known is not even looked at."""
    said, found = request.headers.get("Upload-Metadata", ""), dict[str, str]()
    if len(said) > _MOST_METADATA:
        raise ProblemError("malformed", key="Upload-Metadata")
    for pair in filter(None, said.split(",")):
        name, _, value = pair.strip().partition(" ")
        try:
            raw = base64.b64decode(value.strip(), validate=True)
            text = raw.hex() if name == "sha256" and len(raw) == 32 else raw.decode()
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise ProblemError("malformed", key="Upload-Metadata") from error
        if name in found:
            raise ProblemError("malformed", key="Upload-Metadata")
        found[name] = text
    return found


def _wanted(account: str, facts: dict[str, str], length: int) -> str:
    """The hash of what is sent, which a change of this account must name (P3), or which asks to wait for one."""
    sha256 = facts.get("sha256", "").lower()
    if not is_sha256(sha256):
        raise ProblemError("malformed", key="sha256")
    kind = facts.get("filetype", "image/jpeg").partition(";")[0].strip().lower()
    if kind not in TAKEN:
        raise ProblemError("unsupported_type", expected=", ".join(sorted(TAKEN)))
    limit = voices.MAX_VOICE if kind in voices.TYPES else MAX_PICTURE
    if length > limit:
        raise ProblemError("too_large", limit=limit)
    if "early" not in facts and not current().engine.may_upload(account, sha256):
        raise ProblemError("not_named", sha256=sha256)
    return sha256
