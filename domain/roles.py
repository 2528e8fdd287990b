"""The names of the ten roles, of the two roles that a record gives, and the groups that rights are written with.

A right is written once, here or beside the thing it guards; the tables it comes from are roles.md and records.md of
the project's domain notes. What is not named is not allowed.
"""

from __future__ import annotations

from typing import Final

GRID_WORKER: Final = "grid_worker"
VOLUNTEER: Final = "volunteer"
BUILDING_CAPTAIN: Final = "building_captain"
SCHOOL_GUARD: Final = "school_guard"
GRID_HEAD: Final = "grid_head"
SUPERVISOR: Final = "supervisor"
DEPT_HANDLER: Final = "dept_handler"
COMMAND_ROOM: Final = "command_room"
RESIDENT: Final = "resident"
ADMIN: Final = "admin"

ROLES: Final = (
    GRID_WORKER,
    VOLUNTEER,
    BUILDING_CAPTAIN,
    SCHOOL_GUARD,
    GRID_HEAD,
    SUPERVISOR,
    DEPT_HANDLER,
    COMMAND_ROOM,
    RESIDENT,
    ADMIN,
)

REPORTER: Final = "reporter"
"""Whoever made the record."""
ASSIGNEE: Final = "assignee"
"""Whoever the record is dispatched to."""
SERVER: Final = "server"
"""The server's own devices: jobs, imports, reactions. The engine asks them for no other right."""

FIELD: Final = frozenset({GRID_WORKER, VOLUNTEER, BUILDING_CAPTAIN, SCHOOL_GUARD})
STAFF: Final = FIELD | {GRID_HEAD, SUPERVISOR, DEPT_HANDLER, COMMAND_ROOM}
"""Everybody with content before them. Residents have no account, administrators see no content."""
DISPATCHERS: Final = frozenset({GRID_HEAD, SUPERVISOR, COMMAND_ROOM})
PUBLISHERS: Final = frozenset({SUPERVISOR, COMMAND_ROOM})
DECIDERS: Final = DISPATCHERS
WHOLE_BOOK: Final = frozenset({GRID_WORKER, GRID_HEAD, SUPERVISOR, COMMAND_ROOM})
"""Roles that see every internal case of their books."""


def self_role(account: str) -> str:
    """The role that says who somebody is, so that a type's judge can ask "is this key the writer's own?"."""
    return f"self:{account}"


CONSOLE: Final = frozenset({GRID_HEAD, SUPERVISOR, DEPT_HANDLER, COMMAND_ROOM})
"""Roles that work at a desk."""
