"""先打电话问: somebody who may decide is asking the writers first. Every type with open questions carries it, so that a
second decider, and the writers on their phones, see that it is being seen to. It decides nothing and closes nothing."""

from __future__ import annotations

from typing import Final

from domain.roles import DECIDERS
from domain.words import say
from sync.types import Field

SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"

ASKING: Final = Field(
    "asking",
    "collect",
    "json",
    say("正在打电话问", "Being asked about"),
    "P1",
    {SOMEBODY: {"about": "place_id", "at": "2026-06-13T08:40:12.123Z"}},
    keyed=True,
    shape={"about": "text", "at": "instant"},
    writers=DECIDERS,
    max_keys=20,
)
"""account that asks -> {"about": field, or field and key divided by a dot, "at": since when}."""


def slug(field: str, key: str | None) -> str:
    """What `about` says of a conflict."""
    return f"{field}.{key}" if key else field
