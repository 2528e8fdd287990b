"""`make help`: the commands, read off the Makefile so that the list cannot drift."""

from __future__ import annotations

import re

from tools.say import ROOT

COMMAND = re.compile(r"^([a-z]+):.*?## (.+)$", re.MULTILINE)


def commands() -> dict[str, str]:
    """name -> what it does, in the Makefile's order."""
    return dict(COMMAND.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def main() -> None:
    print("Gridwalk 网格行: the notebook of the people who walk the grid.\n")
    for name, words in commands().items():
        print(f"  make {name:<8} {words}")
    print("\nA newcomer needs two of them: make run, make test.")


if __name__ == "__main__":
    main()
