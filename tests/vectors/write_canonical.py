"""Write canonical.json anew: what the server makes of values as a phone sends them. Both sides are tested against it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import orjson

from sync.changes import canonical, digest_of

PLACE: Final = Path(__file__).with_name("canonical.json")
ID: Final = "0197a000-0000-7000-8000-00000000000{}"

SENT: Final = (
    "null",
    "true",
    '"三楼拐角堆了旧沙发 🛋️"',
    '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u2028"',
    '{"b":1,"a":{"z":[],"y":{}},"中":2,"B":3}',
    '{"\\ud83d\\udecb":1,"\\uff21":2,"a":3,"":4}',
    "[0,-1,0.1,-0.5,30.742137,120.4879,123456789.125,9007199254740991]",
    "[0.00001,0.000001,0.0000012,0.000012,1e-7,1.5e-7,5e-324]",
    "[10000000000000000000,18446744073709552000,100000000000000000000,1e+21,-9223372036854776000,1.5e+300]",
    (
        '{"id":"0197a000-0000-7000-8000-000000000001","book":"019ec000-0000-7000-8000-00000000b00c",'
        '"record":"0197a000-0000-7000-8000-000000000009","type":"case","schema":1,"epoch":null,"seen":0,'
        '"made_at":"2026-06-13T08:40:12.123Z","create":true,"set":{"status":{"from":null,"to":"reported","cycle":1},'
        '"gps":{"lat":30.742137,"lon":120.4879,"accuracy":12,"source":"gps"},"description":{"text":"灯坏了\\n两天了"}}}'
    ),
)
"""JSON as `JSON.stringify` of a browser writes it: so it travels."""


def vectors() -> dict[str, Any]:
    """`values`: what is sent, its canonical form, the SHA-256 of that; `proof`: entries and the digest over them."""
    made = [canonical(orjson.loads(sent)) for sent in SENT]
    values = [
        {"sent": sent, "canonical": data.decode(), "sha256": digest_of(data)}
        for sent, data in zip(SENT, made, strict=True)
    ]
    entries = [[ID.format(number), digest_of(data)] for number, data in enumerate(made, 1) if number < 5]
    lines = "".join(f"{change} {digest}\n" for change, digest in entries)
    proof = {"entries": entries, "digest": hashlib.sha256(lines.encode()).hexdigest()}
    return {"values": values, "proof": proof}


if __name__ == "__main__":
    PLACE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
