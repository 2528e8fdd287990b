/** One tap becomes one frozen change a record: id made, form checked, outbox written, all in one strict transaction (L4). */

import { withoutNumbers } from "../model/identity";
import { nextId } from "../model/ids";
import { clean } from "../model/text";
import type { Change, Fields } from "../model/wire";
import { open, seal } from "./codec";
import type { Database } from "./database";
import { readMarker, writeMarker } from "./marker";
import type { Sheet } from "./sheets";
import type { Draft, OutboxRow, Picture, UploadRow, Voice } from "./rows";

export const UNDO_MS = 10_000;

/** It can still be taken back. A clock that was set back makes nobody wait longer than the ten seconds. */
export function undoable(row: { after: number }, now: number): boolean {
  return row.after > now && row.after <= now + UNDO_MS;
}

export interface NewEdit {
  book: string;
  record: string;
  type: string;
  schema: number;
  create?: boolean;
  set?: Fields;
  void?: boolean;
  /** The record's seq as it was pulled and shown when the form was opened; 0 if never pulled. */
  seen: number;
  /** Newest own change of this record that the form knew of. */
  knew: string | null;
  pictures?: Picture[];
  voices?: Voice[];
  /** The draft that this change was written in; it leaves the fault notebook in the same transaction. */
  draft?: string;
  /** The half-answered questions that this change was made of; they leave the phone in the same transaction. */
  sheet?: string;
  /** Refused changes that this one is sent in place of. */
  mends?: readonly string[];
  /** It bears a number that this phone counts under `key`; `words` says how. */
  numbered?: { key: string; words: (n: number) => Fields };
  /** What the phone remembers for the next form, by key of the table `meta`; written in the same transaction. */
  remember?: { [key: string]: unknown };
  /** Milliseconds in which it may be taken back before it is sent. */
  undo?: number;
}

/** An own change of the same fields is newer than the form: it has to be shown first. */
export class NewerOwnChange extends Error {
  constructor(readonly change: Change) {
    super("an own change is newer than the form");
  }
}

export interface Clocks {
  /** The phone's own milliseconds. */
  now(): number;
  /** How far the phone's clock is ahead of the server's, as last measured. */
  skew(): number;
}

export async function save(db: Database, account: string, edit: NewEdit, clocks: Clocks): Promise<Change> {
  return (await saveAll(db, account, [edit], clocks))[0]!;
}

/** What one tap means for several records (a tick and its answers, a sheet of ticks): all of it is saved, or nothing. */
export async function saveAll(db: Database, account: string, edits: readonly NewEdit[], clocks: Clocks): Promise<Change[]> {
  const { changes, unsent } = await db.run(() =>
    db.transaction("rw", [db.outbox, db.journal, db.uploads, db.drafts, db.sheets, db.refused, db.meta], async () => {
      const before = db.outbox.count(); // asked with the rest, not after it
      const made: Change[] = [];
      for (const edit of edits) made.push(await saveOne(db, account, edit, clocks));
      return { changes: made, unsent: (await before) + made.length };
    }),
  );
  note(account, unsent, changes.at(-1)?.id ?? null);
  say(db, { written: changes, gone: [] });
  return changes;
}

/** What has just been written or taken back here, and is durable: whoever shows it need not ask the disk first. */
export interface OwnNews {
  written: readonly Change[];
  gone: readonly string[];
}

const listeners = new WeakMap<Database, (news: OwnNews) => void>();
const say = (db: Database, news: OwnNews): void => listeners.get(db)?.(news);

export function onOwn(db: Database, heard: (news: OwnNews) => void): void {
  listeners.set(db, heard);
}

/** Two rounds with the disk, one that reads and one that writes: on a slow phone each costs the person a moment. */
async function saveOne(db: Database, account: string, edit: NewEdit, clocks: Clocks): Promise<Change> {
  const { numbered } = edit;
  const asked = ["newest", "epoch", ...(numbered ? [numbered.key] : [])];
  const [newest, epoch, count] = (await Promise.all([db.meta.bulkGet(asked), refuseIfNewer(db, edit)]))[0].map((row) => row?.value);
  const n = Number(count ?? 0) + 1;
  const whole = numbered ? { ...edit, set: { ...edit.set, ...numbered.words(n) } } : edit;
  const made = freeze(account, whole, clocks, (newest as string | undefined) ?? null, (epoch as string | undefined) ?? null);
  const remember = { newest: made.id, ...(numbered ? { [numbered.key]: n } : {}), ...edit.remember };
  const remembered = Object.entries(remember).map(([key, value]) => ({ key, value }));
  await Promise.all([
    db.outbox.add(outboxRow(made, clocks.now() + (edit.undo ?? 0))),
    db.meta.bulkPut(remembered),
    db.uploads.bulkPut(uploadsOf(made, edit)),
    edit.draft && db.drafts.delete(edit.draft),
    edit.sheet && db.sheets.delete(edit.sheet),
    ...(edit.mends ?? []).map((id) => db.refused.update(id, { mended: made.id })),
  ]);
  return made;
}

