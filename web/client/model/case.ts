/** A case as the phone understands it: where it stands, what may be done, and the line of its journey. Pure. */

import { stepsFrom, type DeclaredStep } from "./declared";
import type { CaseFields } from "./types.gen";
import type { BookRecord, Change, Fields, HistoryChange, Json } from "./wire";

export interface Photo {
  sha256: string;
  stage: "before" | "after";
  preview: string;
  width: number;
  height: number;
  taken_at: string;
}

export interface Standpoint {
  status: string | null;
  cycle: number;
}

/** The fields of a case under their declared types. */
export function fieldsOf(record: Pick<BookRecord, "fields">): CaseFields {
  return record.fields as unknown as CaseFields;
}

export function standpoint(record: Pick<BookRecord, "fields">): Standpoint {
  const value = fieldsOf(record).status;
  return { status: value?.status ?? null, cycle: value?.cycle ?? 1 };
}

/** Oldest first. */
export function photosOf(record: Pick<BookRecord, "fields">): Photo[] {
  const photos = (record.fields.photos ?? {}) as unknown as { [sha: string]: Omit<Photo, "sha256"> };
  // A record made elsewhere may name no preview: the server makes one from the picture itself.
  const found = Object.entries(photos).map(([sha256, photo]) => ({ ...photo, sha256, preview: photo.preview ?? sha256 }));
  return found.sort((a, b) => ((a.taken_at ?? "") < (b.taken_at ?? "") ? -1 : 1));
}

export function textsOf(value: Json | undefined): { text: string; by: string; at: string }[] {
  return (value ?? []) as unknown as { text: string; by: string; at: string }[];
}

export function descriptionOf(record: Pick<BookRecord, "fields">): string {
  return textsOf(record.fields.description).map((each) => each.text).filter(Boolean).join("\n");
}

export function placeOf(record: Pick<BookRecord, "fields" | "book">): string {
  const { place_id, place_guess } = fieldsOf(record);
  return place_id ?? place_guess ?? record.book;
}

/** The roles of an account towards one record. */
export function rolesTowards(record: BookRecord, account: string, roles: readonly string[]): Set<string> {
  const found = new Set(roles);
  if (record.by === account) found.add("reporter");
  if (account in ((record.fields.assignees ?? {}) as Fields)) found.add("assignee");
  return found;
}

/** Steps that this phone offers. Dispatching, turning down and merging need the table of the console. */
const OFFERED = new Set(["reported", "accepted", "working", "on_hold", "resolved", "closed"]);

export function offered(record: BookRecord, account: string, roles: readonly string[]): DeclaredStep[] {
  const { status } = standpoint(record);
  const mine = rolesTowards(record, account, roles);
  const sealed = status === "closed" && record.fields.sealed === true;
  return sealed ? [] : stepsFrom(record.type, status, mine).filter((step) => OFFERED.has(step.to));
}

/** A case of one's own that says it is done, and waits for the finder's word. */
export function awaitsWord(record: BookRecord, account: string): boolean {
  return record.by === account && standpoint(record).status === "resolved" && record.fields.self_fixed !== true;
}

const DONE = new Set(["closed", "rejected", "merged"]);

export function isOver(record: Pick<BookRecord, "fields">): boolean {
  return DONE.has(standpoint(record).status ?? "");
}

export function assignedTo(record: BookRecord, account: string): boolean {
  return account in ((record.fields.assignees ?? {}) as Fields);
}

/** One dot on the line: what happened, when, and in whose words. */
export interface Stop {
  what: string;
  at: string;
  cycle: number;
  mine: boolean;
  /** Written here and not yet received by the server. */
  pending: boolean;
  words: string | null;
}

type Told = Pick<HistoryChange, "set" | "by" | "at" | "id"> & { pending: boolean };

/** The journey, oldest first: from the history where it is at hand, else from what the record itself says. */
export function journey(
  record: BookRecord, history: readonly HistoryChange[], unsent: readonly Change[], account: string,
): Stop[] {
  const own = unsent.map((change): Told => (
    { id: change.id, set: change.set ?? {}, by: account, at: change.made_at, pending: true }));
  const known = new Set(history.map((change) => change.id));
  const told = [...history.map((change): Told => ({ ...change, pending: false })), ...own.filter((each) => !known.has(each.id))];
  const stops = told.flatMap((change) => stopsOf(change, account));
  return history.length > 0 || record.seq === 0 ? stops : [...stopsOfRecord(record, account), ...stops];
}

function stopsOf(change: Told, account: string): Stop[] {
  const { set } = change;
  const stop = (what: string, words: string | null, cycle = 0): Stop => (
    { what, at: change.at, cycle, mine: change.by === account, pending: change.pending, words });
  const stops: Stop[] = [];
  const step = set.status as { from: string | null; to: string; cycle: number } | undefined;
  if (step) stops.push(stop(nameOfStep(step, set), wordsOf(step.to, set), step.cycle));
  if (set.severity && step?.from !== null) stops.push(stop(`severity_${String(set.severity)}`, null));
  if (set.seen_at) stops.push(stop("seen", null));
  if (set.auto_closed) stops.push(stop("auto_closed", null));
  for (const addition of Object.values((set.additions ?? {}) as { [key: string]: { text?: string } | null })) {
    if (addition?.text) stops.push(stop("added", addition.text));
  }
  return stops;
}

function nameOfStep(step: { from: string | null; to: string; cycle: number }, set: Fields): string {
  if (set.self_fixed === true) return "self_fixed";
  if (step.from === "needs_info" && step.to === "reported") return "answered";
  if (step.to === "working" && (step.from === "resolved" || step.from === "closed")) return "reopened";
  return step.to;
}

function wordsOf(to: string, set: Fields): string | null {
  if (to === "resolved") return (set.resolution as { text?: string } | undefined)?.text ?? null;
  if (to === "on_hold") return (set.hold as { reason?: string } | undefined)?.reason ?? null;
  if (to === "rejected") {
    const { reason, instead } = (set.rejection ?? {}) as { reason?: string; instead?: string };
    return [reason, instead].filter(Boolean).join(" ") || null;
  }
  return null;
}

function stopsOfRecord(record: BookRecord, account: string): Stop[] {
  const { status, cycle } = standpoint(record);
  const fields = record.fields;
  const start = String(fields.captured_at ?? record.made_at);
  const mine = record.by === account;
  const stops: Stop[] = [{ what: "reported", at: start, cycle: 1, mine, pending: false, words: null }];
  if (fields.seen_at) stops.push({ ...stops[0]!, what: "seen", at: String(fields.seen_at), mine: false });
  if (status && status !== "reported") {
    const words = status === "resolved" ? (textsOf(fields.resolution).at(-1)?.text ?? null) : null;
    stops.push({ what: status, at: record.changed_at, cycle, mine: false, pending: false, words });
  }
  return stops;
}

/** What comes next, as far as anybody can say; null at the end of the way. */
export function nextStop(record: Pick<BookRecord, "fields">): string | null {
  const next: { [status: string]: string } = {
    reported: "accepted", needs_info: "answered", accepted: "assigned", assigned: "working",
    working: "resolved", on_hold: "working", resolved: "closed",
  };
  return next[standpoint(record).status ?? ""] ?? null;
}
