"""Draw the mark, a footprint made of a 3×3 grid, as `static/icons/mark.svg` and as the app icons (PNG).

Run `python -m tools.draw_icons` after changing CELLS; the pictures are committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

FOLDER: Final = Path(__file__).resolve().parent.parent / "static" / "icons"
GREEN: Final = "#08593f"
PAPER: Final = "#fbfaf6"
SIDE: Final = 48
FINE: Final = 8
"""Drawn so many times larger, then scaled down: Pillow draws hard edges."""

CELLS: Final = (
    (8, 5, 9, 9, 4),
    (20, 2, 9, 9, 4),
    (32, 6, 8, 8, 4),
    (7, 17, 10, 12, 4),
    (19.5, 14, 10, 15, 4),
    (32, 17, 9, 12, 4),
    (10, 32, 8, 9, 4),
    (20, 32, 10, 14, 5),
    (32, 32, 7, 9, 3.5),
)
"""x, y, width, height, radius in a square of 48: toes, ball and heel."""


def svg() -> str:
    cells = "".join(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}"/>' for x, y, w, h, r in CELLS)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" fill="{GREEN}">{cells}</svg>\n'


def png(pixels: int, share: float, rounded: bool) -> Image.Image:
    """The mark in paper on green; it takes `share` of the side. Maskable icons are cut by the phone itself."""
    large = pixels * FINE
    image = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, large, large), radius=large * 0.22 if rounded else 0, fill=GREEN)
    unit = large * share / SIDE
    edge = large * (1 - share) / 2
    for x, y, width, height, radius in CELLS:
        corner = (edge + x * unit, edge + y * unit, edge + (x + width) * unit, edge + (y + height) * unit)
        draw.rounded_rectangle(corner, radius=radius * unit, fill=PAPER)
    return image.resize((pixels, pixels), Image.Resampling.LANCZOS)


def main() -> None:
    (FOLDER / "mark.svg").write_text(svg(), encoding="utf-8")
    png(192, 0.72, rounded=True).save(FOLDER / "app-192.png", optimize=True)
    png(512, 0.72, rounded=True).save(FOLDER / "app-512.png", optimize=True)
    png(512, 0.56, rounded=False).save(FOLDER / "app-maskable-512.png", optimize=True)
    png(180, 0.68, rounded=False).convert("RGB").save(FOLDER / "apple-touch-icon.png", optimize=True)


if __name__ == "__main__":
    main()