async function refuseIfNewer(db: Database, edit: NewEdit): Promise<void> {
  const [rows, answered] = await Promise.all([db.outbox.where("record").equals(edit.record).toArray(), db.journal.where("record").equals(edit.record).toArray()]);
  const own = [...rows.map((row) => open(row.body)), ...answered.map((row) => open(row.body).change)];
  const newer = own.find((change) => change.id > (edit.knew ?? "") && touchesSame(change, edit));
  if (newer) throw new NewerOwnChange(newer);
}

function touchesSame(change: Change, edit: NewEdit): boolean {
  if (change.void !== undefined && edit.void !== undefined) return true;
  return Object.keys(edit.set ?? {}).some((field) => field in (change.set ?? {}));
}

function freeze(account: string, edit: NewEdit, clocks: Clocks, newest: string | null, epoch: string | null): Change {
  // The marker outlives the database: ids go on above it even where the browser threw the book away (X7).
  const floor = [newest, readMarker(account)?.last ?? null];
  const id = nextId(floor.reduce((a, b) => ((a ?? "") > (b ?? "") ? a : b)), clocks.now());
  const change: Change = {
    id, book: edit.book, record: edit.record, type: edit.type, schema: edit.schema,
    epoch, seen: edit.seen,
    made_at: new Date(clocks.now() - clocks.skew()).toISOString(),
  };
  if (edit.create) change.create = true;
  if (edit.set) change.set = withoutNumbers(clean(edit.set));
  if (edit.void !== undefined) change.void = edit.void;
  return change;
}

function outboxRow(change: Change, after: number): OutboxRow {
  return { id: change.id, record: change.record, book: change.book, after, body: seal(change) };
}

function uploadsOf(change: Change, { pictures = [], voices = [] }: NewEdit): UploadRow[] {
  const of = { change: change.id, record: change.record, book: change.book, state: "waiting" as const, url: null };
  const seen = pictures.flatMap(({ sha256, preview, type, bytes, preview_bytes = 0 }): UploadRow[] => [
    { ...of, sha256: preview, kind: "preview", size: preview_bytes, type },
    { ...of, sha256, kind: "full", size: bytes, type },
  ]);
  return [...seen, ...voices.map(({ sha256, type, bytes }): UploadRow => ({ ...of, sha256, kind: "voice", size: bytes, type }))];
}

/**
 * Take a change back that was not sent yet; a report goes back into the fault notebook as `draft`, in the same
 * transaction. Returns the change, or null when it is already on its way.
 */
export async function takeBack(
  db: Database, account: string, id: string, now: number, draft?: Draft,
): Promise<Change | null> {
  return (await takeBackAll(db, account, [id], now, { draft }))?.[0] ?? null;
}

/** All that one tap has saved, or nothing: null when a part of it is already on its way. The form comes back with it. */
export async function takeBackAll(
  db: Database, account: string, ids: readonly string[], now: number, { draft, sheet }: { draft?: Draft | undefined; sheet?: Sheet | undefined } = {},
): Promise<Change[] | null> {
  const changes = await db.run(() =>
    db.transaction("rw", [db.outbox, db.uploads, db.drafts, db.sheets, db.refused], async () => {
      const rows = await db.outbox.bulkGet([...ids]);
      if (rows.some((row) => !row || !undoable(row, now))) return null;
      for (const id of ids) await takeOut(db, id);
      if (draft) await db.drafts.put({ id: draft.id, changed_at: now, binned: 0, body: seal(draft) });
      if (sheet) await db.sheets.put({ id: sheet.id, changed_at: now, body: seal(sheet) });
      return rows.map((row) => open(row!.body));
    }),
  );
  if (changes) say(db, { written: [], gone: ids });
  await mark(db, account);
  return changes;
}

async function takeOut(db: Database, id: string): Promise<void> {
  await db.outbox.delete(id);
  const mended = await db.refused.filter((refused) => refused.mended === id).toArray();
  const uploads = db.uploads.where("change").equals(id);
  // The pictures of what was mended belong to it again: it still stands, and must not lose them.
  if (mended[0]) await uploads.modify({ change: mended[0].id });
  else await uploads.delete();
  await db.refused.filter((refused) => refused.mended === id).modify({ mended: null });
}

/** The person is leaving the page: what could still be taken back goes out now. */
export async function letGo(db: Database): Promise<void> {
  await db.run(() => db.outbox.toCollection().modify({ after: 0 }));
}

/** Note outside the database how much is unsent. */
export async function mark(db: Database, account: string): Promise<void> {
  const [unsent, newest] = await Promise.all([db.outbox.count(), db.get<string>("newest")]);
  note(account, unsent, newest);
}

function note(account: string, unsent: number, last: string | null): void {
  if (last) writeMarker(account, { unsent, last, at: new Date().toISOString() });
}
