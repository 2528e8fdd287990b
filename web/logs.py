"""Structured logs: one JSON object a line, each with the id of its request, none with anybody's data."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from typing import Any, Final

import orjson
from flask import Flask, Response, g, has_request_context, request

from sync.clock import SystemClock, to_text

_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LOG: Final = logging.getLogger("gridwalk.request")
_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A log record as one line of JSON; what was given as `extra` stands beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": to_text(SystemClock().now()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id")
        line.update({name: value for name, value in vars(record).items() if name not in _PLAIN})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure(level: int = logging.INFO) -> None:
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("alembic", "huey"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def install(app: Flask) -> None:
    """Give every request an id, in and out, and one line when it is answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
    g.request_start = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    # The rule, not the path: ids of records and names of pictures stay out of the logs.
    rule = request.url_rule.rule if request.url_rule else None
    took = round((time.perf_counter() - g.request_start) * 1000, 1)
    facts = {"method": request.method, "rule": rule, "status": response.status_code, "ms": took}
    _LOG.info("answered", extra=facts)
    return response
