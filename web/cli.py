"""`gridwalk`: the command line. Each group of commands has its file in web/commands/."""

from __future__ import annotations

import os
from pathlib import Path

import click

from web.commands.backup import backup, restore
from web.commands.demo import demo_group
from web.commands.people import account_group, member_group
from web.commands.place_tree import place_group
from web.commands.running import jobs, migrate, run
from web.commands.start import init


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="gridwalk")
@click.option("--data", type=click.Path(path_type=Path), help="The folder for everything that is kept (default: var).")
@click.pass_context
def main(context: click.Context, data: Path | None) -> None:
    """Gridwalk 网格行: the notebook of the people who walk the grid."""
    # What an instance keeps is about people: nobody else on this machine reads it.
    os.umask(0o077)
    context.obj = {"GRIDWALK_DATA": str(data)} if data else {}


for command in (init, run, jobs, migrate, backup, restore, account_group, member_group, place_group, demo_group):
    main.add_command(command)

if __name__ == "__main__":
    main()
