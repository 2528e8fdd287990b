/** What the next call carries: cursors, and the oldest changes that fit. */

import type { Change, Cursor, SyncCall } from "../model/wire";
import { open } from "./codec";
import type { Database } from "./database";
import { undoable } from "./save";

export interface BatchLimits {
  changes: number;
  /** Of JSON text, before gzip. */
  bytes: number;
  /** Records wanted back. */
  records: number;
}

export const LIMITS: BatchLimits = { changes: 500, bytes: 1_500_000, records: 5000 };

export async function nextCall(db: Database, device: string, limits: BatchLimits, now: number): Promise<SyncCall> {
  return db.run(() =>
    db.transaction("r", [db.outbox, db.journal, db.cursors, db.meta], async () => {
      const cursors: { [book: string]: Cursor } = {};
      const [rows, notes, changes] = await Promise.all([db.cursors.toArray(), db.meta.bulkGet(["epoch", "last", "newest"]), oldest(db, limits, now)]);
      for (const row of rows) if (row.cursor) cursors[row.book] = row.cursor;
      const [epoch, last, newest] = notes.map((row) => (row?.value as string | undefined) ?? null) as [string | null, string | null, string | null];
      return { protocol: 1, device, epoch, last, newest, cursors, changes, limit: limits.records };
    }),
  );
}

/** Oldest first; after a restore the journal before the outbox. Ends at the first that can still be taken back. */
async function oldest(db: Database, limits: BatchLimits, now: number): Promise<Change[]> {
  const again = await db.journal.where("resend").equals(1).sortBy("id");
  if (again.length > 0) return fitting(again.map((row) => open(row.body).change), limits);
  const rows = await db.outbox.orderBy("id").limit(limits.changes).toArray();
  const stop = rows.findIndex((row) => undoable(row, now));
  return fitting((stop < 0 ? rows : rows.slice(0, stop)).map((row) => open(row.body)), limits);
}

function fitting(changes: Change[], limits: BatchLimits): Change[] {
  const batch: Change[] = [];
  let bytes = 0;
  for (const change of changes.slice(0, limits.changes)) {
    bytes += JSON.stringify(change).length * 3; // a Chinese character is three bytes on the line
    if (batch.length > 0 && bytes > limits.bytes) break;
    batch.push(change);
  }
  return batch;
}

/** How many changes could go out now, and when the next one of the others may. What waits behind one waits with it. */
export async function waiting(db: Database, now: number): Promise<{ ready: number; next: number | null }> {
  const rows = await db.outbox.orderBy("id").toArray();
  const stop = rows.findIndex((row) => undoable(row, now));
  const later = rows.filter((row) => undoable(row, now)).map((row) => row.after);
  const again = await db.journal.where("resend").equals(1).count();
  return { ready: (stop < 0 ? rows.length : stop) + again, next: later.length > 0 ? Math.min(...later) : null };
}
