"""What a form says of its questions, in the words of XLSForm: `${gas} = 'yes' and . > 3`. Pure.

The phone has a twin (web/client/model/expressions.ts); tests/vectors/expressions.json holds both to the same answers.

    or · and · = != < <= > >= · + - · * div mod · - · (…), 3, 'text', ${question}, ., function(…)

Values are texts, numbers, and yes or no. An answer is a text, one that is not given the empty text. `=` and `!=` compare
numbers where either side is one, else texts; the other comparisons compare two dates as dates, all else as numbers;
what is no number is NaN, which is neither below nor above nor equal to anything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from domain.forms.patterns import BadPattern, full_match

Value = str | float | bool
Answers = Mapping[str, str | None]
"""question -> the answer as it is kept."""

MAX_EXPRESSION: Final = 500
MAX_DEPTH: Final = 30


class BadExpression(ValueError):
    """The text is no expression. `code`: bad_text, bad_function, bad_count, too_long, too_deep, bad_pattern."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(f"{code}: {said}")
        self.code = code
        self.said = said


@dataclass(frozen=True, slots=True)
class Scene:
    """All that an expression may look at; `today` is YYYY-MM-DD at the place."""

    answers: Answers
    today: str
    here: str = ""
    """The answer that `.` means."""


Node = Callable[[Scene], Value]


@dataclass(frozen=True, slots=True)
class Expression:
    """A text that is an expression, and the questions it names."""

    text: str
    node: Node
    names: frozenset[str]

    def value(self, scene: Scene) -> Value:
        return self.node(scene)


@lru_cache(maxsize=2000)
def parse(text: str) -> Expression:
    """The expression that a text is; BadExpression else."""
    if len(text) > MAX_EXPRESSION:
        raise BadExpression("too_long", text[:40])
    parser = _Parser(_tokens(text))
    node = parser.whole()
    return Expression(text, node, frozenset(parser.names))


def evaluate(text: str, scene: Scene) -> Value:
    """What the expression comes to: a text, a number, or yes and no."""
    return parse(text).value(scene)


def holds(text: str | None, scene: Scene) -> bool:
    """Is it true? An empty expression is."""
    return not (text or "").strip() or truth(evaluate(text or "", scene))


# ---------------------------------------------------------------------------------------------------------- reading

Token = tuple[str, str]
"""(number, text, answer, name, sign or self; what was written)"""
_TOKENS: Final = re.compile(
    r"\s+|(?P<number>[0-9]+(?:\.[0-9]+)?)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    r"|\$\{(?P<answer>[A-Za-z_][A-Za-z0-9_-]*)\}|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<sign>!=|<=|>=|[=<>+\-*(),])|(?P<self>\.)"
)


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(text):
        hit = _TOKENS.match(text, at)
        if hit is None:
            raise BadExpression("bad_text", text[at : at + 20])
        if hit.lastgroup:
            kind = "text" if hit.lastgroup in ("single", "double") else hit.lastgroup
            found.append((kind, hit[hit.lastgroup]))
        at = hit.end()
    return found


