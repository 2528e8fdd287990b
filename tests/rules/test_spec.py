"""sync/SPEC.md and the tests that prove it cannot drift apart."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = (ROOT / "sync" / "SPEC.md").read_text()
RULE = r"[XOMSLP]\d+"


def rules() -> set[str]:
    return set(re.findall(rf"^- ({RULE}) ", SPEC, re.MULTILINE))


def not_built() -> set[str]:
    said = re.search(r"\*\*Not yet built:\*\*(.*?)\n\n", SPEC, re.DOTALL)
    return set(re.findall(rf"({RULE}) \(", said.group(1))) if said else set()


def proven() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in [*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("web/client/**/*.test.ts")]:
        for rule, name in re.findall(
            rf"""(?:def test_|(?:test|it)\(\s*["'`])({RULE})([_ :][^(\n]*)""", path.read_text()
        ):
            found.setdefault(rule, []).append(name)
    return found


def test_the_spec_numbers_its_rules_once() -> None:
    numbered = re.findall(rf"^- ({RULE}) ", SPEC, re.MULTILINE)
    assert len(numbered) == len(set(numbered)) == 45


def test_every_rule_that_is_built_has_a_test() -> None:
    assert sorted(rules() - not_built() - proven().keys()) == []


def test_no_test_names_an_unknown_rule() -> None:
    assert sorted(proven().keys() - rules()) == []


def test_what_is_called_not_built_has_no_test_that_says_otherwise() -> None:
    assert sorted(not_built() & proven().keys()) == []
