"""One server, and the line that phones reach it by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Playwright

from tests.phone.handset import Handset
from tests.phone.ledger import Ledger
from tests.phone.line import Line
from tests.server import Server


@dataclass
class Street:
    server: Server
    line: Line
    playwright: Playwright
    browser: str
    folder: Callable[[str], Path]
    phones: list[Handset] = field(default_factory=list)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.server.config)

    def new_phone(self, *scripts: str, camera: bool = True) -> Handset:
        """A phone that nobody has used."""
        made = Handset(self.playwright, self.browser, self.folder("phone"), self.line.url, camera, scripts)
        self.phones.append(made)
        return made

    def phone(self, login: str, *scripts: str) -> Handset:
        """Somebody's phone, signed in, with the whole app and book on it."""
        made = self.new_phone(*scripts).sign_in(login)
        made.settle()
        made.pill("已同步")
        return made

    def put_away(self) -> list[str]:
        """Switch its phones off. Returns what their pages complained of."""
        for phone in self.phones:
            phone.off()
        faults = [fault for phone in self.phones for fault in phone.faults]
        self.phones.clear()
        return faults
