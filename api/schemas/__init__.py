"""Shapes of what goes over the wire, as marshmallow schemas: they check, they dump, and they are the OpenAPI document."""
