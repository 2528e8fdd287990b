"""Codes that people read aloud or type from a printed sign, made from an id, the same on every machine."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0 and O, no 1 and I: they are told apart badly on paper and by telephone."""


def place_code(place: str) -> str:
    """The six characters under a place's QR code."""
    digest = sha256(f"place:{place}".encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:6])


def short_code(book: str) -> str:
    """Three characters for case numbers, where a place has no code of its own."""
    return place_code(book)[:3]
