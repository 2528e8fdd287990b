"""Speaking to the person at the terminal, and running programs quietly: output is shown when something goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


class Trouble(Exception):
    """Something that a person has to mend: says what happened and what to do."""


def line(text: str) -> None:
    """One short line about what is being done."""
    print(f"· {text}", flush=True)


def warn(text: str) -> None:
    print(f"! {text}", flush=True)


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    env: Mapping[str, str] | None = None,
    quiet: bool = True,
    show: bool = True,
) -> float:
    """Run a program in the project's folder; return its seconds. Raises Trouble if it fails.

    `quiet`: what it prints is kept back, and shown if it fails (not even then without `show`).
    """
    began = time.monotonic()
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=None if env is None else dict(env),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
        )
    except OSError as error:
        raise Trouble(f"{what}: {words[0]} could not be started ({error})") from error
    if done.returncode != 0:
        if quiet and show and done.stdout:
            sys.stdout.write(done.stdout)
        raise Trouble(f"{what} failed: {' '.join(words)} (exit code {done.returncode})")
    return time.monotonic() - began


def output(command: Sequence[str | Path]) -> str | None:
    """What a program prints, or None if it is not there or fails."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=ROOT,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
