"""Write docs/openapi.json from the code: `python -m tests.api.write_openapi`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import orjson

from tests.api import world
from tests.server import make_data
from web.app import create_app
from web.config import ROOT


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(make_data(Path(folder) / "data", world.fill))
        document = app.test_client().get("/api/v1/openapi.json").json
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    (ROOT / "docs" / "openapi.json").write_bytes(text + b"\n")


if __name__ == "__main__":
    main()
