"""What a storm has left in holes is given back to the system."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from tools.say import ROOT

HOLES: Final = """
import sys
from web import memory
assert memory.lean() and memory.keep_giving_back(0.1)
stays, goes = [], []
for each in range(40_000):
    goes.append(bytes(1500))
    if each % 50 == 0:
        stays.append(bytes(600))
del goes
print("ready", flush=True)
sys.stdin.readline()
"""


def resident(pid: int) -> int:
    """Bytes in memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def test_memory_that_is_free_between_what_stays_is_given_back() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLES], cwd=ROOT, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        deadline = time.monotonic() + 60
        while resident(process.pid) > 40_000_000 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert resident(process.pid) <= 40_000_000, "60 MB of holes, of which nothing came back"
        process.communicate("end\n")
