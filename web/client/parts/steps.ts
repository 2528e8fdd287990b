/** One-tap steps of a case: each an ordinary edit, saved here at once, sent when there is a line. */

import { app, db, me, nowText } from "../app";
import { offered, standpoint } from "../model/case";
import type { DeclaredStep } from "../model/declared";
import type { Fields } from "../model/wire";
import { one, type OneView } from "../store/reads";
import { noteSeen, write } from "./keep";

export const myRoles = (): string[] => app.account?.session.account.roles.map((each) => each.role) ?? [];

/** Whose home is not 今天: a captain's is the stairway, a guard's the duty. */
export const otherHome = (): "stairs" | "duty" | null => (myRoles().includes("building_captain") ? "stairs" : myRoles().includes("school_guard") ? "duty" : null);

export function stepsOf(found: OneView): DeclaredStep[] {
  return offered(found.view, me(), myRoles());
}

export async function takeStep(record: string, to: string): Promise<boolean> {
  const found = await one(db(), record, me());
  if (!found) return false;
  const { status, cycle } = standpoint(found.view);
  const step = stepsOf(found).find((each) => each.to === to);
  if (!step) return false;
  const set: Fields = { status: { from: status, to, cycle: cycle + step.cycle } };
  if (to === "working" && step.cycle === 0 && !found.view.fields.handler) set.handler = me();
  return write(found, set, `phone.did.${to as "accepted" | "working"}`);
}

/** 修好了 / 没修好: the finder's word, and the step that follows from it, in one change. */
export async function giveWord(record: string, ok: boolean): Promise<boolean> {
  const found = await one(db(), record, me());
  if (!found) return false;
  const { status, cycle } = standpoint(found.view);
  const to = ok ? "closed" : "working";
  const set: Fields = { status: { from: status, to, cycle: ok ? cycle : cycle + 1 }, verify: { [me()]: { ok, at: nowText() } } };
  return write(found, set, ok ? "phone.did.closed" : "phone.did.reopened");
}

/** Somebody who decides has opened it: the finder may know (已看过). Quietly, and only the first time. */
export async function markSeen(found: OneView): Promise<void> {
  const { id, by, fields } = found.view;
  const deciding = stepsOf(found).some((step) => step.to === "accepted");
  if (deciding && !fields.seen_at && by !== me() && found.seen > 0) await noteSeen(id, { seen_at: nowText() });
}

export async function rate(record: string, rating: string): Promise<void> {
  const found = await one(db(), record, me());
  if (found) await write(found, { satisfaction: { [me()]: rating } }, "phone.did.rated");
}
