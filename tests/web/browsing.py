"""Phones and desks in a real browser, for the tests of the console; and what axe and a ruler say of a page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.server import Server
from tests.waiting import PATIENCE_MS
from web.config import ROOT

Json = dict[str, Any]
SIT = Callable[..., Page]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TOLD_ANYWAY = (
    "status of 401",
    "status of 403",
    "status of 404",
    "status of 422",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_FAILED",
    "htmx:error",
)
"""A refused request, or one without a line, is told on the browser's console whatever a page does about it."""


class Field:
    """A phone in the field, over real HTTP."""

    def __init__(self, browser: Browser, server: Server, login: str = "worker") -> None:
        self.http = browser.new_context(base_url=server.base_url, extra_http_headers={"X-Gridwalk": "1"}).request
        who = {"login": login, "password": "gridwalk", "device_name": "test"}
        self.device = self.http.post("/api/v1/session", data=who).json()["device"]
        self.last: str | None = None

    def push(self, change: Json) -> str:
        """Send one change; its record's id."""
        return self.push_all([change])[0]

    def push_all(self, changes: list[Json]) -> list[str]:
        newest = changes[-1]["id"]
        call = {
            "protocol": 1,
            "device": self.device,
            "last": self.last,
            "newest": newest,
            "changes": changes,
            "limit": 0,
        }
        answer = self.http.post("/api/v1/sync", data=call)
        assert answer.status == 200, answer.text()
        outcomes = {each["outcome"] for each in answer.json()["receipts"]}
        assert outcomes <= {"applied", "merged", "conflict", "held"}, outcomes
        self.last = newest
        return [str(each["record"]) for each in changes]

    def upload(self, data: bytes) -> None:
        sha256 = base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
        tus = {"Tus-Resumable": "1.0.0"}
        begin = {**tus, "Upload-Length": str(len(data)), "Upload-Metadata": f"sha256 {sha256}"}
        where = self.http.post("/api/v1/uploads", headers=begin).headers["location"]
        piece = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        assert self.http.patch(where, headers=piece, data=data).status == 204


@pytest.fixture
def field(chromium: Browser, desk_server: Server) -> Field:
    return Field(chromium, desk_server)


@pytest.fixture
def sit(chromium: Browser, desk_server: Server) -> Iterator[SIT]:
    """Somebody at a desk, signed in by the page; what the browser complains of is a failure at the end."""
    complaints: list[str] = []
    contexts = []

    def make(login: str = "supervisor", width: int = 1440, height: int = 900, theme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=desk_server.base_url,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            color_scheme="dark" if theme == "dark" else "light",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _complain(complaints, message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/console/sign-in")
        page.locator(".demo-account", has=page.get_by_text(login, exact=True)).click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _complain(complaints: list[str], text: str) -> None:
    if not any(each in text for each in TOLD_ANYWAY):
        complaints.append(text)


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong; evaluated from outside, so that the page's own rules need no hole."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']][:3]}" for each in found]


def too_small(page: Page) -> list[str]:
    """Targets below 44 px; links inside a sentence and rows that open as a whole aside."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("a[href], button, select, summary, input:not([type=hidden]), textarea")]
              .filter(e => e.checkVisibility() && !e.closest(".headline, .filtered, p.plain-advice") && !e.matches(".row-link, .unseen, .skip, [data-large-picture]"))
              .map(e => [e, (e.closest("label") ?? e).getBoundingClientRect()])
              .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
              .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
        )
    )
