"""Shapes of web push."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Final

from marshmallow import Schema, ValidationError, fields, validate

DAY: Final = 24 * 60


def _key_of(length: int) -> Callable[[str], None]:
    def check(value: str) -> None:
        try:
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except (binascii.Error, ValueError) as error:
            raise ValidationError("must be base64url") from error
        if len(raw) != length:
            raise ValidationError(f"must be {length} bytes")

    return check


class KeysSchema(Schema):
    p256dh = fields.String(required=True, validate=[validate.Length(max=120), _key_of(65)])
    auth = fields.String(required=True, validate=[validate.Length(max=40), _key_of(16)])


class QuietSchema(Schema):
    """Minutes of the place's day; the same twice: never quiet."""

    from_ = fields.Integer(
        required=True, data_key="from", attribute="from", validate=validate.Range(min=0, max=DAY - 1)
    )
    to = fields.Integer(required=True, validate=validate.Range(min=0, max=DAY - 1))


class SubscriptionSchema(Schema):
    """A PushSubscription as the browser gives it, and the hours in which nothing may ring."""

    endpoint = fields.String(required=True, validate=validate.Length(min=8, max=1000))
    keys = fields.Nested(KeysSchema, required=True)
    quiet = fields.Nested(QuietSchema, required=True)


class PushSchema(Schema):
    key = fields.String(required=True, metadata={"description": "applicationServerKey: the public key, base64url"})
    on = fields.Boolean(required=True, metadata={"description": "is this device nudged, for this account?"})
    at = fields.String(required=True, allow_none=True, metadata={"description": "host of the push service"})
    quiet = fields.Nested(QuietSchema, required=True)
