"""The tokens: each pair of colours can be read in the sun, in light and in dark."""

from __future__ import annotations

import re

import pytest

from web.config import ROOT

TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
STATES = ("accent", "done", "again", "urgent", "undecided")


def blocks() -> list[dict[str, str]]:
    """The three blocks of colours: light, dark by the device, dark by choice."""
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in TOKENS.split("color-scheme:")[1:]]
    return [block for block in found if block]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_there_are_three_blocks_and_both_dark_ones_are_the_same() -> None:
    assert len(blocks()) == 3
    assert blocks()[1] == blocks()[2]


@pytest.mark.parametrize("block", blocks(), ids=["light", "dark by the device", "dark by choice"])
def test_text_has_seven_to_one_on_paper_and_on_sheets(block: dict[str, str]) -> None:
    for ground in ("paper", "sheet"):
        for text in ("ink", "quiet", *STATES):
            assert contrast(block[text], block[ground]) >= 7, (text, ground)
    assert contrast(block["on-accent"], block["accent"]) >= 7


@pytest.mark.parametrize("block", blocks(), ids=["light", "dark by the device", "dark by choice"])
def test_text_on_washes_has_four_and_a_half_and_edges_have_three(block: dict[str, str]) -> None:
    for state in STATES:
        for text in ("ink", "quiet", state):
            assert contrast(block[text], block[f"{state}-wash"]) >= 4.5, (text, state)
    for ground in ("paper", "sheet"):
        assert contrast(block["line-strong"], block[ground]) >= 3
