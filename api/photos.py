"""Pictures on their way out, to those who see a record that names them."""

from __future__ import annotations

import re
from typing import Final

from flask import Response, request
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response as AnyResponse

from api import identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.problems import ProblemError
from api.services import current
from domain.access import Person, can_see_content
from sync.reading import NamedBy
from sync.uploads import Stored

blp = Door("photos", __name__, url_prefix="/api/v1", description="Pictures")

SIZES: Final = ("preview", "full")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_IMAGE: Final = {"schema": {"type": "string", "format": "binary"}}


class SizeSchema(Schema):
    size = fields.String(load_default="full", validate=validate.OneOf(SIZES))


@blp.get("/photos/<string:sha256>")
@signed_in
@blp.arguments(SizeSchema, location="query")
@blp.response(200, description="the picture")
@fails(*SIGNED_IN, "not_found", "invalid")
@blp.doc(responses={"200": {"content": {"image/jpeg": _IMAGE, "image/png": _IMAGE, "image/webp": _IMAGE}}})
def photo(query: dict[str, str], sha256: str) -> AnyResponse:
    """A picture, whole or small. 404 for whoever may not see it, and while its bytes are not here."""
    size = query["size"]
    if not _SHA256.fullmatch(sha256) or not may_see(identity.person(), sha256):
        raise ProblemError("not_found")
    found = _find(identity.person(), sha256, size)
    if found is None:
        raise ProblemError("not_found")
    return _serve(*found, name=f"{sha256}-{size}")


def may_see(person: Person, sha256: str) -> bool:
    """Does a record that this person sees name the picture?"""
    if not can_see_content(person):
        return False
    books = person.books()
    named = current().engine.naming(sha256)
    return any(each.account == person.account or (each.book in books and _sees(person, each)) for each in named)


def _sees(person: Person, named: NamedBy) -> bool:
    """A picture that only a parked change names is its author's alone."""
    if named.type is None or named.sight is None:
        return False
    return person.sees(named.book, named.type, named.sight)


def _find(person: Person, sha256: str, size: str) -> tuple[Stored, bytes, str] | None:
    """The picture's facts, its bytes, and the type they are served as."""
    uploads = current().uploads
    stored = uploads.picture(sha256)
    if stored is None and size == "preview":
        stored = _own_preview(person, sha256)
        size = "full"
    data = uploads.bytes_of(stored.sha256, size) if stored else None
    if stored is None or data is None:
        return None
    return stored, data, "image/jpeg" if size == "preview" else stored.type


def _own_preview(person: Person, sha256: str) -> Stored | None:
    """The small picture that the author's phone made and sent ahead of the large one."""
    engine = current().engine
    for each in engine.naming(sha256):
        record = engine.record(person, each.record) or {"fields": {}}
        for field in engine.types[each.type].picture_fields if each.type else ():
            entry = record["fields"].get(field.name, {}).get(sha256)
            ahead = current().uploads.picture(entry["preview"]) if entry and entry.get("preview") else None
            if ahead is not None:
                return ahead
    return None


def _serve(stored: Stored, data: bytes, kind: str, name: str) -> AnyResponse:
    """Bytes that never change under this name, for this person's eyes only, as an image and nothing else."""
    response = Response(data, mimetype=kind)
    response.set_etag(name)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    suffix = kind.partition("/")[2].replace("jpeg", "jpg")
    response.headers["Content-Disposition"] = f'inline; filename="{stored.sha256[:12]}.{suffix}"'
    return response.make_conditional(request)
