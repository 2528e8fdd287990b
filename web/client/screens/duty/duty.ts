/** The duty screens' own: shifts as they are on this phone, the time of day, and what a tap writes. */

import { onScopeDispose, ref, type Ref, type ShallowRef } from "vue";

import { app, bookName, books, clocks, db, me, wake } from "../../app";
import { codeOf, typedCode } from "../../model/codes";
import { TYPES } from "../../model/declared";
import { nextId } from "../../model/ids";
import type { View } from "../../model/overlay";
import { begins, CLOCK_OFF, nextOf, ofField, runningAt, type Near } from "../../model/shift";
import type { Fields } from "../../model/wire";
import { age, clockTime, day, isToday } from "../../parts/moments";
import { useLive } from "../../parts/live";
import { tell } from "../../parts/toast";
import { NotSaved } from "../../store/database";
import { one, views } from "../../store/reads";
import type { Picture } from "../../store/rows";
import { NewerOwnChange, save, saveAll, takeBack, UNDO_MS, type NewEdit } from "../../store/save";
import { language, t, type Key } from "../../words";

const TICK_MS = 15_000;
const DAY_MS = 86_400_000;

export const useShifts = (): ShallowRef<View[] | null> => useLive(() => views(db(), "shift", me()));
export const usePlans = (): ShallowRef<View[] | null> => useLive(() => views(db(), "post_plan", me()));

/** What time it is, as the server would say: this phone's clock, corrected. */
export const rightNow = (): number => Date.now() - app.skew;

/** The same, and it goes on. */
export function useNow(): Ref<number> {
  const now = ref(rightNow());
  const timer = setInterval(() => (now.value = rightNow()), TICK_MS);
  onScopeDispose(() => clearInterval(timer));
  return now;
}

export const placeOfShift = (shift: View): string => bookName(shift.book) ?? "";

/** 「今天」「明天」「6月15日 星期一」 */
export function dayOf(at: number): string {
  if (isToday(at, rightNow())) return t("phone.duty.today");
  if (isToday(at - DAY_MS, rightNow())) return t("phone.duty.tomorrow");
  return `${day(at)} ${new Intl.DateTimeFormat(language.value, { weekday: "long" }).format(new Date(at))}`;
}

/** 「今天 07:10」 */
export const whenOf = (at: number): string => `${dayOf(at)} ${clockTime(at)}`;
export const inWords = (ms: number): string => age(rightNow() - ms, rightNow());
const iso = (at: number = rightNow()): string => new Date(at).toISOString();

interface More {
  pictures?: Picture[];
  /** Another record that the same tap makes. */
  also?: NewEdit | undefined;
}

/** One tap: saved here at once, ten seconds to take it back. False where it could not be saved. */
export async function put(shift: string, set: Fields, said: Key, more: More = {}): Promise<boolean> {
  const found = await one(db(), shift, me());
  if (!found) return false;
  const { book, type } = found.view;
  const edit: NewEdit = { book, record: shift, type, schema: TYPES[type]!.schema, seen: found.seen, knew: found.knew, set, pictures: more.pictures ?? [], undo: UNDO_MS };
  try {
    const changes = await saveAll(db(), me(), more.also ? [more.also, edit] : [edit], clocks);
    await wake();
    tell(t(said), "done", () => back(changes.map((each) => each.id)));
    return true;
  } catch (error) {
    if (error instanceof NewerOwnChange) tell(t("phone.newer_own"), "again");
    else if (error instanceof NotSaved) tell(t("phone.not_saved"), "urgent");
    else throw error;
    return false;
  }
}

async function back(changes: string[]): Promise<void> {
  let all = true;
  for (const change of changes) all = (await takeBack(db(), me(), change, Date.now())) !== null && all;
  if (!all) tell(t("phone.too_late"), "again");
}

/** How somebody came: by which tap, near or not, and whether this phone's clock was off. No place, ever. */
function howOf(method: "button" | "scan" | "later", near: Near): Fields {
  const off = Math.round(app.skew / 60_000);
  return { method, near, ...(Math.abs(off) >= CLOCK_OFF ? { clock_off: off } : {}) };
}

export const checkIn = (shift: string, near: Near, method: "button" | "scan" = "button"): Promise<boolean> =>
  put(shift, { check_in_at: { [me()]: iso() }, check_in_how: { [me()]: howOf(method, near) } }, "phone.duty.did.in");

