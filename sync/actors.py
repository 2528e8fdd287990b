"""Who is calling, as far as the engine needs to know. The application brings the real one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from sync.ids import derived
from sync.types import Sight

Access = Literal["write", "read"]


class Actor(Protocol):
    """One person (or the server itself) on one device.

    `sight` is None where the record is not in the book yet and nothing was said of it.
    """

    @property
    def account(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def via(self) -> str | None:
        """The account that hands in somebody else's changes (a rescue file), else None."""

    @property
    def server(self) -> bool:
        """True for the server's own devices (imports, jobs): they may write fields of rule `server`."""

    def books(self) -> Mapping[str, Access]:
        """The books that this device follows (S1), with what it may do there."""

    def scope(self, book: str) -> str:
        """An opaque token of what the person may see in the book (S8); it changes when that does."""

    def entitled(self, book: str, type_name: str, sight: Sight | None) -> bool:
        """May this person write such a record in this book at all? If not, the change is held (S3)."""

    def roles(self, book: str, type_name: str, sight: Sight | None) -> frozenset[str]:
        """The roles the person has towards this record, `reporter` and `assignee` among them where they apply."""

    def sees(self, book: str, type_name: str, sight: Sight) -> bool:
        """May this person read this record?"""


SERVER: Final = derived("server")
"""The account of the server itself."""


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody whose change comes in by another's hand: a held one let in, a rescue file handed over.

    Whoever hands it in answers for it, so nothing is asked here about rights; it closes no conflict.
    """

    device: str
    account: str
    via: str | None
    server: bool = False

    def books(self) -> Mapping[str, Access]:
        return {}

    def scope(self, book: str) -> str:
        return "all"

    def entitled(self, book: str, type_name: str, sight: Sight | None) -> bool:
        return True

    def roles(self, book: str, type_name: str, sight: Sight | None) -> frozenset[str]:
        return frozenset()

    def sees(self, book: str, type_name: str, sight: Sight) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class BookServer(Author):
    """The server, adding its own to a change that it has just taken (a number, a due time)."""

    account: str = SERVER
    via: str | None = None
    server: bool = True
