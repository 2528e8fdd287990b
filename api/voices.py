"""Voice notes on their way out, to those who see a record that names them."""

from __future__ import annotations

from typing import Final

from marshmallow import Schema, fields
from werkzeug.wrappers import Response as AnyResponse

from api import identity, media
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.problems import ProblemError
from api.services import current
from sync import voices

blp = Door("voices", __name__, url_prefix="/api/v1", description="Voice notes")

_SOUNDS: Final = {
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in sorted(voices.TYPES)}
}


class DownloadSchema(Schema):
    download = fields.Boolean(load_default=False)


@blp.get("/voices/<string:sha256>")
@signed_in
@blp.arguments(DownloadSchema, location="query")
@blp.response(200, description="the voice note")
@fails(*SIGNED_IN, "not_found", "invalid", "bad_range", "store_down")
@blp.doc(responses={"200": _SOUNDS, "206": {"description": "a part of it", **_SOUNDS}})
def voice(query: dict[str, bool], sha256: str) -> AnyResponse:
    """A voice note. 404 for whoever may not hear it, and while its bytes are not here."""
    person = identity.person()
    media.check_sight(person, sha256)
    stored = current().uploads.gallery.picture(sha256)
    if stored is None or not stored.is_voice:
        raise ProblemError("not_found")
    return media.serve(person, stored, download=query["download"])
