"""marshmallow schemas made from the declarations of record types: one for what may stand in a change's `set`.

They check with the very checks of the engine, so that a form, a document and the door never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields

from domain.records import TYPES
from domain.words import CHINESE, ENGLISH
from sync.types import Field, RecordType
from sync.values import field_check

JSON_TYPES: Final = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "geo": "object",
    "json": "object",
    "levels": "array",
}
FORMATS: Final = {"instant": "date-time", "date": "date", "ref": "uuid"}


class Declared(fields.Field[Any]):
    """A value of a declared field, in its form in `set`."""

    def __init__(self, declared: Field, **options: Any) -> None:
        super().__init__(allow_none=True, metadata=document(declared), **options)
        self._check = field_check(declared)

    def _validated(self, value: Any) -> None:
        wrong = self._check(value)
        if wrong:
            raise ValidationError(wrong)

    def deserialize(self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kw: Any) -> Any:
        """The value as it is, or ValidationError with what the engine would say of it."""
        if value is not None:
            return super().deserialize(value, attr, data, **kw)
        self._validated(None)
        return None

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> Any:
        self._validated(value)
        return value


def document(declared: Field) -> dict[str, Any]:
    """What an OpenAPI document says of the field."""
    said: dict[str, Any] = {
        "description": f"{declared.labels[CHINESE]} · {declared.labels[ENGLISH]} ({declared.rule}, {declared.personal})",
        "example": declared.example,
    }
    whole = declared.is_keyed or declared.rule in ("keep_all", "furthest")
    said["type"] = "object" if whole else JSON_TYPES.get(declared.kind, "string")
    if not whole and declared.kind == "enum":
        said["enum"] = [choice.value for choice in declared.choices]
    if not whole and declared.kind in FORMATS:
        said["format"] = FORMATS[declared.kind]
    return said


def schema_of(record_type: RecordType, *, create: bool) -> type[Schema]:
    """The schema of a `set`: `create` asks for the required fields. Unknown fields are errors."""
    declared = {
        each.name: Declared(each, required=create and each.required)
        for each in record_type.fields
        if each.rule != "server"
    }
    name = f"{record_type.name.title()}{'Create' if create else 'Edit'}Schema"
    meta = type("Meta", (), {"unknown": RAISE, "register": False})
    made: type[Schema] = type(name, (Schema,), {**declared, "Meta": meta, "__doc__": record_type.labels[ENGLISH]})
    return made


CREATE: Final = {name: schema_of(each, create=True) for name, each in TYPES.items()}
EDIT: Final = {name: schema_of(each, create=False) for name, each in TYPES.items()}
