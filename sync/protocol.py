"""The words of protocol 1: outcomes, reason codes, limits, errors of a whole call. Pure."""

from __future__ import annotations

from typing import Any, Final, Literal

PROTOCOL: Final = 1

Outcome = Literal["applied", "merged", "conflict", "held", "refused"]
Mark = Literal["merged", "kept_other", "conflict"]

MAX_CHANGES: Final = 500
MAX_CALL_COMPRESSED: Final = 1024 * 1024
MAX_CALL: Final = 8 * 1024 * 1024
MAX_CHANGE: Final = 64 * 1024
MAX_CHANGE_DEPTH: Final = 16
MAX_CALL_DEPTH: Final = 32
MAX_RECORDS: Final = 5000
MAX_REPLY_COMPRESSED: Final = 1024 * 1024
MAX_PICTURE: Final = 10 * 1024 * 1024
MAX_BOOKS: Final = 40

REASONS: Final[dict[str, Literal["refused", "held"]]] = {
    # what is wrong with the change itself
    "malformed": "refused",
    "too_large": "refused",
    "id_reused": "refused",
    "unknown_book": "refused",
    "unknown_type": "refused",
    "wrong_type": "refused",
    "newer_schema": "refused",
    "invalid": "refused",
    # what does not follow from the record as the writer saw it
    "needs": "refused",
    "gone": "refused",
    "void": "refused",
    "not_from_here": "refused",
    "no_such_step": "refused",
    "requires": "refused",
    "fixed": "refused",
    # what the writer may not do
    "not_allowed": "refused",
    "server_field": "refused",
    # kept for a person to look at
    "not_entitled": "held",
    "suggestion": "held",
    "moved": "held",
    "older_epoch": "held",
    "rescue": "held",
}
"""Every reason code, and what it does to a change. A code, once issued, keeps its meaning for ever."""

CALL_ERRORS: Final[dict[str, int]] = {
    "malformed": 400,
    "signed_out": 401,
    "wrong_device": 403,
    "device_revoked": 403,
    "device_copied": 409,
    "not_yet": 409,
    "too_large": 413,
    "busy": 503,
}


class CallError(Exception):
    """A whole call fails; nothing of it was taken. `code` is one of CALL_ERRORS, `details` are named facts."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = CALL_ERRORS[code]
        self.details = details
