/** Visits and care agreements as the phone understands them: who waits for somebody, how a door stands, whom to leave in peace. Pure. */

import type { BookRecord, Fields } from "./wire";

type Read = Pick<BookRecord, "id" | "fields" | "made_at" | "book">;
export type Outcome = "met" | "not_home" | "phoned" | "declined" | "moved";
export const OUTCOMES: readonly Outcome[] = ["met", "not_home", "phoned", "declined", "moved"];
export const NEEDED_IN_A_ROW = 2;
export const MAX_RETRIES = 3;
export const MAX_CARERS = 5;
/** The words that people are asked to agree to; another version is another text. */
export const CONSENT_TEXT = "2026-06";
/** After how many days somebody should look in again (domain/records/care_words.py). */
export const DAYS_BETWEEN: Record<string, number> = { monthly: 30, fortnightly: 14, weekly: 7, twice_weekly: 3, daily: 1 };
const DAY_MS = 86_400_000;
const SPARED_MS = 365 * DAY_MS;

export interface Going {
  what: Outcome;
  by: string;
  at: string;
}

/** Oldest first. */
export function goingsOf(visits: readonly Read[]): Going[] {
  const found = visits.flatMap((visit) => Object.values((visit.fields.outcome ?? {}) as unknown as { [key: string]: Going }));
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}

export function statusOf(visit: Read): string | null {
  return (visit.fields.status as { status?: string } | undefined)?.status ?? null;
}

export const isWaiting = (visit: Read): boolean => ["planned", "retry"].includes(statusOf(visit) ?? "");

/** The state that a visit comes to by what happened at the door; null where that is not said yet. */
export function stateAfter(what: Outcome, before: readonly Going[]): "done" | "retry" | "declined" {
  if (what === "declined") return "declined";
  const tries = before.filter((each) => each.what === "not_home").length;
  return what === "not_home" && tries < MAX_RETRIES ? "retry" : "done";
}

/** Nobody was there the last times, one after the other: since when each. */
export function inVain(goings: readonly Going[]): Going[] {
  const answered = goings.filter((each) => each.what !== "not_home").at(-1);
  return goings.slice(answered ? goings.indexOf(answered) + 1 : 0);
}

export function ofAgreement(visits: readonly Read[], agreement: string): Read[] {
  return visits.filter((visit) => visit.fields.care_agreement_id === agreement);
}

/** The day, as 2026-06-13, by the calendar of the phone. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

export function isOver(agreement: Read, now: number): boolean {
  return String(agreement.fields.ends_on ?? "9999") < dayOf(now);
}

export function carersOf(agreement: Read): string[] {
  return Object.keys((agreement.fields.carers ?? {}) as Fields);
}

/** When somebody should look in (ms): as often as was agreed, or earlier where somebody promised; null where nobody should. */
export function dueAt(agreement: Read, visits: readonly Read[], now: number): number | null {
  const mine = ofAgreement(visits, agreement.id);
  if (isOver(agreement, now) || mine.some((visit) => statusOf(visit) === "declined")) return null;
  const goings = goingsOf(mine);
  const last = goings.at(-1);
  if (!last) return Date.parse(agreement.made_at);
  if (last.what === "moved") return null;
  const since = Date.parse(last.at);
  const wait = last.what === "not_home" ? 1 : (DAYS_BETWEEN[String(agreement.fields.frequency)] ?? 7);
  return Math.min(since + wait * DAY_MS, ...promised(mine, since));
}

/** Promises to come again that nobody has kept yet. */
function promised(visits: readonly Read[], since: number): number[] {
  const days = visits.map((visit) => visit.fields.next_at as string | undefined).filter((day): day is string => day !== undefined && day > dayOf(since));
  return days.map((day) => Date.parse(`${day}T00:00:00`));
}

export interface Due {
  agreement: Read | null;
  /** The visit that waits already; null where it is made by going. */
  visit: Read | null;
  at: number;
}

/** Today's visits of this person: agreements that are due, and visits that were planned; the longest waiting first. */
export function dueToday(agreements: readonly Read[], visits: readonly Read[], who: { account: string; walks: boolean }, now: number): Due[] {
  const tonight = Date.parse(`${dayOf(now)}T23:59:59`);
  const cared = agreements.filter((each) => carersOf(each).includes(who.account)).flatMap((agreement): Due[] => {
    const at = dueAt(agreement, visits, now);
    if (at === null || at > tonight) return [];
    return [{ agreement, at, visit: ofAgreement(visits, agreement.id).find(isWaiting) ?? null }];
  });
  const known = new Set(agreements.map((each) => each.id));
  const planned = visits.filter((visit) => isWaiting(visit) && !known.has(String(visit.fields.care_agreement_id)) && isFor(visit, who)).flatMap((visit): Due[] => {
    const at = plannedAt(visit);
    return at <= tonight ? [{ agreement: null, visit, at }] : [];
  });
  return [...cared, ...planned].sort((a, b) => a.at - b.at);
}

function isFor(visit: Read, { account, walks }: { account: string; walks: boolean }): boolean {
  const sent = Object.keys((visit.fields.assignees ?? {}) as Fields);
  return sent.length ? sent.includes(account) : walks;
}

function plannedAt(visit: Read): number {
  const last = goingsOf([visit]).at(-1);
  const day = visit.fields.planned_for as string | undefined;
  if (last) return Date.parse(last.at) + DAY_MS; // nobody was there: not twice on one day
  return day ? Date.parse(`${day}T00:00:00`) : Date.parse(visit.made_at);
}

/** This door has said no to this purpose, less than twelve months ago: when; null where somebody may go. */
export function saidNo(visits: readonly Read[], place: string, purpose: string, now: number): string | null {
  const no = visits.filter((visit) => visit.fields.place_id === place && visit.fields.purpose === purpose && statusOf(visit) === "declined");
  const at = goingsOf(no).filter((each) => each.what === "declined").at(-1)?.at;
  return at && now - Date.parse(at) < SPARED_MS ? at : null;
}

/** Care visits where nobody opened, several times in a row: what the head of the grid should look after. */
export function alerts(visits: readonly Read[]): { about: string; place: string; book: string; goings: Going[] }[] {
  const doors = new Map<string, Read[]>();
  for (const visit of visits.filter((each) => each.fields.purpose === "care")) {
    const about = String(visit.fields.care_agreement_id ?? visit.fields.place_id);
    doors.set(about, [...(doors.get(about) ?? []), visit]);
  }
  const found = [...doors].map(([about, each]) => ({ about, place: String(each[0]!.fields.place_id), book: each[0]!.book, goings: inVain(goingsOf(each)) }));
  return found.filter((each) => each.goings.length >= NEEDED_IN_A_ROW);
}
