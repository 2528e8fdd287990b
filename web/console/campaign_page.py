"""What a page of a campaign is put together from, for one reader: as much of it as they may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import url_for
from sqlalchemy import Connection

from api.problems import ProblemError
from api.services import current
from domain import accounts, campaigns, places
from domain.access import Person
from domain.campaigns import Campaign, Totals
from domain.days import local
from domain.records.campaign import CAMPAIGN, CREATORS
from domain.roles import COMMAND_ROOM, GRID_HEAD, PUBLISHERS, REPORTER, SUPERVISOR
from sync.clock import from_text
from web.console import campaign_forms, campaign_views
from web.console.campaign_views import Row, Sheet
from web.console.reader import Reader
from web.i18n import current_language, label

GRIDS: Final = ("grid", "industry_grid")
PAPERS: Final = frozenset({GRID_HEAD, SUPERVISOR})
"""Who fills in from paper what others did at the doors."""


def reader_of(names: Mapping[str, str]) -> Reader:
    return Reader(current_language(), current().clock.now(), names)


def load(person: Person, id: str) -> Campaign:
    """The campaign; a problem `not_found` where there is none, or it is not this person's to see."""
    with current().database.read() as conn:
        found = campaigns.one(conn, person, id)
    if found is None:
        raise ProblemError("not_found")
    return found


def homes_of(person: Person) -> list[tuple[str, str]]:
    """Where this person may make one: the highest of the own places."""
    own = [each for each in person.held if each.role in CREATORS]
    return [(each.place, person.places[each.place].name) for each in own if each.place in person.places]


def row_of(conn: Connection, person: Person, campaign: Campaign, reader: Reader) -> Row:
    ends = campaign.fields.get("ends_at")
    watched = campaigns.watched(person, campaign)
    bar = None
    if campaign.state in ("open", "paused", "closed") and watched:
        bar = campaign_views.bar_of("", campaigns.progress(conn, campaign.id, campaign.book, watched), reader)
    return Row(
        href=url_for("console.campaign", campaign=campaign.id),
        title=str(campaign.fields.get("title") or ""),
        org=str(campaign.fields.get("owner_org") or ""),
        place=person.places[campaign.book].name,
        mark=campaign_views.mark_of(campaign.state, reader),
        ends=reader.when(ends) if ends else None,
        bar=bar,
    )


def blank(person: Person, like: Campaign | None = None) -> Sheet:
    """An empty sheet, or the words and questions of an earlier one: whatever was said of days is said anew."""
    values = campaign_forms.values(like.fields if like else {})
    values |= dict.fromkeys(campaign_forms.DAYS, "") if like else {}
    homes = tuple(homes_of(person))
    mark = campaign_views.mark_of("draft", reader_of({}))
    return Sheet(id=current().engine.ids.new(), seq=0, state="", cycle=1, mark=mark, place="", editable=True,
                 values=values, homes=homes, home=homes[0][0], books=_grids(homes[0][0]))  # fmt: skip


def _grids(book: str) -> tuple[tuple[str, str], ...]:
    with current().database.read() as conn:
        return tuple((each.id, each.name) for each in places.below(conn, [book]).values() if each.kind in GRIDS)


def sheet_of(person: Person, campaign: Campaign) -> Sheet:
    fields, roles = campaign.fields, _roles(person, campaign)
    notes = fields.get("review_note") or []
    with current().database.read() as conn:
        reader = reader_of(accounts.names(conn, {each["by"] for each in notes}))
    editable = campaign.state == "draft" and REPORTER in roles
    form = fields.get("form") if campaign.state == "draft" else (fields.get("published") or {}).get("form")
    sheet = Sheet(
        id=campaign.id,
        seq=campaign.seq,
        state=campaign.state,
        cycle=fields["status"]["cycle"],
        mark=campaign_views.mark_of(campaign.state, reader),
        place=person.places[campaign.book].name,
        values=campaign_forms.values(fields),
        facts=_facts(person, campaign, reader),
        notes=[(each["text"], reader.name(each["by"]), reader.when(each["at"])) for each in notes],
        questions=campaign_views.asked_of(form, reader) if fields["kind"] != "notify" else [],
        reuse=[(name, where["field"]) for name, where in (fields.get("reuse_report") or {}).items()],
        books=_grids(campaign.book) if editable else (),
        home=campaign.book,
        editable=editable,
        acts=_acts(campaign, roles),
        wants_photos=bool(fields.get("photo_required")),
    )
    _fill(sheet, person, campaign, reader)
    return sheet


