"""A few strokes that the drawn pictures share. Everything is drawn; there is no photograph, and nobody in it."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin
from random import Random
from typing import Final

from PIL import Image, ImageDraw

WIDTH: Final = 960
HEIGHT: Final = 720
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Point = tuple[float, float]

INK: Final[Colour] = (44, 48, 46)
LEAF: Final[Colour] = (74, 122, 82)
WOOD: Final[Colour] = (121, 88, 60)
STEEL: Final[Colour] = (120, 128, 132)
CLAY: Final[Colour] = (176, 104, 74)
WATER: Final[Colour] = (108, 142, 158)
WALL: Final[Colour] = (214, 206, 190)
STREET: Final[Colour] = (150, 150, 146)
RED: Final[Colour] = (176, 52, 44)


class Sheet:
    """A picture being drawn, 960 × 720; `rng` gives the unevenness that keeps it from looking ruled."""

    def __init__(self, rng: Random, upper: Colour, lower: Colour, horizon: float = 0.45) -> None:
        self.rng = rng
        self.image = Image.new("RGB", (WIDTH, HEIGHT), upper)
        self.draw = ImageDraw.Draw(self.image)
        self._fade(0, int(HEIGHT * horizon), upper, 12)
        self._fade(int(HEIGHT * horizon), HEIGHT, lower, -22)

    def _fade(self, top: int, bottom: int, colour: Colour, change: int) -> None:
        for y in range(top, bottom, 4):
            step = change * (y - top) / max(1, bottom - top)
            self.draw.rectangle((0, y, WIDTH, y + 4), fill=shade(colour, round(step)))

    def shadow(self, box: Box) -> None:
        self.draw.ellipse(box, fill=shade(self.image.getpixel((int(box[0]) % WIDTH, int(box[3]) % HEIGHT)), -30))

    def box(self, box: Box, fill: Colour, radius: int = 6) -> None:
        self.draw.rounded_rectangle(box, radius, fill=fill, outline=shade(fill, -50), width=4)

    def oval(self, box: Box, fill: Colour) -> None:
        self.draw.ellipse(box, fill=fill, outline=shade(fill, -50), width=4)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self.draw.polygon(points, fill=fill, outline=shade(fill, -50), width=4)

    def line(self, points: Sequence[Point], fill: Colour = INK, width: int = 8) -> None:
        self.draw.line(points, fill=fill, width=width, joint="curve")

    def blob(self, x: float, y: float, size: float, fill: Colour) -> None:
        """An uneven round thing: a puddle, a hole, a bag."""
        wobble = self.rng.uniform
        points = [(x + size * wobble(0.8, 1.1) * c, y + size * 0.55 * wobble(0.8, 1.1) * s) for c, s in _CIRCLE]
        self.shape(points, fill)

    def scatter(self, box: Box, count: int, fill: Colour, size: float = 14) -> None:
        for _ in range(count):
            x, y = self.rng.uniform(box[0], box[2]), self.rng.uniform(box[1], box[3])
            self.blob(x, y, size * self.rng.uniform(0.6, 1.4), shade(fill, self.rng.randint(-25, 25)))

    def tiles(self, top: float, colour: Colour) -> None:
        """Paving, narrower towards the horizon."""
        for x in range(-WIDTH, WIDTH * 2, 160):
            self.draw.line(((WIDTH / 2 + (x - WIDTH / 2) * 0.35, top), (x, HEIGHT)), fill=shade(colour, -18), width=3)
        y, gap = top + 14.0, 18.0
        while y < HEIGHT:
            self.draw.line(((0, y), (WIDTH, y)), fill=shade(colour, -18), width=3)
            y, gap = y + gap, gap * 1.4

    def done(self) -> Image.Image:
        return self.image


_CIRCLE: Final = [(cos(turn * pi / 9), sin(turn * pi / 9)) for turn in range(18)]


def shade(colour: Colour | object, by: int) -> Colour:
    """A colour made lighter (`by` above 0) or darker."""
    red, green, blue = colour if isinstance(colour, tuple) else INK
    return tuple(max(0, min(255, part + by)) for part in (red, green, blue))
