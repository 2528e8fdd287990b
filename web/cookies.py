"""The cookie of somebody who is signed in is the token of the session and nothing else.

Flask would pack it into JSON, base64 and a signature: 110 bytes more, up, with every call of every phone. The token is 256
bits of chance and is looked up in the database, so a signature proves nothing that the database does not. Whatever else
a page keeps in its session is signed as ever.
"""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from api import bodies

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_WHO: Final = "_user_id"
_PLAIN: Final = {"_fresh": True, "_permanent": True}
"""What Flask and Flask-Login say beside it of every session of ours."""


class _Short:
    """Flask's serializer, but for a session that is only somebody's token."""

    def __init__(self, signing: Any) -> None:
        self._signing = signing

    def dumps(self, value: dict[str, Any]) -> Any:
        token = value.get(_WHO)
        if isinstance(token, str) and _TOKEN.fullmatch(token) and value == {_WHO: token, **_PLAIN}:
            return token
        return self._signing.dumps(value)

    def loads(self, text: str, max_age: int | None = None) -> Any:
        # What is signed has a full stop in it: the two cannot be taken for one another.
        if _TOKEN.fullmatch(text):
            return {_WHO: text, **_PLAIN}
        return self._signing.loads(text, max_age=max_age)


class Cookies(SecureCookieSessionInterface):
    def get_signing_serializer(self, app: Flask) -> Any:
        found = super().get_signing_serializer(app)
        return None if found is None else _Short(found)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        super().save_session(app, session, response)
        if response.headers.get("Cache-Control") == "no-store" and response.mimetype in bodies.DATA:
            response.headers.pop("Vary", None)  # nobody keeps it, so nobody asks for whom
