/** What a tap writes: saved here as one, said, and for ten seconds taken back as one. */

import { clocks, db, me, wake } from "../app";
import { TYPES } from "../model/declared";
import { anyHolds } from "../model/identity";
import { nextId } from "../model/ids";
import type { Change, Fields } from "../model/wire";
import { NotSaved } from "../store/database";
import { one, type OneView } from "../store/reads";
import { NewerOwnChange, saveAll, takeBackAll, UNDO_MS, type NewEdit } from "../store/save";
import type { Sheet } from "../store/sheets";
import { t, type Key } from "../words";
import { hush, tell, type Choice } from "./toast";

export const newKey = (): string => nextId(null, Date.now());

/** A new record. */
export function creation(type: string, record: string, book: string, set: Fields, more: Partial<NewEdit> = {}): NewEdit {
  return { book, record, type, schema: TYPES[type]!.schema, create: true, seen: 0, knew: null, set, undo: UNDO_MS, ...more };
}

/** An edit of a record as it is shown. */
export function editOf({ view, seen, knew }: OneView, set: Fields, more: Partial<NewEdit> = {}): NewEdit {
  return { book: view.book, record: view.id, type: view.type, schema: TYPES[view.type]!.schema, seen, knew, set, undo: UNDO_MS, ...more };
}

/** An edit of a record as it stands now; null where it is not on this phone any more. */
export async function edition(record: string, set: Fields, more: Partial<NewEdit> = {}): Promise<NewEdit | null> {
  const found = await one(db(), record, me());
  return found && editOf(found, set, more);
}

export interface Keeping {
  /** What else it could have been: offered beside the way back, and given it. */
  choices?: (back: () => Promise<boolean>) => Choice[];
  /** The half-answered questions that it was made of: they come back with it. */
  sheet?: Sheet;
  /** Whether it may still go: what others have built on it would be left without it. */
  mayGo?: () => Promise<boolean>;
  /** What follows when it was taken back. */
  takenBack?: () => unknown;
}

/** Save as one, say so, and take back as one. Null where it could not be: why is said. */
export async function keep(edits: readonly (NewEdit | null)[], said: string, more: Keeping = {}): Promise<Change[] | null> {
  hush(); // what takes back the tap before is not meant for this one
  const sound = edits.filter((edit): edit is NewEdit => edit !== null);
  if (sound.length === 0) {
    tell(t("phone.case.gone"), "again");
    return null;
  }
  const changes = await keepQuietly(sound);
  if (!changes) return null;
  const back = (): Promise<boolean> => takenBack(changes, more);
  tell(toldOf(sound, said), "done", async () => void (await back()), more.choices?.(back));
  return changes;
}

/** What was left out of the words is said beside them. */
const toldOf = (edits: readonly NewEdit[], said: string): string => (edits.some((edit) => anyHolds(edit.set)) ? t("phone.id_number.left_out", { said }) : said);

/** The same without a word, and without a way back; where it could not be, why is said. */
export async function keepQuietly(edits: readonly NewEdit[]): Promise<Change[] | null> {
  try {
    const changes = await saveAll(db(), me(), edits, clocks);
    wake();
    return changes;
  } catch (error) {
    if (error instanceof NewerOwnChange) tell(t("phone.newer_own"), "again");
    else if (error instanceof NotSaved) tell(t("phone.not_saved"), "urgent");
    else throw error;
    return null;
  }
}

async function takenBack(changes: readonly Change[], { sheet, mayGo, takenBack: then }: Keeping): Promise<boolean> {
  const ids = changes.map((change) => change.id);
  const back = (mayGo === undefined || (await mayGo())) && (await takeBackAll(db(), me(), ids, Date.now(), { sheet })) !== null;
  if (back) await then?.();
  else tell(t("phone.too_late"), "again");
  return back;
}

/** What nobody asked for and nobody need know of: it was looked at. A full phone notes it the next time. */
export async function noteSeen(record: string, set: Fields): Promise<void> {
  const edit = await edition(record, set, { undo: 0 });
  try {
    if (edit) await saveAll(db(), me(), [edit], clocks);
  } catch (error) {
    if (error instanceof NotSaved || error instanceof NewerOwnChange) return;
    throw error;
  }
  wake();
}

/** Write `set` to a record as it is shown. */
export async function write(found: OneView, set: Fields, said: Key, more: Keeping = {}): Promise<boolean> {
  return (await keep([editOf(found, set)], t(said), more)) !== null;
}
