/**
 * What a full phone would not store: it is on the screen, it lies here, and every further tap tries to store it again.
 * Nothing of this is called saved.
 */

import { seal } from "./codec";
import type { Database } from "./database";
import type { BytesRow, Draft } from "./rows";

const drafts = new Map<string, Draft>();
const bytes = new Map<string, BytesRow>();

export function holdDraft(draft: Draft): void {
  drafts.set(draft.id, draft);
}

export function heldDraft(id: string): Draft | null {
  return drafts.get(id) ?? null;
}

export function holdBytes(rows: readonly BytesRow[]): void {
  for (const row of rows) bytes.set(row.sha256, row);
}

export function heldBytes(sha256: string): BytesRow | null {
  return bytes.get(sha256) ?? null;
}

/** The draft and all bytes that it names and that lie here, together or not at all; bytes are written once. */
export async function keepDraft(db: Database, draft: Draft): Promise<void> {
  const body = seal(draft);
  const named = JSON.stringify(draft);
  const rows = [...bytes.values()].filter((row) => named.includes(row.sha256));
  await db.run(() =>
    db.transaction("rw", [db.drafts, db.bytes], async () => {
      for (const row of rows) await writeOwn(db, row);
      await db.drafts.put({ id: draft.id, changed_at: draft.changed_at, binned: 0, body });
    }),
  );
  drafts.delete(draft.id);
  for (const row of rows) bytes.delete(row.sha256);
}

/**
 * Own bytes are written once; but over a copy of the server's, which has the same name, other bytes (it was encoded
 * anew), and goes when its record goes. Inside a transaction of the caller's.
 */
export async function writeOwn(db: Database, row: BytesRow): Promise<void> {
  const there = await db.bytes.get(row.sha256);
  if (!there || there.pulled_for !== null) await db.bytes.put(row);
}
