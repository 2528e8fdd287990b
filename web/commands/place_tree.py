"""`gridwalk place …`: the tree of places that own books."""

from __future__ import annotations

import click

from domain import places
from web.commands.base import say, sentences, services
from web.commands.people import find_place


@click.group("place", help="Places: town, community, grid, post, station.")
def place_group() -> None:
    pass


@place_group.command("add", help="Add a place of KIND called NAME.")
@click.argument("kind", type=click.Choice(sorted(places.PARENTS)))
@click.argument("name")
@click.option("--under", help="The code of the place above it (none for a town).")
@click.option("--code", help="A short code, said aloud in case numbers; made up if not given.")
def place_add(kind: str, name: str, under: str | None, code: str | None) -> None:
    at = services()
    with sentences(), at.database.write() as conn:
        above = find_place(conn, under).id if under else None
        made = places.create_place(conn, at.engine, kind=kind, name=name, parent=above, code=code)
    click.echo(say("place.added", kind=kind, name=made.name, code=made.code))


@place_group.command("list", help="The tree, with codes.")
def place_list() -> None:
    with services().database.read() as conn:
        known = places.every(conn)
    _show(known, None, "")


def _show(known: dict[str, places.Place], above: str | None, indent: str) -> None:
    for each in known.values():
        if each.parent_id == above:
            click.echo(f"{indent}{each.code}  {each.name}  ({each.kind})")
            _show(known, each.id, indent + "  ")
