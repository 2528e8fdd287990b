/**
 * A shift as the phone understands it: computed from what was noted, as domain/roster.py computes it (tests/vectors/shifts.json
 * holds the two to each other). Pure. Times are milliseconds.
 */

import type { View } from "./overlay";
import type { BookRecord, Fields } from "./wire";

export type State = "planned" | "seen" | "on_duty" | "done" | "swapped" | "excused" | "no_record" | "waiting";
export type Near = "yes" | "no" | "unknown";
type Of<T> = { [account: string]: T };
type Has = Pick<BookRecord, "fields">;

const MINUTE = 60_000;
const GRACE = 30 * MINUTE;
const FORGOTTEN = 60 * MINUTE;
/** Kinds of safety and emergency: only there somebody says 到岗 (rules.md 5). */
const CHECKED_IN = new Set(["school", "night", "checkpoint", "emergency"]);
export const CLOCK_OFF = 5;

export interface Swap {
  key: string;
  from: string;
  to: string;
  agreed: boolean | null;
  approved: boolean | null;
}

export const ofField = <T>(shift: Has, name: string): Of<T> => (shift.fields[name] ?? {}) as Of<T>;
export const begins = (shift: Has): number => Date.parse(String(shift.fields.start));
export const ends = (shift: Has): number => Date.parse(String(shift.fields.end));
export const lead = (shift: Has): number => Number(shift.fields.lead_minutes ?? 10);
export const takesCheckIn = (shift: Has): boolean => CHECKED_IN.has(String(shift.fields.kind));
export const crew = (shift: Has): string[] => Object.keys(ofField(shift, "assignees")).sort();
export const isOn = (shift: Has, account: string): boolean => account in ofField(shift, "assignees");

/** 接班: who came without being planned. */
export function relief(shift: Has): string[] {
  return Object.keys(ofField(shift, "check_in_at")).filter((each) => !isOn(shift, each)).sort();
}

export function lacks(shift: Has): number {
  const coming = crew(shift).filter((each) => !(each in ofField(shift, "excused"))).length + relief(shift).length;
  return Math.max(Number(shift.fields.required_n ?? 1) - coming, 0);
}

export function stateOf(shift: Has, account: string, now: number, syncedAt: number | null): State {
  if (account in ofField(shift, "excused")) return "excused";
  if (!isOn(shift, account) && swapsOf(shift).some((swap) => swap.from === account && swap.approved)) return "swapped";
  if (ofField<string>(shift, "check_in_at")[account]) {
    const gone = ofField(shift, "check_out_at")[account] || account in ofField(shift, "back_fill");
    return gone || now > ends(shift) + FORGOTTEN ? "done" : "on_duty";
  }
  const seen: State = ofField(shift, "seen_at")[account] ? "seen" : "planned";
  if (!takesCheckIn(shift)) return now > ends(shift) ? "done" : seen;
  if (now < begins(shift) + GRACE) return seen;
  return syncedAt !== null && syncedAt >= begins(shift) + GRACE ? "no_record" : "waiting";
}

export function swapsOf(shift: Has): Swap[] {
  const answer = (name: string, key: string): boolean | null => ofField<{ ok?: boolean }>(shift, name)[key]?.ok ?? null;
  return Object.entries(ofField<{ from: string; to: string }>(shift, "swaps")).map(([key, { from, to }]) => (
    { key, from, to, agreed: answer("swap_agreed", key), approved: answer("swap_approved", key) }));
}

const byStart = <T extends Has>(a: T, b: T): number => begins(a) - begins(b);

/** The duty that somebody should have before them now: the one they are on, else the next. */
export function nextOf(shifts: readonly View[], account: string, now: number): View | null {
  const mine = shifts.filter((shift) => isOn(shift, account) || account in ofField(shift, "check_in_at"));
  const open = mine.filter((shift) => ["planned", "seen", "on_duty", "no_record", "waiting"].includes(stateOf(shift, account, now, null)) && ends(shift) > now - FORGOTTEN);
  return open.sort(byStart).find((shift) => stateOf(shift, account, now, null) === "on_duty" || ends(shift) > now) ?? null;
}

/** A shift of the same post that runs now and that somebody may join unplanned (接班). */
export function runningAt(shifts: readonly View[], account: string, now: number): View[] {
  return shifts.filter((shift) => takesCheckIn(shift) && !isOn(shift, account) && !(account in ofField(shift, "check_in_at"))
    && begins(shift) - GRACE <= now && now < ends(shift)).sort(byStart);
}

export interface Note {
  text: string;
  by: string;
  at: string;
}

export const handoversOf = (shift: Has): Note[] => (shift.fields.handover ?? []) as unknown as Note[];

/** What was left for whoever comes next at this post, newest last: of this shift, else of the last one before it. */
export function leftFor(shifts: readonly View[], shift: View): Note[] {
  const own = handoversOf(shift);
  if (own.length) return own;
  const before = shifts.filter((each) => each.book === shift.book && begins(each) < begins(shift) && handoversOf(each).length);
  return handoversOf(before.sort(byStart).at(-1) ?? { fields: {} });
}

/** Near the post, as far as this phone can say; the position itself goes no further than this. */
export function nearOf(here: { lat: number; lon: number; accuracy: number } | null, plan: Fields | null): Near {
  const point = plan?.point as { lat: number; lon: number } | undefined;
  if (!here || !point) return "unknown";
  const metres = distance(here, point);
  const allowed = Number(plan?.near_metres ?? 200);
  if (metres - here.accuracy <= allowed) return "yes";
  return metres - here.accuracy > 2 * allowed ? "no" : "unknown";
}

function distance(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const radians = Math.PI / 180;
  const x = (b.lon - a.lon) * radians * Math.cos(((a.lat + b.lat) / 2) * radians);
  return 6_371_000 * Math.hypot(x, (b.lat - a.lat) * radians);
}
