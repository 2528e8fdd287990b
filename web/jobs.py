"""The work that goes by the clock. What is due is asked of the records; the queue only keeps the rhythm."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from huey import SqliteHuey, crontab

from domain import jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.services import Services

log = logging.getLogger("gridwalk.jobs")

EVERY: Final = 10
"""Minutes between two looks at what is due."""


def queue(services: Services, data: Path) -> SqliteHuey:
    """The queue of an instance, with every task that it does by itself."""
    made = SqliteHuey("gridwalk", filename=str(data / "jobs.db"), fsync=True)
    _every(made, "close what nobody disputed", lambda: jobs.close_resolved(services.engine))
    return made


def _every(made: SqliteHuey, name: str, work: Callable[[], int]) -> None:
    """Do `work` every few minutes, never twice at the same time; it says how much it has done."""

    def task() -> None:
        done = work()
        if done:
            log.info("job done", extra={"job": name, "count": done})

    task.__name__ = name.replace(" ", "_")
    made.periodic_task(crontab(minute=f"*/{EVERY}"))(made.lock_task(name)(task))


def consume(services: Services, data: Path) -> None:
    """Do what is due, until the process is asked to end."""
    queue(services, data).create_consumer(workers=1, check_worker_health=True).run()
