/** What a walker does: each a tap, each an ordinary edit, saved here at once. */

import { db, me, now, nowText, writable } from "../../app";
import { standpoint } from "../../model/case";
import { stepsFrom } from "../../model/declared";
import type { View } from "../../model/overlay";
import { checkKey, checkOf, isMine, kindOf, looksOf, ONE_LOOK_MS, roundOf, type Item, type Tile, isShort } from "../../model/round";
import type { Fields } from "../../model/wire";
import { creation, editOf, keep, keepQuietly, newKey, write } from "../../parts/keep";
import { myRoles } from "../../parts/steps";
import { one, views } from "../../store/reads";
import { t } from "../../words";
import { endTrack, goOn } from "./track";

export type Method = "scan" | "nfc" | "hand";

export interface Beginning {
  book: string;
  place: string;
  kind: string;
  /** The code of the colleague's round, and who they are where that is known. */
  with?: string;
  leader?: string | null;
}

/** Where a round begins if nobody says otherwise: the stairway of a captain, else the first grid. Null: not by this person. */
export function here(): { book: string; place: string } | null {
  const may = stepsFrom("round", null, new Set(myRoles())).some((step) => step.to === "active");
  const book = writable().find((each) => each.kind === "grid") ?? writable()[0];
  return may && book ? { book: book.book, place: String(book.scope?.unit ?? book.book) } : null;
}

/** The round that this person walks now, the newest of them. */
export async function running(): Promise<View | null> {
  const mine = (await views(db(), "round", me())).filter((view) => isMine(view, me()));
  return mine.sort((a, b) => (a.id < b.id ? 1 : -1))[0] ?? null;
}

/** 开始巡查. Gives the round's id, or null where this phone would not write. */
export async function begin({ book, place, kind, with: code, leader }: Beginning): Promise<string | null> {
  const id = newKey();
  const at = nowText();
  const members: Fields = { [me()]: { at } };
  if (leader) members[leader] = {};
  const set: Fields = { place_id: place, kind, status: { from: null, to: "active", cycle: 1 }, started_at: at, members };
  if (code) set.with_code = code;
  // What was written on it since would be left without its round.
  const mayGo = async (): Promise<boolean> => (await one(db(), id, me()))?.view.pending === 1;
  const home = (): unknown => (location.hash = "#/");
  if (!(await keep([creation("round", id, book, set)], t("phone.round.did.started"), { mayGo, takenBack: home }))) return null;
  await db().set("round_kind", kind);
  return id;
}

/** A round that was planned is taken up. */
export async function takeUp(plan: View): Promise<boolean> {
  const found = await one(db(), plan.id, me());
  if (!found) return false;
  const at = nowText();
  const status = { from: "planned", to: "active", cycle: standpoint(found.view).cycle };
  return write(found, { status, started_at: at, members: { [me()]: { at } } }, "phone.round.did.started");
}

/** Somebody was there. Twice within ten minutes is once. */
export async function look(round: string, place: string, method: Method): Promise<void> {
  const found = await one(db(), round, me());
  if (!found) return;
  const recent = looksOf(found.view).some((each) => each.place === place && now() - each.at < ONE_LOOK_MS);
  if (!recent) await write(found, { stops: { [newKey()]: { place, method, at: nowText() } } }, "phone.round.did.looked");
}

/** 都正常: everything on the list that nobody found wrong. */
export async function allFine(round: string, place: string): Promise<boolean> {
  const found = await one(db(), round, me());
  if (!found) return false;
  const open = kindOf(found.view).items.filter((item) => checkOf([found.view], place, item.value) !== "bad");
  const checks: Fields = Object.fromEntries(open.map((item) => [checkKey(place, item.value), "fine"]));
  return write(found, { checks }, "phone.round.did.fine");
}

/** One thing, as it was found. `fine` takes back what this walker had called wrong. */
export async function check(round: string, place: string, item: Item, as: "fine" | "bad"): Promise<void> {
  const found = await one(db(), round, me());
  if (!found || checkOf([found.view], place, item.value) === as) return;
  const checks = { [checkKey(place, item.value)]: as };
  if (as === "fine") await write(found, { checks }, "phone.round.did.fine_after_all");
  else await keepQuietly([editOf(found, { checks }, { undo: 0 })]);
}

/** 结束: short where the plan asked for more; the cases reported on the way are named with it. */
export async function end(round: string, tiles: readonly Tile[], at: number = now()): Promise<boolean> {
  const found = await one(db(), round, me());
  if (!found || !isMine(found.view, me())) return false;
  const to = isShort(found.view, tiles) ? "cut_short" : "done";
  const set: Fields = { status: { from: "active", to, cycle: standpoint(found.view).cycle }, ended_at: nowText(at) };
  const cases = await casesOf(round);
  if (cases.length > 0) set.cases = Object.fromEntries(cases.map((each) => [each.id, { place: String(each.fields.place_id) }]));
  const ended = await write(found, set, "phone.round.did.ended", { takenBack: () => goOn(round) });
  if (ended) await endTrack(round, at);
  return ended;
}

/** What was reported on a round, as far as this phone knows. */
export async function casesOf(round: string): Promise<View[]> {
  return (await views(db(), "case", me())).filter((view) => view.fields.round_id === round);
}

/** A word about the round, for whoever looks at it later. */
export async function note(round: string, text: string): Promise<boolean> {
  const found = await one(db(), round, me());
  return found !== null && write(found, { notes: { [newKey()]: { text } } }, "phone.round.did.noted");
}

/** A voice note was not meant so. */
export async function unsay(round: string, sha256: string): Promise<void> {
  const found = await one(db(), round, me());
  if (found) await write(found, { voice: { [sha256]: null } }, "phone.voice.dropped");
}

export async function sayWhyShort(round: string, reason: string): Promise<void> {
  const found = await one(db(), round, me());
  if (found && roundOf(found.view).cut_reason !== reason) await write(found, { cut_reason: reason }, "phone.round.did.noted");
}
