/** One tap at a door: everything it means is saved at once, and comes back as a whole for ten seconds. */

import { db, me, nowText } from "../../app";
import { nextId } from "../../model/ids";
import { isSettled, outcomeOf, standOf, untick, type TaskState } from "../../model/task";
import type { Fields } from "../../model/wire";
import { editOf, keep, newKey } from "../../parts/keep";
import { hush, type Choice } from "../../parts/toast";
import { one } from "../../store/reads";
import type { NewEdit } from "../../store/save";
import { t } from "../../words";

/** 好了, 没人在, 不愿意: false where nothing was to be done, or nothing could be kept. */
export async function tick(task: string, door: string, to: TaskState): Promise<boolean> {
  hush(); // what is offered below the last door is not meant for this one
  const found = await one(db(), task, me()); // as it stands now, not as it was drawn
  const set = found && outcomeOf(found.view, to, { account: me(), at: nowText(), id: newKey() });
  if (!found || !set) return false;
  return (await keep([editOf(found, set)], t(`phone.stairs.did.${to}`, { door }), { choices: (back) => instead(task, door, to, back) })) !== null;
}

/** Right after a tick: it was the other thing. */
function instead(task: string, door: string, to: TaskState, back: () => Promise<boolean>): Choice[] {
  const others = (["not_home", "declined"] as const).filter((other) => other !== to && to === "done");
  return others.map((other) => ({
    words: t(`phone.stairs.mark.${other}`),
    act: async () => {
      if (await back()) await tick(task, door, other);
    },
  }));
}

/** 改一下: it stands as if nobody had been there. */
export async function setBack(task: string, door: string, reason: string): Promise<void> {
  const found = await one(db(), task, me());
  if (!found || standOf(found.view).status === "todo") return;
  await keep([editOf(found, untick(found.view, reason))], t("phone.stairs.did.todo", { door }));
}

/** A paper sheet came back: as many single changes, one batch, undone as one. */
export async function tickAll(tasks: readonly string[]): Promise<boolean> {
  const batch = nextId(null, Date.now());
  const at = nowText();
  const edits: NewEdit[] = [];
  let id = batch;
  for (const task of tasks) {
    const found = await one(db(), task, me());
    id = nextId(id, Date.now());
    const set = found && !isSettled(standOf(found.view).status) && outcomeOf(found.view, "done", { account: me(), at, id, batch });
    if (found && set) edits.push(editOf(found, set));
  }
  return edits.length > 0 && (await keep(edits, t("phone.stairs.batch_done", { n: edits.length }))) !== null;
}

/** They take their consent back: the answers are erased for everybody as soon as there is a line. */
export async function withdraw(response: string, door: string): Promise<void> {
  const found = await one(db(), response, me());
  const consent = found?.view.fields.consent as Fields | undefined;
  if (!found || !consent) return;
  await keep([editOf(found, { consent: { ...consent, withdrawn_at: nowText() } })], t("phone.stairs.door.withdrawn", { door }));
}
