"""Pictures on their way out, to those who see a record that names them."""

from __future__ import annotations

from typing import Final

from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response as AnyResponse

from api import identity, media
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.problems import ProblemError
from api.services import current
from domain.access import Person
from sync.gallery import SIZES, Stored

blp = Door("photos", __name__, url_prefix="/api/v1", description="Pictures")

_IMAGE: Final = {"schema": {"type": "string", "format": "binary"}}
_IMAGES: Final = {"content": {"image/jpeg": _IMAGE, "image/png": _IMAGE, "image/webp": _IMAGE}}


class SizeSchema(Schema):
    size = fields.String(load_default="full", validate=validate.OneOf(SIZES))
    download = fields.Boolean(load_default=False)


@blp.get("/photos/<string:sha256>")
@signed_in
@blp.arguments(SizeSchema, location="query")
@blp.response(200, description="the picture")
@fails(*SIGNED_IN, "not_found", "invalid", "bad_range", "store_down")
@blp.doc(responses={"200": _IMAGES, "206": {"description": "a part of it", **_IMAGES}})
def photo(query: dict[str, str], sha256: str) -> AnyResponse:
    """A picture: `size` full, screen (at most 1280 pixels long) or preview (at most 20 kB). 404 for whoever may not
    see it, and while its bytes are not here."""
    person = identity.person()
    media.check_sight(person, sha256)
    stored, size = _find(person, sha256, query["size"])
    return media.serve(person, stored, size, download=bool(query["download"]))


def _find(person: Person, sha256: str, size: str) -> tuple[Stored, str]:
    """The picture, and under which size its bytes lie. A size that is not there is made now, or is the full one."""
    gallery = current().uploads.gallery
    stored = gallery.picture(sha256)
    if stored is None and size == "preview":
        stored, size = _own_preview(person, sha256), "full"
    if stored is not None and size != "full" and not stored.sized:
        stored = gallery.make_sizes(sha256)
    if stored is None or stored.is_voice:
        raise ProblemError("not_found")
    return stored, size if stored.has(size) else "full"


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
