"""Who is calling, as far as the engine needs to know. The application brings the real one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

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
