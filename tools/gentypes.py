"""`make types`: what the phone knows of the record types, made from the declarations in domain/.

Four files: the declarations themselves as JSON (the same as GET /api/v1/record-types), TypeScript types of the
fields, the checklists of the rounds, and the phrases that small calls are packed with. All are committed; a check says
when they have drifted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tools import python
from tools.phrases import phrases
from tools.say import ROOT, Trouble, line

MODEL = ROOT / "web" / "client" / "model"
DECLARED = MODEL / "record-types.gen.json"
TYPES = MODEL / "types.gen.ts"
CHECKLISTS = MODEL / "checklists.gen.json"
PHRASES = ROOT / "api" / "phrases.gen.txt"

KINDS = {
    "text": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "instant": "string",
    "date": "string",
    "ref": "string",
    "geo": "Geo",
    "json": "{ [key: string]: unknown }",
    "levels": "number[]",
}
HEAD = """\
// Made by `make types` from the record types in domain/. Do not edit: change the declaration there.

/** A position, WGS 84 degrees; accuracy in metres. */
export interface Geo { lat: number; lon: number; accuracy?: number; source?: string }

/** One text of a field where all are kept. */
export interface KeptText { text: string; by: string; at: string; change: string }
"""


def declared() -> dict[str, Any]:
    """The declarations of the record types."""
    return _asked("from domain.describe import record_types as said")


def checklists() -> dict[str, Any]:
    return _asked("from domain.records.checklists import described as said")


def _asked(what: str) -> dict[str, Any]:
    """What the project's own Python says (this may run before anything is imported from it)."""
    code = f"import json; {what}; print(json.dumps(said()))"
    asked = subprocess.run(
        [python.program("python"), "-W", "ignore", "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if asked.returncode != 0:
        raise Trouble(f"domain/describe.py could not be read:\n{asked.stderr.strip()}")
    answer: dict[str, Any] = json.loads(asked.stdout)
    return answer


def as_json(described: Mapping[str, Any]) -> str:
    return json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def as_typescript(described: Mapping[str, Any]) -> str:
    parts = [HEAD, *("\n".join(_interface(each)) for each in described["types"])]
    names = "\n".join(f"  {each['type']}: {_camel(each['type'])}Fields;" for each in described["types"])
    parts.append(f"export interface FieldsOf {{\n{names}\n}}\n\nexport type TypeName = keyof FieldsOf;\n")
    return "\n".join(parts)


def _interface(described: Mapping[str, Any]) -> Iterator[str]:
    yield f"/** {described['labels']['en']}, schema {described['schema']}: the fields as a record holds them. */"
    yield f"export interface {_camel(described['type'])}Fields {{"
    for name, field in described["fields"].items():
        yield f"  /** {field['labels']['en']}: {field['rule']}, {field['class']} */"
        yield f"  {name}?: {_type(field)};"
    yield "}\n"


def _type(field: Mapping[str, Any]) -> str:
    if field["rule"] == "keep_all":
        return "KeptText[]"
    one = _value(field)
    return f"{{ [key: string]: {one} }}" if field["keyed"] or field["rule"] == "collect" else one


def _value(field: Mapping[str, Any]) -> str:
    choices = " | ".join(json.dumps(each["value"]) for each in field.get("choices") or ())
    if field["kind"] == "step":
        return f"{{ status: {choices}; cycle: number }}"
    if field["kind"] == "enum":
        return choices or "string"
    return KINDS[field["kind"]]


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def made() -> dict[Any, str]:
    described = declared()
    return {
        DECLARED: as_json(described),
        TYPES: as_typescript(described),
        CHECKLISTS: as_json(checklists()),
        PHRASES: phrases(described),
    }


def check() -> None:
    """Trouble if what is committed is not what the declarations say."""
    for path, wanted in made().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
            raise Trouble(f"{path.relative_to(ROOT)} has drifted from domain/; run `make types` and commit it")


def main() -> int:
    try:
        python.make()
        for path, wanted in made().items():
            path.write_text(wanted, encoding="utf-8")
            line(f"wrote {path.relative_to(ROOT)}")
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
