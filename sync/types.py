"""How a record type is declared. Pure: data only, nothing here reads a clock, a disk or a network.

A record type is declared once (in the application, not here); the engine, the schemas, the documents and the
phone's types are all read off that one declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Rule = Literal[
    "fixed",
    "latest",
    "first",
    "least",
    "most",
    "furthest",
    "collect",
    "keep_all",
    "ask",
    "owner",
    "server",
]
Kind = Literal[
    "text", "integer", "number", "boolean", "instant", "date", "enum", "ref", "geo", "step", "json", "levels"
]
"""`levels`: a sound as it is drawn, at most 64 whole numbers from 0 to 31."""

PersonalClass = Literal["P0", "P1", "P2", "P3"]
Labels = Mapping[str, str]
"""Words for people by language tag: `{"zh-CN": …, "en": …}`."""

Values = Mapping[str, Any]
"""Field values in their wire form (`RECORD.fields`)."""

RULES_THAT_ASK: frozenset[Rule] = frozenset({"fixed", "ask", "furthest"})
"""Rules whose standing writes can be in open conflict (void, a field of rule `ask`, is among them)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One permitted value of an `enum` (or of a `step`: then `rank` orders it)."""

    value: str
    labels: Labels
    rank: int = 0


@dataclass(frozen=True)
class Field:
    """One named field of a record type.

    `rule` says how several standing writes become one value (SYNC.md M2). `inner` is the rule of one entry of a
    `collect` field. `order` lists the values of `least` and `most` from lowest to highest; equals stand in a
    tuple of their own; instants, dates and numbers need none. `writers` are the roles that may write the field
    (None: whoever may edit the record); `deciders` those that may close its conflicts.
    """

    name: str
    rule: Rule
    kind: Kind
    labels: Labels
    personal: PersonalClass
    example: Any
    inner: Rule | None = None
    keyed: bool = False
    choices: tuple[Choice, ...] = ()
    order: tuple[Any, ...] = ()
    ends: frozenset[str] = frozenset()
    required: bool = False
    writers: frozenset[str] | None = None
    deciders: frozenset[str] | None = None
    max_length: int = 2000
    max_keys: int = 200
    shape: Mapping[str, Kind] | None = None
    """For `json`: the permitted keys of the object and their kinds (None: any JSON object)."""
    pictures: bool = False
    """The keys of this keyed field are SHA-256 hashes of uploaded bytes: of pictures …"""
    sounds: bool = False
    """… or, if this is said too, of voice notes."""

    @cached_property
    def is_keyed(self) -> bool:
        return self.keyed or self.rule == "collect"

    @cached_property
    def entry_rule(self) -> Rule:
        """The rule that settles one value, or one entry of a keyed field."""
        return (self.inner or "latest") if self.rule == "collect" else self.rule

    @cached_property
    def ranks(self) -> Mapping[Any, int]:
        """value -> rank: of `order` (lowest 0; equals share one), or of a step's choices."""
        if self.kind == "step":
            return {choice.value: choice.rank for choice in self.choices}
        ranks: dict[Any, int] = {}
        for rank, entry in enumerate(self.order):
            for value in entry if isinstance(entry, tuple) else (entry,):
                ranks[value] = rank
        return ranks


@dataclass(frozen=True, slots=True)
class Step:
    """A permitted step of a `furthest` field. `come_from` None: the first step, of a record that has no state yet.

    `cycle` is 1 for a step that begins the next cycle (a reopening), else 0. `requires` names the fields that
    must travel in the same change.
    """

    come_from: str | None
    to: str
    roles: frozenset[str]
    cycle: Literal[0, 1] = 0
    requires: tuple[str, ...] = ()


Sight = Mapping[str, Any]
"""What of a record decides who may see and touch it: small JSON, opaque to the engine, made by the type."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where and when an accepted change stands: given to a type's reaction."""

    book: str
    record: str
    seq: int
    at: int
    """Milliseconds since the epoch, UTC."""


Reaction = Callable[[Moment, Values | None, Values], Mapping[str, Any]]
"""(moment, fields before or None, fields after) -> what the server itself writes next, as a `set`; {} for nothing."""


