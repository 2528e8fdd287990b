"""The two languages on server pages: `t`, `rich` and `label` for templates, in the reader's language.

The catalogue itself is read by `api.catalogue`. A text may be written `{"one": …, "other": …}`; then `n` chooses.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from flask import Flask, g, has_request_context, request
from markupsafe import Markup, escape

from api.catalogue import DEFAULT, FOLDER, LANGUAGES, Catalogue, choose
from web.icons import icon

COOKIE: Final = "gridwalk-language"
THEME_COOKIE: Final = "gridwalk-theme"

log = logging.getLogger(__name__)


@cache
def texts() -> Catalogue:
    return Catalogue.load(FOLDER)


@cache
def tongues() -> dict[str, str]:
    """tag -> what the language calls itself."""
    return {tag: texts().say(tag, "common.language") for tag in LANGUAGES}


def _find(language: str, key: str, count: object) -> str | None:
    first, *rest = key.split(".")
    found: Any = texts().section(language, first)
    for part in rest:
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping) and set(found) == {"one", "other"}:
        found = found["one" if count == 1 else "other"]
    return found if isinstance(found, str) else None


def say(language: str, key: str, /, **values: object) -> str:
    """The text of `key` with its `{name}`s filled in. A missing text is shown as its key, and logged: the page comes."""
    text = _find(language, key, values.get("n"))
    if text is None:
        log.warning("no text for %s in %s", key, language)
        return f"⟦{key}⟧"
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def current_language() -> str:
    """The reader's language: chosen on this browser, else the account's, else the browser's own, else zh-CN."""
    if not has_request_context():
        return DEFAULT
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    account = g.get("language")
    return account if account in LANGUAGES else choose(request.accept_languages.values())


def t(key: str, /, **values: object) -> str:
    """`say` in the reader's language."""
    return say(current_language(), key, **values)


def rich(key: str, /, **values: object) -> Markup:
    """Like `t`, as HTML, with every value in bold: the figures of a sentence."""
    text = str(escape(_find(current_language(), key, values.get("n")) or f"⟦{key}⟧"))
    for name, value in values.items():
        text = text.replace("{" + name + "}", f"<b>{escape(value)}</b>")
    return Markup(text)  # noqa: S704 - the text and every value are escaped above


def label(labels: Mapping[str, str]) -> str:
    """The words of a declaration (a field, a choice, a record type) in the reader's language."""
    return labels.get(current_language()) or labels[DEFAULT]


def init_texts(app: Flask) -> None:
    """Give every template `t`, `rich`, `label`, `icon`, the `language` and the `theme` (light, dark or the device's)."""
    # Globals reach macros of imported templates, too.
    app.jinja_env.globals.update(t=t, rich=rich, label=label, icon=icon)

    @app.context_processor
    def reader() -> dict[str, Any]:
        theme = request.cookies.get(THEME_COOKIE) if has_request_context() else None
        return {"language": current_language(), "theme": theme, "tongues": tongues()}
