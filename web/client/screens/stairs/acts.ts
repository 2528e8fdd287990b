/** One tap at a door: everything it means is saved at once, and comes back as a whole for ten seconds. */

import { app, clocks, db, me, wake } from "../../app";
import { TYPES } from "../../model/declared";
import { nextId } from "../../model/ids";
import { isSettled, outcomeOf, standOf, untick, type TaskState } from "../../model/task";
import type { Change, Fields } from "../../model/wire";
import { hush, tell, type Choice } from "../../parts/toast";
import { NotSaved } from "../../store/database";
import { one, type OneView } from "../../store/reads";
import { NewerOwnChange, saveAll, takeBackAll, UNDO_MS, type NewEdit } from "../../store/save";
import type { Sheet } from "../../store/sheets";
import { t } from "../../words";

export const now = (): string => new Date(Date.now() - app.skew).toISOString();

export function editOf({ view, seen, knew }: OneView, set: Fields, more: Partial<NewEdit> = {}): NewEdit {
  return { book: view.book, record: view.id, type: view.type, schema: TYPES[view.type]!.schema, seen, knew, set, undo: UNDO_MS, ...more };
}

/** Save these edits as one. Null where they could not be: why is said. */
export async function keep(edits: readonly NewEdit[]): Promise<Change[] | null> {
  try {
    const changes = await saveAll(db(), me(), edits, clocks);
    await wake();
    return changes;
  } catch (error) {
    if (error instanceof NewerOwnChange) tell(t("phone.newer_own"), "again");
    else if (error instanceof NotSaved) tell(t("phone.not_saved"), "urgent");
    else throw error;
    return null;
  }
}

/** Say it, with the way back. */
export function say(words: string, changes: readonly Change[], choices: Choice[] = [], sheet?: Sheet, then?: () => Promise<unknown>): void {
  const ids = changes.map((change) => change.id);
  tell(words, "done", async () => {
    if (await takeBackAll(db(), me(), ids, Date.now(), { sheet })) await then?.();
    else tell(t("phone.too_late"), "again");
  }, choices);
}

/** 好了, 没人在, 不愿意: false where nothing was to be done, or nothing could be kept. */
export async function tick(task: string, door: string, to: TaskState): Promise<boolean> {
  hush(); // what is offered below the last door is not meant for this one
  const found = await one(db(), task, me()); // as it stands now, not as it was drawn
  const set = found && outcomeOf(found.view, to, { account: me(), at: now(), id: nextId(null, Date.now()) });
  if (!found || !set) return false;
  const changes = await keep([editOf(found, set)]);
  if (changes) say(t(`phone.stairs.did.${to}`, { door }), changes, instead(task, door, to, changes));
  return changes !== null;
}

/** Right after a tick: it was the other thing. */
function instead(task: string, door: string, to: TaskState, changes: readonly Change[]): Choice[] {
  const others = (["not_home", "declined"] as const).filter((other) => other !== to && to === "done");
  return others.map((other) => ({
    words: t(`phone.stairs.mark.${other}`),
    act: async () => {
      const back = await takeBackAll(db(), me(), changes.map((change) => change.id), Date.now());
      if (!back) tell(t("phone.too_late"), "again");
      else await tick(task, door, other);
    },
  }));
}

/** 改一下: it stands as if nobody had been there. */
export async function setBack(task: string, door: string, reason: string): Promise<void> {
  const found = await one(db(), task, me());
  if (!found || standOf(found.view).status === "todo") return;
  const changes = await keep([editOf(found, untick(found.view, reason))]);
  if (changes) say(t("phone.stairs.did.todo", { door }), changes);
}

/** A paper sheet came back: as many single changes, one batch, undone as one. */
export async function tickAll(tasks: readonly string[]): Promise<boolean> {
  const batch = nextId(null, Date.now());
  const at = now();
  const edits: NewEdit[] = [];
  let id = batch;
  for (const task of tasks) {
    const found = await one(db(), task, me());
    id = nextId(id, Date.now());
    const set = found && !isSettled(standOf(found.view).status) && outcomeOf(found.view, "done", { account: me(), at, id, batch });
    if (found && set) edits.push(editOf(found, set));
  }
  const changes = edits.length > 0 ? await keep(edits) : null;
  if (changes) say(t("phone.stairs.batch_done", { n: changes.length }), changes);
  return changes !== null;
}

/** They take their consent back: the answers are erased for everybody as soon as there is a line. */
export async function withdraw(response: string, door: string): Promise<void> {
  const found = await one(db(), response, me());
  const consent = found?.view.fields.consent as Fields | undefined;
  if (!found || !consent) return;
  const changes = await keep([editOf(found, { consent: { ...consent, withdrawn_at: now() } })]);
  if (changes) say(t("phone.stairs.door.withdrawn", { door }), changes);
}
