"""The shape of a link for calendars."""

from __future__ import annotations

from marshmallow import Schema, fields

from api.schemas.common import instant


class FeedSchema(Schema):
    """The secret link is said once, by the call that makes it."""

    since = instant(required=True, allow_none=True, metadata={"description": "when the link was made; null: none"})
    url = fields.String(metadata={"description": "the link; only in the answer to POST"})
