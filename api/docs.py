"""How an end point says what it takes and answers, so that the OpenAPI document comes from the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import Request
from flask_smorest import Api, Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from api import bodies
from api.problems import STATUS
from api.schemas.common import ProblemSchema
from api.schemas.sync import set_name
from domain.schemas import EDIT

View = TypeVar("View", bound=Callable[..., Any])

PREFIX: Final = "/api/v1"
SIGNED_IN: Final = ("signed_out", "device_revoked", "not_allowed")
"""What any call of a signed-in person may be answered with."""
_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class BoundedParser(FlaskParser):
    """Reads a body of JSON by our own door: bounded, gzip or not, never a 500."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        return bodies.read_call()


class Door(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A blueprint under /api/v1 whose bodies are read by BoundedParser."""

    ARGUMENTS_PARSER = BoundedParser()

    if TYPE_CHECKING:

        def route(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def get(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def post(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def patch(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def delete(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def arguments(self, schema: type[Schema], **options: Any) -> Callable[[View], View]: ...
        def response(
            self, status: int, schema: type[Schema] | None = None, **options: Any
        ) -> Callable[[View], View]: ...
        def after_request(self, view: View) -> View: ...
        def doc(self, **options: Any) -> Callable[[View], View]: ...


class Document(Api):  # type: ignore[misc]
    """flask-smorest, except that errors are ours."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """The app's own handlers answer errors (RFC 9457)."""


def fails(*codes: str) -> Callable[[View], View]:
    """Document the problems that an end point may answer with."""
    responses = {}
    for status in sorted({STATUS[code] for code in codes}):
        names = ", ".join(f"`{code}`" for code in codes if STATUS[code] == status)
        responses[str(status)] = {"description": names, "content": _PROBLEM}
    document: Callable[[View], View] = Blueprint.doc(responses=responses)
    return document


def describe_shapes(document: Document) -> None:
    """Put the shapes into the document that others refer to by name."""
    document.spec.components.schema("Problem", schema=ProblemSchema)
    for name, schema in EDIT.items():
        document.spec.components.schema(set_name(name), schema=schema)