def _fill(sheet: Sheet, person: Person, campaign: Campaign, reader: Reader) -> None:
    """How far it has come, and what was answered: as much of it as this person may see."""
    watched = campaigns.watched(person, campaign)
    if campaign.state in ("", "draft", "review") or not watched:
        return
    may_read = campaigns.may_read_answers(person, campaign) and campaign.fields["kind"] != "notify"
    if campaign.state == "erased":
        _fill_kept(sheet, campaign, reader, may_read)
        return
    papers = frozenset(book for book in person.powers if person.is_one_of(PAPERS, book))
    with current().database.read() as conn:
        found = campaigns.totals(conn, campaign.id, campaign.book, campaign.fields, watched)
        own = [book for book, _ in _grids_of(conn, watched)]
        grids = campaigns.by_grid(conn, campaign.id, campaign.book, campaign.fields, own) if may_read else {}
    sheet.whole = campaign_views.bar_of(reader.say("campaign.everywhere"), found.tally, reader)
    sheet.bars = campaign_views.bars_of(campaign, found, reader, papers)
    if may_read:
        sheet.figures = _figures(found)
        names = {book: place.name for book, place in person.places.items()}
        sheet.answers = campaign_views.answers_of(found, grids, names, reader)


def _grids_of(conn: Connection, books: list[str]) -> list[tuple[str, str]]:
    return [(each.id, each.name) for each in places.named(conn, books).values() if each.kind in GRIDS]


def _figures(found: Totals) -> dict[str, int]:
    return {"answered": found.answered, "undecided": found.undecided, "to_look": found.to_look}


def _fill_kept(sheet: Sheet, campaign: Campaign, reader: Reader, may_read: bool) -> None:
    kept = campaign.fields.get("totals") or {}
    sheet.whole = campaign_views.bar_of(
        reader.say("campaign.everywhere"), campaign_views.tally_of(kept.get("tally") or {}), reader
    )
    sheet.bars = [
        campaign_views.bar_of(each["name"], campaign_views.tally_of(each), reader) for each in kept.get("lines") or ()
    ]
    if may_read:
        sheet.figures = {name: int(kept.get(name) or 0) for name in ("answered", "undecided", "to_look")}
        form = (campaign.fields.get("published") or {}).get("form")
        sheet.answers = campaign_views.kept_answers(kept, form, reader)


def _roles(person: Person, campaign: Campaign) -> frozenset[str]:
    return person.roles(campaign.book, CAMPAIGN.name, CAMPAIGN.sight(campaign.fields, campaign.by))


def _acts(campaign: Campaign, roles: frozenset[str]) -> tuple[str, ...]:
    """The buttons of this state for whoever has these roles; the engine judges again."""
    state, found = campaign.state, []
    if state == "review" and COMMAND_ROOM in roles:
        found = ["back"] if REPORTER in roles else ["admit", "back"]
    if state in ("open", "paused") and roles & PUBLISHERS:
        found = ["pause" if state == "open" else "resume", "close"]
    if state == "closed" and SUPERVISOR in roles:
        found = ["erase"]
    if state == "draft" and REPORTER in roles:
        found = ["drop"]
    return tuple(found)


def _facts(person: Person, campaign: Campaign, reader: Reader) -> list[tuple[str, str]]:
    fields = campaign.fields
    told = ("owner_org", "why", "basis", "purpose", "consent_text", "photo_reason")
    days = ("starts_at", "ends_at", "erase_at")
    facts = [(_label(name), str(fields[name])) for name in told if fields.get(name)]
    facts += [(_label(name), f"{local(from_text(fields[name])):%Y-%m-%d}") for name in days if fields.get(name)]
    target = fields.get("target") or {}
    with current().database.read() as conn:
        names = places.named(conn, target.get("books") or [])
    where = reader.say("line.and").join(each.name for each in names.values())
    level = reader.say(f"campaign.levels.{target['level']}") if target.get("level") else ""
    facts.append((reader.say("campaign.where"), f"{where} · {level}"))
    facts.append(
        (
            reader.say("campaign.results"),
            reader.value(CAMPAIGN.by_name["results_public"], bool(fields.get("results_public"))),
        )
    )
    return facts


def _label(name: str) -> str:
    return label(CAMPAIGN.by_name[name].labels)
