"""The example in the documents works as it stands, on a real server."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.api import world
from tests.api.line import Line
from tests.api.phone import drawing
from tests.server import Server
from web.config import ROOT


def test_the_example_client_reports_a_hazard_with_its_picture(server: Server, tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(drawing(77))
    command = [sys.executable, str(ROOT / "docs" / "examples" / "report.py"), server.base_url]
    command += ["worker", world.PASSWORD, str(picture), "三楼拐角堆了纸箱"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    assert "applied" in told.stdout
    assert "reported" in told.stdout
    name = hashlib.sha256(picture.read_bytes()).hexdigest()
    assert Line(server).sign_in("supervisor").get(f"/api/v1/photos/{name}?size=full").status == 200
