/**
 * A record as its writer should see it: what the server last said, with the own edits laid over that the server
 * has not sent back yet (SYNC.md O5). It never resolves anything: it only shows what was just written here.
 */

import { fieldOf, isKeyed, TYPES, type DeclaredField, type Declarations } from "./declared";
import { standings } from "./told";
import type { BookRecord, Change, Fields, Json } from "./wire";

/** An own change that may still lie over a record; `seq` is the receipt's, null while there is none. */
export interface Edit {
  change: Change;
  seq: number | null;
}

export interface View extends BookRecord {
  /** How many own changes lie over what the server said. */
  pending: number;
  /** Fields that own changes have written since the server last spoke, having seen what it said of them. */
  settled: string[];
}

export interface Writer {
  account: string;
  types?: Declarations;
}

type Keyed = { [key: string]: Json };
type Told = { text: string; by: string; at: string; change: string };

/** `edits` oldest first; those that the record already carries are left out. */
export function overlay(record: BookRecord | undefined, edits: readonly Edit[], writer: Writer): View | undefined {
  const open = edits.filter((edit) => edit.seq === null || isAhead(edit, record));
  const first = open[0];
  // An edit of a record that is not on this phone has nothing to lie over; a creation stands for itself.
  if (!record && !first?.change.create) return undefined;
  const view: View = { ...(record ?? blank(first!.change, writer.account)), pending: open.length, settled: [] };
  view.fields = { ...view.fields };
  const own = new Set(edits.map((edit) => edit.change.id));
  for (const { change } of open) lay(view, change, own, writer);
  return view;
}

/** A receipt's seq counts in the book that gave it; a record that has moved since carries the edit with it (S7). */
function isAhead({ change, seq }: Edit, record: BookRecord | undefined): boolean {
  return !record || (change.book === record.book && seq! > record.seq);
}

function blank(change: Change, by: string): BookRecord {
  const { record, type, book, schema, made_at } = change;
  return { id: record, type, book, seq: 0, schema, fields: {}, by, made_at, changed_at: made_at, void: false };
}

function lay(view: View, change: Change, own: ReadonlySet<string>, writer: Writer): void {
  const unseen = view.seq > change.seen; // somebody else may have written since the form was opened
  for (const [name, written] of Object.entries(change.set ?? {})) {
    const field = fieldOf(change.type, name, writer.types ?? TYPES);
    if (!unseen || answers(change, view, name)) view.settled.push(name);
    if (!field) view.fields[name] = written;
    else if (field.rule === "furthest") view.fields[name] = furthest(field, view.fields[name], written, unseen);
    else if (field.rule === "keep_all") view.fields[name] = keepAll(view.fields[name], written, change, own, writer);
    else if (isKeyed(field)) view.fields[name] = keys(view.fields[name], written);
    else view.fields[name] = single(field, view.fields[name], written, unseen);
  }
  if (change.void !== undefined) view.void = change.void;
  if (change.made_at > view.changed_at) view.changed_at = change.made_at;
}

/** Written after all that an open conflict is about: whatever else somebody has said of the record since, this was decided. */
function answers({ made_at }: Change, { conflicts }: View, name: string): boolean {
  const candidates = standings(conflicts).filter(({ field }) => field === name);
  return candidates.length > 0 && candidates.every(({ standing }) => standing.at < made_at);
}

function single(field: DeclaredField, stood: Json | undefined, written: Json, unseen: boolean): Json {
  if (!unseen || stood === undefined || stood === null) return written;
  if (field.rule === "first") return stood;
  if (field.rule === "most" || field.rule === "least") {
    const higher = rank(field, written) > rank(field, stood);
    return higher === (field.rule === "most") ? written : stood;
  }
  return written;
}

function rank(field: DeclaredField, value: Json): number {
  const declared = field.choices?.find((each) => each.value === value)?.rank;
  if (declared !== undefined) return declared;
  const place = (field.order ?? []).findIndex((each) => (Array.isArray(each) ? each.includes(value) : each === value));
  if (place >= 0) return place;
  return typeof value === "number" ? value : Date.parse(String(value)) || 0;
}

function keys(stood: Json | undefined, written: Json): Json {
  const value: Keyed = { ...((stood ?? {}) as Keyed) };
  for (const [key, entry] of Object.entries(written as Keyed)) {
    if (entry === null) delete value[key];
    else value[key] = entry;
  }
  return value;
}

function furthest(field: DeclaredField, stood: Json | undefined, written: Json, unseen: boolean): Json {
  const step = written as { to: string; cycle: number };
  const mine = { status: step.to, cycle: step.cycle };
  if (!unseen || !stood) return mine;
  const theirs = stood as { status: string; cycle: number };
  const further = theirs.cycle - mine.cycle || rank(field, theirs.status) - rank(field, mine.status);
  return further > 0 ? theirs : mine;
}

function keepAll(
  stood: Json | undefined, written: Json, change: Change, own: ReadonlySet<string>, writer: Writer,
): Json {
  const { text, replaces } = written as { text: string; replaces?: string[] };
  const gone = new Set(replaces ?? []);
  const kept = ((stood ?? []) as unknown as Told[]).filter((each) => !gone.has(each.change) && !own.has(each.change));
  const mine: Told = { text, by: writer.account, at: change.made_at, change: change.id };
  return [...kept, mine] as unknown as Fields[];
}