@dataclass(slots=True)
class _Parser:
    """Loosest first: or, and, comparing, adding, multiplying, minus, one thing."""

    tokens: list[Token]
    at: int = 0
    depth: int = 0
    names: set[str] = field(default_factory=set)

    def whole(self) -> Node:
        node = self._either()
        if self.at < len(self.tokens):
            raise BadExpression("bad_text", self.tokens[self.at][1])
        return node

    def _take(self, kind: str, *texts: str) -> str | None:
        if self.at >= len(self.tokens):
            return None
        its_kind, text = self.tokens[self.at]
        if its_kind != kind or (texts and text not in texts):
            return None
        self.at += 1
        return text

    def _must(self, sign: str) -> None:
        if self._take("sign", sign) is None:
            raise BadExpression("bad_text", sign)

    def _either(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadExpression("too_deep")
        left = self._both()
        while self._take("name", "or"):
            left = _or(left, self._both())
        self.depth -= 1
        return left

    def _both(self) -> Node:
        left = self._compared()
        while self._take("name", "and"):
            left = _and(left, self._compared())
        return left

    def _compared(self) -> Node:
        left = self._added()
        while sign := self._take("sign", "=", "!=", "<", "<=", ">", ">="):
            left = _comparing(left, sign, self._added())
        return left

    def _added(self) -> Node:
        left = self._multiplied()
        while sign := self._take("sign", "+", "-"):
            left = _reckoning(left, sign, self._multiplied())
        return left

    def _multiplied(self) -> Node:
        left = self._minus()
        while sign := self._take("sign", "*") or self._take("name", "div", "mod"):
            left = _reckoning(left, sign, self._minus())
        return left

    def _minus(self) -> Node:
        turns = 0
        while self._take("sign", "-"):
            turns += 1
        inner = self._thing()
        if not turns:
            return inner
        return lambda scene: number(inner(scene)) * (-1 if turns % 2 else 1)

    def _thing(self) -> Node:
        if self._take("sign", "("):
            inner = self._either()
            self._must(")")
            return inner
        for kind, make in (("number", _figure), ("text", _said), ("answer", _answer), ("self", _here)):
            taken = self._take(kind)
            if taken is not None:
                if kind == "answer":
                    self.names.add(taken)
                return make(taken)
        name = self._take("name")
        if name is None:
            raise BadExpression("bad_text", self.tokens[self.at][1] if self.at < len(self.tokens) else "")
        return self._call(name)

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise BadExpression("bad_function", name)
        self._must("(")
        given: list[Node] = []
        start = self.at
        if not self._take("sign", ")"):
            given.append(self._either())
            while self._take("sign", ","):
                given.append(self._either())
            self._must(")")
        least, work = FUNCTIONS[name]
        if len(given) != least:
            raise BadExpression("bad_count", name)
        if name == "regex":
            self._check_pattern(start)
        return lambda scene: work(scene, given)

    def _check_pattern(self, start: int) -> None:
        """A pattern is written out as one text, so that it can be read before anybody is asked."""
        kind, pattern = self.tokens[self.at - 2]
        if kind != "text" or self.tokens[self.at - 3] != ("sign", ",") or self.at - 3 <= start:
            raise BadExpression("bad_pattern")
        try:
            full_match(pattern, "")
        except BadPattern as bad:
            raise BadExpression("bad_pattern", pattern) from bad


def _or(one: Node, other: Node) -> Node:
    return lambda scene: truth(one(scene)) or truth(other(scene))


def _and(one: Node, other: Node) -> Node:
    return lambda scene: truth(one(scene)) and truth(other(scene))


def _comparing(one: Node, sign: str, other: Node) -> Node:
    return lambda scene: compare(one(scene), sign, other(scene))


def _reckoning(one: Node, sign: str, other: Node) -> Node:
    work = _RECKONING[sign]
    return lambda scene: work(number(one(scene)), number(other(scene)))


def _figure(text: str) -> Node:
    figure = float(text)
    return lambda _scene: figure


def _said(text: str) -> Node:
    return lambda _scene: text


def _answer(name: str) -> Node:
    return lambda scene: scene.answers.get(name) or ""


def _here(_text: str) -> Node:
    return lambda scene: scene.here


# -------------------------------------------------------------------------------------------------------- reckoning

_NUMBER: Final = re.compile(r"\s*-?[0-9]+(?:\.[0-9]+)?\s*")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def truth(value: Value) -> bool:
    """Every text but the empty one is true, and every number but 0 and NaN."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def number(value: Value) -> float:
    """NaN where it is none."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else math.nan
    return float(value)


def text_of(value: Value) -> str:
    """As JavaScript writes it: `3`, `2.5`, `NaN`, `Infinity`, `true`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value == int(value) else repr(value)


def words_of(value: Value) -> list[str]:
    """The choices in an answer to a question with several."""
    return [word for word in text_of(value).split(" ") if word]


def same(one: Value, other: Value) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return truth(one) == truth(other)
    if isinstance(one, float) or isinstance(other, float):
        return number(one) == number(other)
    return one == other


def compare(one: Value, sign: str, other: Value) -> bool:
    if sign in ("=", "!="):
        return same(one, other) == (sign == "=")
    if isinstance(one, str) and isinstance(other, str) and _DATE.fullmatch(one) and _DATE.fullmatch(other):
        return _ordered(float(one.replace("-", "")), sign, float(other.replace("-", "")))
    return _ordered(number(one), sign, number(other))


def _ordered(one: float, sign: str, other: float) -> bool:
    if sign.startswith("<"):
        return one < other or (sign == "<=" and one == other)
    return one > other or (sign == ">=" and one == other)


def _div(one: float, other: float) -> float:
    if other != 0:
        return one / other
    return math.nan if one == 0 or math.isnan(one) else math.copysign(math.inf, one) * math.copysign(1, other)


def _mod(one: float, other: float) -> float:
    """With the sign of the first, as XPath and JavaScript have it."""
    return math.nan if other == 0 or math.isinf(one) or math.isnan(one + other) else math.fmod(one, other)


_RECKONING: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "div": _div,
    "mod": _mod,
}


def _int(value: float) -> float:
    return value if math.isnan(value) or math.isinf(value) else float(int(value))


Work = Callable[[Scene, Sequence[Node]], Value]
FUNCTIONS: Final[Mapping[str, tuple[int, Work]]] = {
    "not": (1, lambda scene, given: not truth(given[0](scene))),
    "true": (0, lambda _scene, _given: True),
    "false": (0, lambda _scene, _given: False),
    "selected": (2, lambda scene, given: text_of(given[1](scene)) in words_of(given[0](scene))),
    "count-selected": (1, lambda scene, given: float(len(words_of(given[0](scene))))),
    "string-length": (1, lambda scene, given: float(len(text_of(given[0](scene))))),
    "regex": (2, lambda scene, given: full_match(text_of(given[1](scene)), text_of(given[0](scene)))),
    "if": (3, lambda scene, given: (given[1] if truth(given[0](scene)) else given[2])(scene)),
    "coalesce": (2, lambda scene, given: given[1 if text_of(given[0](scene)) == "" else 0](scene)),
    "int": (1, lambda scene, given: _int(number(given[0](scene)))),
    "number": (1, lambda scene, given: number(given[0](scene))),
    "string": (1, lambda scene, given: text_of(given[0](scene))),
    "today": (0, lambda scene, _given: scene.today),
}
"""name -> how many arguments, what it does with them. `regex` asks whether the whole text fits the pattern."""
