/** One-tap steps of a case: each an ordinary edit, saved here at once, sent when there is a line. */

import { app, clocks, db, me, wake } from "../app";
import { offered, standpoint } from "../model/case";
import type { DeclaredStep } from "../model/declared";
import { TYPES } from "../model/declared";
import type { Fields } from "../model/wire";
import { NotSaved } from "../store/database";
import { one, type OneView } from "../store/reads";
import { NewerOwnChange, save, takeBack, UNDO_MS } from "../store/save";
import { t, type Key } from "../words";
import { tell } from "./toast";

export const myRoles = (): string[] => app.account?.session.account.roles.map((each) => each.role) ?? [];

export function stepsOf(found: OneView): DeclaredStep[] {
  return offered(found.view, me(), myRoles());
}

/** Write `set` to a case as it is shown now, and say so with ten seconds to take it back. */
export async function write(found: OneView, set: Fields, said: Key, takenBack?: () => Promise<void>): Promise<boolean> {
  const { id, book, type } = found.view;
  const edit = { book, record: id, type, schema: TYPES[type]!.schema, seen: found.seen, knew: found.knew, set, undo: UNDO_MS };
  try {
    const change = await save(db(), me(), edit, clocks);
    await wake();
    tell(t(said), "done", async () => {
      if (await takeBack(db(), me(), change.id, Date.now())) await takenBack?.();
      else tell(t("phone.too_late"), "again");
    });
    return true;
  } catch (error) {
    if (error instanceof NewerOwnChange) tell(t("phone.newer_own"), "again");
    else if (error instanceof NotSaved) tell(t("phone.not_saved"), "urgent");
    else throw error;
    return false;
  }
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
  const at = new Date(Date.now() - app.skew).toISOString();
  const to = ok ? "closed" : "working";
  const set: Fields = { status: { from: status, to, cycle: ok ? cycle : cycle + 1 }, verify: { [me()]: { ok, at } } };
  return write(found, set, ok ? "phone.did.closed" : "phone.did.reopened");
}

/** Somebody who decides has opened it: the finder may know (已看过). Quietly, and only the first time. */
export async function markSeen(found: OneView): Promise<void> {
  const { id, book, type, by, fields } = found.view;
  const deciding = stepsOf(found).some((step) => step.to === "accepted");
  if (!deciding || fields.seen_at || by === me() || found.seen === 0) return;
  const set = { seen_at: new Date(Date.now() - app.skew).toISOString() };
  try {
    await save(db(), me(), { book, record: id, type, schema: TYPES[type]!.schema, seen: found.seen, knew: found.knew, set }, clocks);
  } catch (error) {
    if (error instanceof NotSaved) return; // nothing of anybody's: a full phone notes it the next time
    throw error;
  }
  await wake();
}

export async function rate(record: string, rating: string): Promise<void> {
  const found = await one(db(), record, me());
  if (found) await write(found, { satisfaction: { [me()]: rating } }, "phone.did.rated");
}
