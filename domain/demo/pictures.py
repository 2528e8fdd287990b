"""The drawn pictures as bytes: made once a world, named by many cases, kept like any picture that came from a phone."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from domain.demo.scenes import SCENES
from sync.clock import to_text
from sync.pictures import Picture, clean
from sync.uploads import Uploads

SCENE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "garbage": ("garbage", "noodles"),
    "road": ("pothole",),
    "facility": ("planters", "door"),
    "drainage": ("drain",),
    "blocked_way": ("corridor",),
    "greenery": ("tree", "planters"),
    "ebike": ("wires",),
    "noise": ("noodles",),
    "water_leak": ("leak",),
    "lamp_door": ("door",),
    "help": (),
    "dispute": (),
}
"""category -> scenes that show such a thing; a quarrel is never pictured."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, by the hash of what a phone would have sent."""

    sha256: str
    picture: Picture

    def entry(self, stage: str, taken_at: int) -> dict[str, Any]:
        """Its entry in the field `photos`."""
        size = {"bytes": len(self.picture.data), "width": self.picture.width, "height": self.picture.height}
        return {"stage": stage, "type": self.picture.type, **size, "taken_at": to_text(taken_at)}


class Album:
    """The pictures of one world, each drawn when it is first asked for."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[tuple[str, bool], Drawn] = {}

    def of(self, scene: str, *, mended: bool) -> Drawn:
        if (scene, mended) not in self._drawn:
            rng = Random(f"{self._seed}{scene}{mended}")  # noqa: S311 - a drawing
            self._drawn[scene, mended] = _draw(scene, mended, rng)
        return self._drawn[scene, mended]

    def keep(self, uploads: Uploads) -> None:
        """Put away every picture that was asked for."""
        for drawn in self._drawn.values():
            uploads.put(drawn.sha256, drawn.picture)


def _draw(name: str, mended: bool, rng: Random) -> Drawn:
    out = io.BytesIO()
    SCENES[name](rng, mended).save(out, "JPEG", quality=78)
    data = out.getvalue()
    return Drawn(hashlib.sha256(data).hexdigest(), clean(data))
