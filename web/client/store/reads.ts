/** What the screens ask. Reads only; every answer has the own unsent edits laid over it. */

import Dexie, { liveQuery } from "dexie";

import { overlay, type Edit, type View } from "../model/overlay";
import type { BookRecord, HistoryChange } from "../model/wire";
import { answered } from "./answered";
import { open } from "./codec";
import type { Database } from "./database";
import type { JournalRow, OutboxRow } from "./rows";
import { pulseOf, shelved, type Shelved } from "./shelf";

/** Call `told` now and whenever what `query` reads has changed, also from another tab; `first` may come before it is read. Returns the way to stop. */
export function watch<T>(query: () => Promise<T>, told: (value: T) => void, first?: () => Promise<void>): () => void {
  // Through Dexie's own promise: whatever is read after it still counts as read by the one who watches.
  const subscription = liveQuery(first ? () => Dexie.Promise.resolve(first()).then(query) : query).subscribe({ next: told, error: () => undefined });
  return () => subscription.unsubscribe();
}

/** All records of one type that are on this phone, own creations among them. Nobody changes what they are given: others read the same. */
export async function views(db: Database, type: string, account: string): Promise<View[]> {
  // Edits and pulse are one moment; the records may be younger: an edit that they carry already lies over them once more.
  const [all, pulse] = await db.transaction("r", [db.outbox, db.journal, db.meta], () => Promise.all([allEdits(db), pulseOf(db, type)]));
  return laidOver(await shelved(db, type, pulse), all.filter((edit) => edit.change.type === type), account);
}

/** The records of a type with the own edits of that type over them. */
export function laidOver({ views: records, list }: Shelved, own: Edit[], account: string): View[] {
  const edits = byRecord(own);
  if (edits.size === 0) return list;
  const touched = [...edits].map(([id, each]) => overlay(records.get(id), each, { account }));
  return [...list.filter((view) => !edits.has(view.id)), ...touched.filter((view): view is View => view !== undefined && !view.void)];
}

export interface OneView {
  view: View;
  /** The record's seq as pulled: what a form opened now has seen. */
  seen: number;
  /** Newest own change of this record. */
  knew: string | null;
  aside: boolean;
}

export async function one(db: Database, id: string, account: string): Promise<OneView | null> {
  return db.transaction("r", [db.records, db.outbox, db.journal], async () => {
    const [row, sent, unsent] = await Promise.all([db.records.get(id), db.journal.where("record").equals(id).toArray(), db.outbox.where("record").equals(id).toArray()]);
    const view = overlay(row && open(row.body), editsOf(sent.filter((each) => each.laid === 1), unsent), { account });
    if (!view) return null;
    const knew = [...sent, ...unsent].map((each) => each.id).sort().at(-1) ?? null;
    return { view, seen: row?.seq ?? 0, knew, aside: row?.aside === 1 };
  });
}

async function allEdits(db: Database): Promise<Edit[]> {
  // All rows in one go: a cursor with a filter costs a round trip through the browser for each.
  const [sent, unsent] = await Promise.all([answered(db), db.outbox.toArray()]);
  return editsOf(sent.filter((row) => row.laid === 1), unsent);
}

/** Of answered and of unsent changes, oldest first. */
export function editsOf(sentRows: readonly JournalRow[], outbox: readonly OutboxRow[]): Edit[] {
  const sent = sentRows.map((row) => open(row.body)).map(({ change, receipt }): Edit => ({ change, seq: receipt.seq }));
  const unsent = outbox.map((row): Edit => ({ change: open(row.body), seq: null }));
  return [...sent, ...unsent].sort((a, b) => (a.change.id < b.change.id ? -1 : 1));
}

function byRecord(edits: Edit[]): Map<string, Edit[]> {
  const found = new Map<string, Edit[]>();
  for (const edit of edits) found.set(edit.change.record, [...(found.get(edit.change.record) ?? []), edit]);
  return found;
}

export async function setAside(db: Database): Promise<BookRecord[]> {
  return (await db.records.filter((row) => row.aside === 1).toArray()).map((row) => open(row.body));
}

export async function trail(db: Database, record: string): Promise<HistoryChange[]> {
  const row = await db.trails.get(record);
  return row ? open(row.body) : [];
}

/** These records and no others, by id: a stairway opens at once, however many doors lie on the phone. */
export async function some(db: Database, ids: readonly string[], account: string): Promise<Map<string, OneView>> {
  const wanted = new Set(ids);
  return db.transaction("r", [db.records, db.outbox, db.journal], async () => {
    // What was written here is little and mostly in memory: to look for each id in it would cost a round trip for each.
    const [rows, allSent, allUnsent] = await Promise.all([db.records.bulkGet([...ids]), answered(db), db.outbox.toArray()]);
    const [sent, unsent] = [allSent.filter((row) => wanted.has(row.record)), allUnsent.filter((row) => wanted.has(row.record))];
    const edits = byRecord(editsOf(sent.filter((row) => row.laid === 1), unsent));
    const newest = new Map<string, string>();
    for (const row of [...sent, ...unsent]) if (row.id > (newest.get(row.record) ?? "")) newest.set(row.record, row.id);
    const found = new Map<string, OneView>();
    ids.forEach((id, index) => {
      const row = rows[index];
      const view = overlay(row && open(row.body), edits.get(id) ?? [], { account });
      if (view && !view.void) found.set(id, { view, seen: row?.seq ?? 0, knew: newest.get(id) ?? null, aside: row?.aside === 1 });
    });
    return found;
  });
}
