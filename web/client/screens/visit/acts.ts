/** One tap at a door: everything it means is saved at once, and comes back as a whole for ten seconds. */

import { app, clocks, db, me, wake } from "../../app";
import { TYPES } from "../../model/declared";
import { nextId } from "../../model/ids";
import type { BookInfo, Fields } from "../../model/wire";
import { goingsOf, stateAfter, type Outcome } from "../../model/visits";
import { tell } from "../../parts/toast";
import { NotSaved } from "../../store/database";
import { one } from "../../store/reads";
import { NewerOwnChange, saveAll, takeBackAll, UNDO_MS, type NewEdit } from "../../store/save";
import { t } from "../../words";

export const now = (): number => Date.now() - app.skew;
export const nowText = (): string => new Date(now()).toISOString();
export const newKey = (): string => nextId(null, Date.now());

/** The book that a place's records stand in: the place itself, or the one that its own record is in. */
export function bookOf(place: string, spots: ReadonlyMap<string, { book: string }>, books: readonly BookInfo[]): string | null {
  return spots.get(place)?.book ?? books.find((each) => each.book === place)?.book ?? null;
}

/** A new record. */
export function creation(type: string, record: string, book: string, set: Fields): NewEdit {
  return { book, record, type, schema: TYPES[type]!.schema, create: true, seen: 0, knew: null, set, undo: UNDO_MS };
}

/** An edit of a record as it stands now; null where it is not on this phone any more. */
export async function edition(record: string, set: Fields): Promise<NewEdit | null> {
  const found = await one(db(), record, me());
  if (!found) return null;
  const { book, type } = found.view;
  return { book, record, type, schema: TYPES[type]!.schema, seen: found.seen, knew: found.knew, set, undo: UNDO_MS };
}

/** Save as one, say so, and take back as one. False where it could not be: why is said. */
export async function keep(edits: readonly (NewEdit | null)[], said: string, takenBack?: () => unknown): Promise<boolean> {
  const sound = edits.filter((edit): edit is NewEdit => edit !== null);
  try {
    const changes = await saveAll(db(), me(), sound, clocks);
    await wake();
    tell(said, "done", async () => {
      if (await takeBackAll(db(), me(), changes.map((change) => change.id), Date.now())) await takenBack?.();
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

export interface Door {
  place: string;
  book: string;
  purpose: string;
  agreement: string | null;
  /** Who looks in: told to the visit, so that a carer's colleagues see that somebody was there. */
  carers: readonly string[];
  /** In whose words the household asked, where it had said no. */
  asked: string | null;
}

/** Somebody was at the door. `visit` goes on with one that waits; null makes one. Gives its id, or null where nothing was saved. */
export async function went(visit: string | null, door: Door, what: Outcome, takenBack: (id: string) => unknown): Promise<string | null> {
  const found = visit ? await one(db(), visit, me()) : null;
  const id = found?.view.id ?? newKey();
  const stands = found?.view.fields.status as { status: string; cycle: number } | undefined;
  const to = stateAfter(what, found ? goingsOf([found.view]) : []);
  const set: Fields = {
    status: { from: stands?.status ?? null, to, cycle: stands?.cycle ?? 1 },
    outcome: { [newKey()]: { what, by: me(), at: nowText() } },
    visited_by: me(),
    visited_at: nowText(),
  };
  if (door.asked) set.own_request = { how: door.asked, at: nowText() };
  const edit = found ? await edition(id, set) : creation("visit", id, door.book, { ...opening(door), ...set });
  return (await keep([edit], t(`phone.visit.did.${what}`), () => takenBack(id))) ? id : null;
}

function opening({ place, purpose, agreement, carers }: Door): Fields {
  const set: Fields = { place_id: place, purpose };
  if (agreement) set.care_agreement_id = agreement;
  if (carers.length) set.assignees = Object.fromEntries(carers.map((carer) => [carer, { as: "carer" }]));
  return set;
}
