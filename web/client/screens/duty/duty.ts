/** The duty screens' own: shifts as they are on this phone, the time of day, and what a tap writes. */

import { onScopeDispose, ref, type Ref, type ShallowRef } from "vue";

import { app, bookName, books, db, me, now, nowText } from "../../app";
import { codeOf, typedCode } from "../../model/codes";
import type { View } from "../../model/overlay";
import { begins, CLOCK_OFF, nextOf, ofField, runningAt, type Near } from "../../model/shift";
import type { Fields } from "../../model/wire";
import { creation, edition, keep, newKey, noteSeen } from "../../parts/keep";
import { useViews } from "../../parts/live";
import { age, clockTime, day, isToday } from "../../parts/moments";
import { hush } from "../../parts/toast";
import { views } from "../../store/reads";
import type { Picture } from "../../store/rows";
import type { NewEdit } from "../../store/save";
import { language, t, type Key } from "../../words";

const TICK_MS = 15_000;
const DAY_MS = 86_400_000;

export const useShifts = (): ShallowRef<View[] | null> => useViews("shift");
export const usePlans = (): ShallowRef<View[] | null> => useViews("post_plan");

/** What time it is, and it goes on. */
export function useNow(): Ref<number> {
  const at = ref(now());
  const timer = setInterval(() => (at.value = now()), TICK_MS);
  onScopeDispose(() => clearInterval(timer));
  return at;
}

export const placeOfShift = (shift: View): string => bookName(shift.book) ?? "";

/** 「今天」「明天」「6月15日 星期一」 */
export function dayOf(at: number): string {
  if (isToday(at, now())) return t("phone.duty.today");
  if (isToday(at - DAY_MS, now())) return t("phone.duty.tomorrow");
  if (isToday(at + DAY_MS, now())) return t("phone.time.yesterday");
  return `${day(at)} ${new Intl.DateTimeFormat(language.value, { weekday: "long" }).format(new Date(at))}`;
}

/** 「今天 07:10」 */
export const whenOf = (at: number): string => `${dayOf(at)} ${clockTime(at)}`;
export const inWords = (ms: number): string => age(now() - ms, now());

interface More {
  pictures?: Picture[];
  /** Another record that the same tap makes. */
  also?: NewEdit | undefined;
}

/** One tap at a duty, as it stands now. */
async function put(shift: string, set: Fields, said: Key, { pictures = [], also }: More = {}): Promise<boolean> {
  hush(); // what was said of the tap before is not meant for this one
  const edit = await edition(shift, set, { pictures });
  return (await keep(edit ? [also ?? null, edit] : [], t(said))) !== null;
}

/** How somebody came: by which tap, near or not, and whether this phone's clock was off. No place, ever. */
function howOf(method: "button" | "scan" | "later", near: Near): Fields {
  const off = Math.round(app.skew / 60_000);
  return { method, near, ...(Math.abs(off) >= CLOCK_OFF ? { clock_off: off } : {}) };
}

export const checkIn = (shift: string, near: Near, method: "button" | "scan" = "button"): Promise<boolean> =>
  put(shift, { check_in_at: { [me()]: nowText() }, check_in_how: { [me()]: howOf(method, near) } }, "phone.duty.did.in");

/** How long before the start somebody may say 到岗. */
export const SOON_MS = 3 * 3_600_000;

/** The sign of a post was read: 到岗 at the duty that runs there or begins soon. */
export async function arrive(read: string): Promise<"in" | "other" | "none"> {
  const shifts = await views(db(), "shift", me()); // not what a screen may not have read yet
  const next = nextOf(shifts, me(), now());
  const soon = next && begins(next) - now() < SOON_MS && !(me() in ofField(next, "check_in_at")) ? [next] : [];
  const wanted = [...soon, ...runningAt(shifts, me(), now())];
  for (const shift of wanted) {
    const codes = [await codeOf(shift.book), books().find((each) => each.book === shift.book)?.code];
    if (codes.includes(typedCode(read) ?? read)) return (await checkIn(shift.id, "unknown", "scan")) ? "in" : "none";
  }
  return wanted.length ? "other" : "none";
}

export const checkOut = (shift: string): Promise<boolean> => put(shift, { check_out_at: { [me()]: nowText() } }, "phone.duty.did.out");

export const noteLater = (shift: string, at: number, reason: string): Promise<boolean> =>
  put(shift, {
    check_in_at: { [me()]: nowText(at) }, check_in_how: { [me()]: howOf("later", "unknown") }, back_fill: { [me()]: { reason, at: nowText() } },
  }, "phone.duty.did.later");

export const leaveWord = (shift: string, text: string): Promise<boolean> => put(shift, { handover: { text } }, "phone.duty.did.handover");

export const askSwap = (shift: string, whom: string): Promise<boolean> =>
  put(shift, { swaps: { [`${me()}~${whom}`]: { from: me(), to: whom, at: nowText() } } }, "phone.duty.did.swap");

export const answerSwap = (shift: string, key: string, ok: boolean): Promise<boolean> =>
  put(shift, { swap_agreed: { [key]: { ok, at: nowText() } } }, ok ? "phone.duty.did.agreed" : "phone.duty.did.declined");

export const askAbsence = (shift: string, reason: string): Promise<boolean> =>
  put(shift, { absence: { [me()]: { reason, at: nowText() } } }, "phone.duty.did.absence");

/** A line of the log; what is broken is reported in the same tap, so that somebody mends it. */
export async function logLine(shift: View, kind: string, text: string, pictures: Picture[]): Promise<boolean> {
  const entry: Fields = { kind, text, by: me(), at: nowText(), ...(pictures[0] ? { photo: pictures[0].sha256 } : {}) };
  const photos = Object.fromEntries(pictures.map(({ sha256, preview_bytes: _own, ...photo }) => [sha256, { ...photo }]));
  const also = kind === "facility" ? brokenThing(shift, text, pictures, photos) : undefined;
  if (also) entry.case = also.record;
  const set: Fields = { log: { [newKey()]: entry }, ...(pictures.length ? { photos } : {}) };
  return put(shift.id, set, "phone.duty.did.log", { pictures, also });
}

function brokenThing(shift: View, text: string, pictures: Picture[], photos: Fields): NewEdit {
  const staged = Object.fromEntries(Object.entries(photos).map(([sha, photo]) => [sha, { stage: "before", ...(photo as Fields) }]));
  const set: Fields = {
    category: "facility", class: "thing", severity: "normal", source: "school_guard", captured_at: nowText(), place_guess: shift.book,
    status: { from: null, to: "reported", cycle: 1 }, ...(text ? { description: { text } } : {}), ...(pictures.length ? { photos: staged } : {}),
  };
  return creation("case", newKey(), shift.book, set, { pictures });
}

/** 知悉: the duty has been before its person's eyes. Quietly, and only once. */
export async function markSeen(shift: View): Promise<void> {
  const known = (shift.fields.seen_at ?? {}) as Fields;
  if (shift.seq > 0 && !known[me()]) await noteSeen(shift.id, { seen_at: { [me()]: nowText() } });
}
