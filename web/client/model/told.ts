/** Which of one's own writes stand aside now: what their writer should hear of, once, and may bring back (M8). Pure. */

import { canonical } from "./canonical";
import { fieldOf, type Rule } from "./declared";
import type { BookRecord, Change, Json, Receipt, Standing } from "./wire";

export interface Loss {
  type: string;
  field: string;
  key: string | null;
  change: string;
  mine: Json;
}

export interface Answered {
  change: Change;
  receipt: Receipt;
}

/** Written by the app itself: nobody has chosen their words, so nobody misses them. */
const QUIET = new Set(["seen_at", "captured_at", "temp_no", "place_guess", "source", "class", "asking", "visited_at", "visited_by", "done_by", "done_at", "batch", "campaign_id", "form_version", "consent"]);
const TOLD = new Set<Rule>(["latest", "ask", "most", "least", "first", "fixed"]);
const RESTORABLE = new Set<Rule>(["latest", "ask", "most", "least"]);

const ruleOf = (type: string, field: string): Rule | undefined => {
  const declared = fieldOf(type, field);
  return declared?.inner ?? declared?.rule;
};

/** Can an ordinary new edit bring it back? Who came first, and an end that was decided, stay as they are. */
export function restorable({ type, field }: Pick<Loss, "type" | "field">): boolean {
  return RESTORABLE.has(ruleOf(type, field) as Rule);
}

export function same(one: Json | undefined, other: Json | undefined): boolean {
  return canonical(one ?? null) === canonical(other ?? null);
}

/** The value of a field, or of one key of a keyed field, as it stands. */
export function valueOf(record: Pick<BookRecord, "fields">, field: string, key: string | null): Json {
  const value = record.fields[field] ?? null;
  return key === null ? value : ((value as { [key: string]: Json } | null)?.[key] ?? null);
}

/**
 * What of `account` stands aside in `record`: beside the winner, or since a decision that came between `before` and
 * now. `own` are the own answered changes of this record, oldest first. A field that was written anew since is let be.
 */
export function lossesOf(
  record: BookRecord, before: BookRecord | undefined, own: readonly Answered[], account: string,
): Loss[] {
  const found = new Map<string, Loss>();
  const note = (field: string, key: string | null, change: string, mine: Json): void => {
    const loss = { type: record.type, field, key, change, mine };
    const open = standingsOf(record.conflicts, field, key).length > 0;
    const again = own.some((each) => each.change.id > change && writes(each.change, field, key));
    if (!open && !again && !same(mine, valueOf(record, field, key))) found.set(`${field}:${key ?? ""}`, loss);
  };
  for (const { change, receipt } of own.filter((each) => isFirstSight(each, record, before))) {
    for (const [field, mark] of Object.entries(receipt.fields)) {
      const written = change.set?.[field];
      if (mark === "merged" || written === undefined || !isTold(record.type, field, mark === "conflict")) continue;
      for (const [key, mine] of partsOf(record.type, field, written)) note(field, key, change.id, mine);
    }
  }
  for (const { field, key, standing } of standings(before?.conflicts)) {
    if (standing.by === account && isTold(record.type, field, true)) note(field, key, standing.change, standing.value);
  }
  for (const { field, key, standing } of standings(record.others)) {
    if (standing.by === account && isTold(record.type, field, false)) note(field, key, standing.change, standing.value);
  }
  return [...found.values()];
}

/** Is this the first that the phone sees of the record since the change came into it? Later, others overwrite knowingly. */
function isFirstSight({ change, receipt }: Answered, record: BookRecord, before: BookRecord | undefined): boolean {
  const held = before?.book === record.book ? before.seq : 0;
  return receipt.seq !== null && change.book === record.book && held < receipt.seq && receipt.seq <= record.seq;
}

function isTold(type: string, field: string, decided: boolean): boolean {
  const rule = ruleOf(type, field);
  return rule !== undefined && !QUIET.has(field) && (TOLD.has(rule) || (rule === "furthest" && decided));
}

function writes(change: Change, field: string, key: string | null): boolean {
  const written = change.set?.[field];
  return written !== undefined && (key === null || (typeof written === "object" && written !== null && key in written));
}

/** What was written of a field, as it would stand in the record. */
function partsOf(type: string, field: string, written: Json): [string | null, Json][] {
  const declared = fieldOf(type, field)!;
  if (declared.keyed || declared.rule === "collect") return Object.entries((written ?? {}) as { [key: string]: Json });
  if (declared.rule !== "furthest") return [[null, written]];
  const { to, cycle } = written as { to: string; cycle: number };
  return [[null, { status: to, cycle }]];
}

type Carried = BookRecord["others"];
export interface Placed {
  field: string;
  key: string | null;
  standing: Standing;
}

export function standings(carried: Carried): Placed[] {
  return Object.entries(carried ?? {}).flatMap(([field, value]): Placed[] =>
    Array.isArray(value)
      ? value.map((standing) => ({ field, key: null, standing }))
      : Object.entries(value).flatMap(([key, list]) => list.map((standing) => ({ field, key, standing }))));
}

function standingsOf(carried: Carried, field: string, key: string | null): Standing[] {
  return standings(carried).filter((each) => each.field === field && each.key === key).map((each) => each.standing);
}
