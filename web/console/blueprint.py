"""The console's addresses all begin with /console. Each says who may call it (api.guard)."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

blp: Final = Blueprint("console", __name__, url_prefix="/console")
