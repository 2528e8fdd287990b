"""Drawn signs inside pages: one family, always beside words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

FOLDER: Final = Path(__file__).resolve().parent.parent / "static" / "icons"
MARK: Final = "#08593f"
"""The colour of the mark where it stands alone, as in a browser's tab; inside a page it takes that of the text."""
_SIZE: Final = re.compile(r' (?:width|height)="\d+"')


@cache
def icon(name: str) -> Markup:
    """The drawing `static/icons/NAME.svg` as part of the page, hidden from screen readers: the word beside it speaks."""
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    tag, body = drawn[drawn.index("<svg") :].split(">", 1)
    tag = _SIZE.sub("", tag).replace(f'fill="{MARK}"', 'fill="currentColor"')
    return Markup(f'{tag} class="icon" aria-hidden="true" focusable="false">{body.strip()}')  # noqa: S704 - our own files
