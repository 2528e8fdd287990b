/** From refused changes back to a form that is filled with what was written. Pure. */

import { nextId } from "./ids";
import type { Change, Fields, Json, Receipt } from "./wire";

export interface Refusal {
  change: Change;
  reason: string | null;
  errors: Receipt["errors"];
}

export type FormKind = "report" | "resolve" | "add" | "hold";

/** What the form shows, and what goes along unseen. */
export interface Filled {
  kind: FormKind;
  record: string;
  book: string;
  mends: string[];
  category: string | null;
  severity: string;
  note: string;
  place_id: string | null;
  place_guess: string;
  place_note: string;
  gps: Json;
  until: string | null;
  photos: { [sha: string]: Fields };
  voice: { [sha: string]: Fields };
  more: Fields;
}

/** Under these the server knows another thing by the same id: what is mended becomes a new one. */
const ANOTHER_THING = new Set(["id_reused", "wrong_type", "gone", "void", "malformed"]);
const SHOWN = new Set(["category", "class", "severity", "description", "place_id", "place_guess", "place_note", "gps", "photos", "voice", "status", "self_fixed", "source"]);
/** Single values that may come from what was written after the creation. */
const LATER = ["category", "severity", "place_id", "place_guess", "place_note", "gps"];

/** Which form a refused change was written in; null of a single tap, which has none. */
export function formOf(change: Change): FormKind | null {
  if (change.type !== "case") return null;
  if (change.create) return "report";
  const to = (change.set?.status as { to?: string } | undefined)?.to;
  if (to === "resolved") return "resolve";
  if (to === "on_hold") return "hold";
  return change.set?.additions || change.set?.photos || change.set?.voice ? "add" : null;
}

/**
 * The changes that are mended together with `entry`: a creation takes along what was refused for want of it, and
 * such a one leads back to its creation (X5). `all` are the unmended changes of the record, oldest first.
 */
export function together(entry: Change, all: readonly Refusal[]): Refusal[] {
  const creation = all.find((each) => each.change.create === true && each.reason !== null);
  if (!creation) return all.filter((each) => each.change.id === entry.id);
  if (!entry.create && all.find((each) => each.change.id === entry.id)?.reason !== "needs") return all.filter((each) => each.change.id === entry.id);
  return all.filter((each) => each === creation || each.reason === "needs" || each.reason === null);
}

export function filled(group: readonly Refusal[], now: number): Filled | null {
  const [first, ...later] = group;
  const kind = first && formOf(first.change);
  if (!first || !kind) return null;
  const { change, reason, errors } = first;
  const set = { ...(change.set ?? {}) };
  if (kind === "report") for (const each of later) Object.assign(set, only(each.change.set ?? {}, LATER));
  const form: Filled = {
    kind, book: change.book, mends: group.map((each) => each.change.id),
    record: kind === "report" && ANOTHER_THING.has(reason ?? "") ? nextId(null, now) : change.record,
    category: (set.category as string | undefined) ?? null, severity: String(set.severity ?? (kind === "report" ? "normal" : "")),
    note: kind === "report" ? textOf(set.description) : wordsOf(set).join("\n"),
    place_id: (set.place_id as string | undefined) ?? null, place_guess: String(set.place_guess ?? change.book),
    place_note: String(set.place_note ?? ""), gps: set.gps ?? null,
    until: ((set.hold as Fields | undefined)?.until as string | undefined) ?? null,
    photos: named(group, "photos"), voice: named(group, "voice"), more: {},
  };
  if (kind === "report") form.more = unseen(set, later, new Set(Object.keys(errors ?? {})), now);
  return form;
}

/** What all of them name; what one of them took away again is left away. */
function named(group: readonly Refusal[], field: string): { [sha: string]: Fields } {
  const all = Object.assign({}, ...group.map((each) => each.change.set?.[field] ?? {})) as { [sha: string]: Fields | null };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Fields] => entry[1] !== null));
}

/** What the form does not show: it goes along, except what the server found wrong. Later words become additions. */
function unseen(set: Fields, later: readonly Refusal[], wrong: ReadonlySet<string>, now: number): Fields {
  const names = Object.keys(set).filter((name) => !SHOWN.has(name) && !wrong.has(name));
  const more = only(set, names);
  const additions: { [id: string]: Json } = { ...((more.additions ?? {}) as Fields) };
  let last = nextId(null, now);
  for (const { change } of later) {
    Object.assign(additions, change.set?.additions ?? {});
    for (const text of wordsOf({ ...change.set, additions: null })) {
      additions[last] = { text };
      last = nextId(last, now);
    }
  }
  return Object.keys(additions).length > 0 ? { ...more, additions } : more;
}

function wordsOf(set: Fields): string[] {
  const added = Object.values((set.additions ?? {}) as { [id: string]: Json }).map(textOf);
  const reason = (set.hold as Fields | undefined)?.reason;
  return [...added, textOf(set.resolution), typeof reason === "string" ? reason : ""].filter(Boolean);
}

function textOf(value: Json | undefined): string {
  const text = (value as { text?: Json } | null | undefined)?.text;
  return typeof text === "string" ? text : "";
}

function only(set: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => set[name] !== undefined && set[name] !== null).map((name) => [name, set[name]!]));
}