@dataclass(frozen=True, slots=True)
class Objection:
    """A reason code of `sync.protocol`, and what is wrong with which field, in Chinese and English."""

    reason: str
    errors: Mapping[str, list[str]]


Judge = Callable[[Values | None, Mapping[str, Any], frozenset[str]], str | Objection | None]
"""(fields as the writer saw them or None, the change's `set`, the writer's roles) -> a reason code of
`sync.protocol` that refuses or holds the change, bare or with its errors, or None. Only what the writer saw may
count (M12)."""


def no_objection(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    return None


def sight_of_author(fields: Values, by: str) -> Sight:
    return {"by": by}


def no_reaction(moment: Moment, before: Values | None, after: Values) -> Mapping[str, Any]:
    return {}


Spent = Callable[[Values, Values], bool]
"""(RECORD.fields, RECORD.others) -> may nothing of this record be kept any longer?"""


def never_spent(fields: Values, others: Values) -> bool:
    return False


Unfit = Callable[[Values], Mapping[str, list[str]]]
"""(a change's `set`) -> what is wrong with it beyond the kinds of its values: field -> texts; {} for nothing."""


def nothing_unfit(values: Values) -> Mapping[str, list[str]]:
    return {}


@dataclass(frozen=True)
class RecordType:
    """One record type. `creators`: roles that may create it; `editors`: roles that may edit a seen one (None: the
    same as creators); `voiders`: roles that may hide or restore it.

    `sight(fields, by)` gives what decides who sees a record; `by` is the account that created it.
    `upgrades[n]` lifts a `set` of schema n to n + 1. `react` is what the server itself adds to an accepted change.
    `spent` says that nothing of a record may be kept any longer: the engine erases it in the transaction of the change
    that made it so (S4); it must not depend on the order in which changes arrive.
    """

    name: str
    labels: Labels
    fields: tuple[Field, ...]
    creators: frozenset[str]
    purpose: Labels
    retention_days: int | None
    phone_days: int
    schema: int = 1
    editors: frozenset[str] | None = None
    voiders: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    unfit: Unfit = nothing_unfit
    sight: Callable[[Values, str], Sight] = sight_of_author
    judge: Judge = no_objection
    react: Reaction = no_reaction
    spent: Spent = never_spent
    derived_id: bool = False
    bulletin: bool = False
    """Readable, in the book of a place above, by everybody below it."""

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {each.name: each for each in self.fields}

    @cached_property
    def step_field(self) -> Field | None:
        return next((each for each in self.fields if each.rule == "furthest" and each.kind == "step"), None)

    @cached_property
    def picture_fields(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.pictures)

    @cached_property
    def ways(self) -> Mapping[tuple[str | None, str], tuple[Step, ...]]:
        """(from, to) -> the declared steps that go there."""
        return {way: tuple(each for each in self.steps if (each.come_from, each.to) == way) for way in
                {(each.come_from, each.to) for each in self.steps}}  # fmt: skip

    @cached_property
    def has_keyed_notes(self) -> bool:
        """Is there a field whose every key holds a text or a step of its own, told otherwise than it is shown?"""
        return any(each.is_keyed and (each.rule == "keep_all" or each.kind == "step") for each in self.fields)

    @cached_property
    def written_by_server(self) -> frozenset[str]:
        """The names of the fields that no phone writes."""
        return frozenset(each.name for each in self.fields if each.rule == "server")

    @cached_property
    def written_once(self) -> frozenset[str]:
        return frozenset(each.name for each in self.fields if each.rule == "fixed")

    @cached_property
    def written_by_few(self) -> frozenset[str]:
        """The names of the fields that not everybody may write who may edit the record."""
        return frozenset(each.name for each in self.fields if each.writers is not None)

    def lift(self, values: dict[str, Any], schema: int) -> dict[str, Any]:
        """`values` of an older `schema` in today's form (L1)."""
        for number in range(schema, self.schema):
            values = self.upgrades[number](values)
        return values


Registry = Mapping[str, RecordType]
"""Every record type by its name."""
