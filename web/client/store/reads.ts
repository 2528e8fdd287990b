/** What the screens ask. Reads only; every answer has the own unsent edits laid over it. */

import { liveQuery } from "dexie";

import { ladder, type Ladder } from "../model/ladder";
import { overlay, type Edit, type View } from "../model/overlay";
import type { BookRecord, Change, HistoryChange, Receipt } from "../model/wire";
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

/** One own change with how far it has come. */
export interface Entry {
  change: Change;
  receipt: Receipt | null;
  ladder: Ladder;
  /** When it was answered, ms. */
  at: number | null;
  reason: string | null;
  errors: Receipt["errors"];
  putAside: boolean;
}

/** Own changes, newest first: refused ones, unsent ones and those of the last 30 days. */
export async function entries(db: Database): Promise<Entry[]> {
  return db.transaction("r", [db.outbox, db.journal, db.refused, db.uploads, db.records], async () => {
    const facts = await entryFacts(db);
    const found: Entry[] = [];
    for (const row of await db.refused.toArray()) {
      const { change, reason, errors } = open(row.body);
      found.push({ ...facts(change, null), at: row.at, reason, errors, putAside: row.put_aside === 1, ladder: refusedLadder() });
    }
    for (const row of await db.journal.toArray()) {
      const { change, receipt } = open(row.body);
      found.push({ ...facts(change, receipt), at: row.answered_at });
    }
    for (const row of await db.outbox.toArray()) found.push(facts(open(row.body), null));
    return found.sort((a, b) => (a.change.id < b.change.id ? 1 : -1));
  });
}

const refusedLadder = (): Ladder => ({ rung: "phone", rungs: ["phone", "text", "seen"], stop: "refused" });

async function entryFacts(db: Database): Promise<(change: Change, receipt: Receipt | null) => Entry> {
  const uploads = new Map<string, { all: number; left: number }>();
  await db.uploads.each((row) => {
    const counts = uploads.get(row.change) ?? { all: 0, left: 0 };
    counts.all += 1;
    if (row.state === "waiting") counts.left += 1;
    uploads.set(row.change, counts);
  });
  const seen = new Set<string>();
  await db.records.where("type").equals("case").each((row) => {
    if (open(row.body).fields.seen_at) seen.add(row.id);
  });
  return (change, receipt) => {
    const { all, left } = uploads.get(change.id) ?? { all: 0, left: 0 };
    const isSeen = change.create === true && seen.has(change.record);
    const outcome = receipt?.outcome ?? null;
    return {
      change, receipt, at: null, reason: receipt?.reason ?? null, errors: null, putAside: false,
      ladder: ladder({ outcome, pictures: all, picturesLeft: left, seen: isSeen }),
    };
  };
}

export interface Counts {
  unsent: number;
  pictures: number;
  /** Refused ones that nobody has put aside. */
  refused: number;
  held: number;
  /** Ids grow with time: the oldest unsent change. */
  oldest: string | null;
}

export async function counts(db: Database): Promise<Counts> {
  return db.transaction("r", [db.outbox, db.journal, db.refused, db.uploads], async () => {
    const unsent = await db.outbox.orderBy("id").primaryKeys();
    const pictures = await db.uploads.where("state").equals("waiting").filter((row) => row.kind === "full").count();
    const refused = await db.refused.filter((row) => row.put_aside === 0).count();
    const held = await db.journal.filter((row) => open(row.body).receipt.outcome === "held").count();
    return { unsent: unsent.length, pictures, refused, held, oldest: unsent[0] ?? null };
  });
}

export async function setAside(db: Database): Promise<BookRecord[]> {
  return (await db.records.filter((row) => row.aside === 1).toArray()).map((row) => open(row.body));
}

export async function trail(db: Database, record: string): Promise<HistoryChange[]> {
  const row = await db.trails.get(record);
  return row ? open(row.body) : [];
}
