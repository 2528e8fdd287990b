"""The phone and the server hash a change alike: both are held to tests/vectors/canonical.json."""

from __future__ import annotations

import json

from tests.vectors.write_canonical import PLACE, vectors


def test_X3_the_vectors_that_the_phone_is_tested_with_are_what_the_server_makes() -> None:
    """If this fails, what a change is hashed as has changed: old proofs and old hashes would no longer hold."""
    assert json.loads(PLACE.read_text(encoding="utf-8")) == vectors()
