/** What the screens ask. Reads only; every answer has the own unsent edits laid over it. */

import { liveQuery } from "dexie";

import { overlay, type Edit, type View } from "../model/overlay";
import type { BookRecord, HistoryChange } from "../model/wire";
import { open } from "./codec";
import type { Database } from "./database";

/** Call `told` now and whenever what `query` reads has changed, also from another tab. Returns the way to stop. */
export function watch<T>(query: () => Promise<T>, told: (value: T) => void): () => void {
  const subscription = liveQuery(query).subscribe({ next: told, error: () => undefined });
  return () => subscription.unsubscribe();
}

/** All records of one type that are on this phone, own creations among them. */
export async function views(db: Database, type: string, account: string): Promise<View[]> {
  return db.transaction("r", [db.records, db.outbox, db.journal], async () => {
    const rows = await db.records.where("type").equals(type).filter((row) => row.aside === 0).toArray();
    const records = new Map(rows.map((row) => [row.id, open(row.body)]));
    const edits = byRecord((await allEdits(db)).filter((edit) => edit.change.type === type));
    const ids = new Set([...records.keys(), ...edits.keys()]);
    const found = [...ids].map((id) => overlay(records.get(id), edits.get(id) ?? [], { account }));
    return found.filter((view): view is View => view !== undefined && !view.void);
  });
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
    const row = await db.records.get(id);
    const sent = (await db.journal.where("record").equals(id).toArray()).map((each) => each.id);
    const edits = (await allEdits(db)).filter((edit) => edit.change.record === id);
    const view = overlay(row && open(row.body), edits, { account });
    if (!view) return null;
    const knew = [...sent, ...edits.map((edit) => edit.change.id)].sort().at(-1) ?? null;
    return { view, seen: row?.seq ?? 0, knew, aside: row?.aside === 1 };
  });
}

async function allEdits(db: Database): Promise<Edit[]> {
  const answered = (await db.journal.filter((row) => row.laid === 1).toArray()).map((row) => open(row.body));
  const sent = answered.map(({ change, receipt }): Edit => ({ change, seq: receipt.seq }));
  const unsent = (await db.outbox.toArray()).map((row): Edit => ({ change: open(row.body), seq: null }));
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
