"""A desk as a test wants it: somebody signed in at the console, reading pages and sending their forms."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

HEADERS = {"X-Gridwalk": "1", "HX-Request": "true"}
PASSWORD = "gridwalk"


class _Forms(HTMLParser):
    """The forms of a page: id (or address) -> {"action", "fields"}; fields as a browser would send them untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, Any]] = {}
        self._form: dict[str, Any] | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = {"action": given.get("hx-post", ""), "fields": {}}
            self.forms[given.get("id") or given.get("hx-post", "")] = self._form
        if self._form is None or "name" not in given:
            return
        if tag == "input" and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            self._form["fields"][given["name"]] = given.get("value", "")
        if tag == "textarea":
            self._textarea = given["name"]
            self._form["fields"][self._textarea] = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._form["fields"][self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._textarea = None


class Page:
    """One answer of the console."""

    def __init__(self, answer: TestResponse) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.text = answer.text
        parser = _Forms()
        parser.feed(self.text)
        self.forms = parser.forms

    @property
    def offers(self) -> set[str]:
        """The actions whose forms are on the page."""
        return {name.removeprefix("form-") for name in self.forms if name.startswith("form-")}

    @property
    def outcome(self) -> str | None:
        return self.headers.get("X-Gridwalk-Outcome")

    @property
    def rows(self) -> list[str]:
        """Ids of the cases in the list, in order."""
        return re.findall(r'<li class="row[^"]*" id="case-([0-9a-f-]{36})"', self.text)

    @property
    def words(self) -> str:
        """What a person reads."""
        visible = re.sub(r"<(script|style)\b.*?</\1>", "", self.text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", visible)))


class Desk:
    """One browser at a desk."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http = app.test_client()
        self.account = ""

    def sign_in(self, login: str) -> Desk:
        answer = self.http.post("/console/sign-in", data={"login": login, "password": PASSWORD}, headers=HEADERS)
        assert answer.status_code == 204, answer.text
        self.account = self.http.get("/api/v1/session").json["account"]["id"]  # type: ignore[index]
        return self

    def get(self, path: str, **headers: str) -> Page:
        return Page(self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}))

    def open(self, record: str) -> Page:
        return self.get(f"/console/cases/{record}")

    def record(self, record: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/api/v1/records/{record}").json  # type: ignore[assignment]
        return found

    def send(self, page: Page, action: str, **typed: Any) -> Page:
        """Send the form of an action as this page showed it, with what is typed into it."""
        form = page.forms[f"form-{action}"]
        fields = {name.rstrip("_"): value for name, value in typed.items()}
        return Page(self.http.post(form["action"], data={**form["fields"], **fields}, headers=HEADERS))

    def do(self, record: str, action: str, **typed: Any) -> Page:
        """Open a case and send one of its forms."""
        return self.send(self.open(record), action, **typed)

    def post(self, path: str, **fields: Any) -> Page:
        return Page(self.http.post(path, data=fields, headers=HEADERS))