/** How long before the start somebody may say 到岗. */
export const SOON_MS = 3 * 3_600_000;

/** The sign of a post was read: 到岗 at the duty that runs there or begins soon. */
export async function arrive(shifts: readonly View[], read: string): Promise<"in" | "other" | "none"> {
  const next = nextOf(shifts, me(), rightNow());
  const soon = next && begins(next) - rightNow() < SOON_MS && !(me() in ofField(next, "check_in_at")) ? [next] : [];
  const wanted = [...soon, ...runningAt(shifts, me(), rightNow())];
  for (const shift of wanted) {
    const codes = [await codeOf(shift.book), books().find((each) => each.book === shift.book)?.code];
    if (codes.includes(typedCode(read) ?? read)) return (await checkIn(shift.id, "unknown", "scan")) ? "in" : "none";
  }
  return wanted.length ? "other" : "none";
}

export const checkOut = (shift: string): Promise<boolean> => put(shift, { check_out_at: { [me()]: iso() } }, "phone.duty.did.out");

export const noteLater = (shift: string, at: number, reason: string): Promise<boolean> =>
  put(shift, {
    check_in_at: { [me()]: iso(at) }, check_in_how: { [me()]: howOf("later", "unknown") }, back_fill: { [me()]: { reason, at: iso() } },
  }, "phone.duty.did.later");

export const leaveWord = (shift: string, text: string): Promise<boolean> => put(shift, { handover: { text } }, "phone.duty.did.handover");

export const askSwap = (shift: string, whom: string): Promise<boolean> =>
  put(shift, { swaps: { [`${me()}~${whom}`]: { from: me(), to: whom, at: iso() } } }, "phone.duty.did.swap");

export const answerSwap = (shift: string, key: string, ok: boolean): Promise<boolean> =>
  put(shift, { swap_agreed: { [key]: { ok, at: iso() } } }, ok ? "phone.duty.did.agreed" : "phone.duty.did.declined");

export const askAbsence = (shift: string, reason: string): Promise<boolean> =>
  put(shift, { absence: { [me()]: { reason, at: iso() } } }, "phone.duty.did.absence");

/** A line of the log; what is broken is reported in the same tap, so that somebody mends it. */
export async function logLine(shift: View, kind: string, text: string, pictures: Picture[]): Promise<boolean> {
  const entry: Fields = { kind, text, by: me(), at: iso(), ...(pictures[0] ? { photo: pictures[0].sha256 } : {}) };
  const photos = Object.fromEntries(pictures.map(({ sha256, preview_bytes: _own, ...photo }) => [sha256, { ...photo }]));
  const also = kind === "facility" ? brokenThing(shift, text, pictures, photos) : undefined;
  if (also) entry.case = also.record;
  const set: Fields = { log: { [nextId(null, Date.now())]: entry }, ...(pictures.length ? { photos } : {}) };
  return put(shift.id, set, "phone.duty.did.log", { pictures, also });
}

function brokenThing(shift: View, text: string, pictures: Picture[], photos: Fields): NewEdit {
  const staged = Object.fromEntries(Object.entries(photos).map(([sha, photo]) => [sha, { stage: "before", ...(photo as Fields) }]));
  const set: Fields = {
    category: "facility", class: "thing", severity: "normal", source: "school_guard", captured_at: iso(), place_guess: shift.book,
    status: { from: null, to: "reported", cycle: 1 }, ...(text ? { description: { text } } : {}), ...(pictures.length ? { photos: staged } : {}),
  };
  return { book: shift.book, record: nextId(null, Date.now()), type: "case", schema: TYPES.case!.schema, create: true, seen: 0, knew: null, set, pictures, undo: UNDO_MS };
}

/** 知悉: the duty has been before its person's eyes. Quietly, and only once. */
export async function markSeen(shift: View): Promise<void> {
  const found = await one(db(), shift.id, me());
  const known = (found?.view.fields.seen_at ?? {}) as Fields;
  if (!found || found.seen === 0 || known[me()]) return;
  const edit = { book: shift.book, record: shift.id, type: "shift", schema: TYPES.shift!.schema, seen: found.seen, knew: found.knew, set: { seen_at: { [me()]: iso() } } };
  await save(db(), me(), edit, clocks);
  await wake();
}
