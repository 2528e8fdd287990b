"""The pictures of a campaign that asked for them, at the desk: by door, never by person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import render_template, request, url_for

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import campaigns
from domain.access import Person, can_open_console
from domain.campaign_photos import DoorPhotos, photographed
from domain.campaigns import Campaign
from web.console.arrived import Arrived, Picture, arrived
from web.console.blueprint import blp
from web.console.campaign_page import load, reader_of
from web.console.parked import counts
from web.console.reader import Reader

DOORS: Final = 48
"""So many doors a page."""


@blp.get("/campaigns/<string:campaign>/photos", endpoint="campaign_photos")
@needs(can_open_console)
def photos(campaign: str) -> str:
    """Every picture that was taken for it, in the order of the doors; `from` says with which door to begin."""
    person = identity.person()
    found = load(person, campaign)
    if not found.fields.get("photo_required"):
        raise ProblemError("not_found")
    start = max(0, request.args.get("from", 0, type=int))
    shown = {**counts(person), **_shown(person, found, start)}
    return render_template("console/campaign_photos.html", here="campaigns", **shown)


def _shown(person: Person, campaign: Campaign, start: int) -> dict[str, Any]:
    watched = campaigns.watched(person, campaign)
    with current().database.read() as conn:
        doors = photographed(conn, person, campaign.id, watched)
        page = doors[start : start + DOORS]
        here = arrived(conn, (each.photos for each in page))

    def at(first: int) -> str:
        return f"{url_for('console.campaign_photos', campaign=campaign.id)}?from={first}"

    return {
        "campaign": campaign.id,
        "title": str(campaign.fields.get("title") or ""),
        "reason": str(campaign.fields.get("photo_reason") or ""),
        "doors": len(doors),
        "pictures": _pictures(page, here, reader_of({})),
        "before": at(max(0, start - DOORS)) if start else "",
        "after": at(start + DOORS) if start + DOORS < len(doors) else "",
    }


def _pictures(doors: Sequence[DoorPhotos], here: Arrived, reader: Reader) -> list[Picture]:
    found = []
    for door in doors:
        in_order = sorted(door.photos.items(), key=lambda each: str(each[1].get("taken_at") or ""))
        for number, (sha, entry) in enumerate(in_order, 1):
            small = url_for("photos.photo", sha256=sha, size="preview") if sha in here else ""
            full = url_for("photos.photo", sha256=sha, size="full") if here.get(sha) == "full" else ""
            taken = entry.get("taken_at")
            caption = f"{door.label} · {reader.when(taken).text}" if taken else door.label
            found.append(Picture(small, full, reader.say("campaign.photos.alt", door=door.label, n=number), caption))
    return found
